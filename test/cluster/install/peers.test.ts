// SPDX-License-Identifier: Apache-2.0

/** The operator's chart in the hands of Helm 3, Helm 4, our own commands and our own operator. */

import assert from 'node:assert/strict';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packChart } from '../../kit/chart-repository.ts';
import type { ControlPlane } from '../../kit/control-plane/control-plane.ts';
import { until, untilReleased } from '../../kit/helm-release.ts';
import { mustRun, runPeer } from '../../kit/kubectl.ts';
import { runCli } from '../../kit/run-cli.ts';
import { clusterTest, makeNamespace } from '../../kit/shared-plane.ts';
import { story } from '../operator/story.ts';
import { OPERATOR_CHART as CHART } from './installed-chart.ts';

/** `npm test` takes a sample, `npm run test:stories` all. */
const isLong = process.env['LONG'] === 'true';

const VARIANTS: readonly (readonly string[])[] = [
  [],
  ['rbac.profile=least-privilege', 'replicas=2', 'podDisruptionBudget.enabled=true'],
  ['clusterRole.create=false', 'git.ssh.known_hosts=git.example.com ssh-ed25519 AAAA'],
  ['createCRD=true', 'prometheus.enabled=true', 'prometheus.serviceMonitor.create=true'],
  ['dashboards.enabled=true', 'networkPolicy.enabled=true', 'rbac.pspEnabled=true'],
];

clusterTest(
  'Helm 3, Helm 4 and we find nothing wrong with the operator chart, and render the same',
  async (plane) => {
    for (const tool of ['helm3', 'helm4'] as const)
      await mustRun(tool, plane.kubeconfig, ['lint', '--strict', CHART]);
    const lint = await runCli(['helm', 'lint', '--strict', CHART]);
    assert.equal(lint.code, 0, lint.stdout);
    for (const variant of isLong ? VARIANTS : VARIANTS.slice(0, 2)) {
      const set = variant.flatMap((setting) => ['--set', setting]);
      const args = ['template', 'flux', CHART, '-n', 'flux', '--include-crds', ...set];
      const ours = await runCli(['helm', ...args]);
      assert.equal(ours.code, 0, ours.stderr);
      assert.equal(ours.stdout, await mustRun('helm3', plane.kubeconfig, args), variant.join());
      assert.deepEqual(
        documentsOf(await mustRun('helm4', plane.kubeconfig, args)),
        documentsOf(ours.stdout),
        variant.join(),
      );
    }
  },
);

/** Helm 4 puts other lines between them. */
function documentsOf(text: string): readonly string[] {
  return text
    .split(/^---.*$/m)
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .toSorted();
}

interface Deployed {
  readonly labels: Readonly<Record<string, string>>;
  readonly uid: string;
  readonly image: string;
}

/** The Deployment, once its pods are ready. */
async function untilAvailable(
  plane: ControlPlane,
  namespace: string,
  name: string,
): Promise<Deployed> {
  let found: Deployed | undefined;
  await until(
    `Deployment ${namespace}/${name} is available`,
    async () => {
      const path = `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`;
      const { status, body } = await plane.call('GET', path);
      if (status !== 200) return false;
      const object = body as {
        metadata: { uid: string; generation: number };
        spec: {
          selector: { matchLabels: Record<string, string> };
          replicas: number;
          template: { spec: { containers: { image: string }[] } };
        };
        status?: { observedGeneration?: number; readyReplicas?: number; updatedReplicas?: number };
      };
      const { uid, generation } = object.metadata;
      const { selector, replicas, template } = object.spec;
      const image = template.spec.containers.map((one) => one.image).join();
      found = { labels: selector.matchLabels, uid, image };
      return (
        object.status?.observedGeneration === generation &&
        object.status.readyReplicas === replicas &&
        object.status.updatedReplicas === replicas
      );
    },
    60_000,
  );
  if (found === undefined) throw new Error('it was never seen');
  return found;
}

for (const tool of isLong ? (['helm3', 'helm4'] as const) : (['helm4'] as const))
  clusterTest(`${tool} installs, upgrades and removes the operator chart`, async (plane) => {
    const namespace = await makeNamespace(plane, 'install');
    const name = `${namespace}-helm-operator`;
    const common = [namespace, CHART, '-n', namespace];
    await mustRun(tool, plane.kubeconfig, ['install', ...common, '--set', 'image.tag=one']);
    assert.equal((await untilAvailable(plane, namespace, name)).image, 'helm-operator:one');
    await mustRun(tool, plane.kubeconfig, ['upgrade', ...common, '--set', 'replicas=2']);
    assert.match((await untilAvailable(plane, namespace, name)).image, /^helm-operator:\d/);
    const notes = await mustRun(tool, plane.kubeconfig, [
      'get',
      'notes',
      namespace,
      '-n',
      namespace,
    ]);
    assert.match(notes, new RegExp(`The operator runs in namespace ${namespace}`));
    await mustRun(tool, plane.kubeconfig, ['uninstall', namespace, '-n', namespace]);
  });

story('our operator installs its own chart, and keeps it', async (told) => {
  const { plane, namespace, operator, apply, repository } = told;
  const packed = await packChart(CHART);
  repository.add(packed);
  const chart = { repository: repository.url, name: packed.name, version: packed.version };
  await operator();
  await apply(namespace, { chart, wait: true, values: { workers: 2 } });
  await untilReleased(plane, namespace, namespace);
  await apply(namespace, { chart, wait: true, values: { workers: 3, rbac: { pspEnabled: true } } });
  await untilReleased(plane, namespace, namespace);
  await untilAvailable(plane, namespace, `${namespace}-helm-operator`);
  const history = await mustRun('helm3', plane.kubeconfig, [
    ...['history', namespace, '-n', namespace, '-o', 'json'],
  ]);
  assert.equal((JSON.parse(history) as unknown[]).length, 2);
});

/** As Helm Operator's chart made it, as far as an upgrade could trip over it. */
const ORIGINAL_TEMPLATE = `apiVersion: v1
kind: ServiceAccount
metadata: {name: {{ .Values.name }}, labels: {app: {{ .Values.app }}, release: {{ .Values.label | default .Release.Name }}}}
---
apiVersion: v1
kind: Secret
metadata: {name: {{ .Values.name }}-git-deploy}
type: Opaque
---
apiVersion: v1
kind: ConfigMap
metadata: {name: {{ .Values.name }}-kube-config}
data: {config: "{}"}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: {{ .Values.name }}}
rules: [{apiGroups: ['*'], resources: ['*'], verbs: ['*']}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: {{ .Values.name }}}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: {{ .Values.name }}}
subjects: [{kind: ServiceAccount, name: {{ .Values.name }}, namespace: {{ .Release.Namespace }}}]
---
apiVersion: v1
kind: Service
metadata: {name: {{ .Values.name }}}
spec:
  type: ClusterIP
  selector: {app: {{ .Values.app }}, release: {{ .Values.label | default .Release.Name }}}
  ports: [{name: http, port: 3030, targetPort: http, protocol: TCP}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: {{ .Values.name }}, labels: {app: {{ .Values.app }}, chart: helm-operator-1.4.4, heritage: Helm}}
spec:
  replicas: 1
  strategy: {type: Recreate}
  selector: {matchLabels: {app: {{ .Values.app }}, release: {{ .Values.label | default .Release.Name }}}}
  template:
    metadata: {labels: {app: {{ .Values.app }}, release: {{ .Values.label | default .Release.Name }}}}
    spec:
      serviceAccountName: {{ .Values.name }}
      volumes: [{name: git-key, secret: {secretName: {{ .Values.name }}-git-deploy, defaultMode: 0400}}]
      containers:
        - name: flux-helm-operator
          image: fluxcd/helm-operator:1.4.4
          args: [--enabled-helm-versions=v3, --workers=4, --tiller-namespace=kube-system]
          ports: [{name: http, containerPort: 3030}]
          volumeMounts: [{name: git-key, mountPath: /etc/fluxd/ssh, readOnly: true}]
`;

async function writeChart(name: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `helm-operator-${name}-`));
  await mkdir(join(folder, 'templates'));
  await writeFile(
    join(folder, 'Chart.yaml'),
    'apiVersion: v1\nname: helm-operator\nversion: 1.4.4\n',
  );
  await writeFile(join(folder, 'templates/all.yaml'), ORIGINAL_TEMPLATE);
  return folder;
}

/** How the names of the original's release came to be → the values with which ours gets the same. */
const ORIGINALS: readonly {
  readonly name: (release: string) => string;
  readonly app: string;
  /** The label `release`, where it is not the release's name. */
  readonly label?: string;
  readonly set: readonly string[];
  readonly by: 'helm3' | 'ours';
}[] = [
  { name: (release) => `${release}-helm-operator`, app: 'helm-operator', set: [], by: 'helm3' },
  {
    name: (release) => `${release}-flux-helm`,
    app: 'flux-helm',
    set: ['nameOverride=flux-helm'],
    by: 'ours',
  },
  {
    name: (release) => `${release}-x`,
    app: 'flux',
    label: 'before',
    set: ['selectorLabels.app=flux', 'selectorLabels.release=before', 'nameOverride=x'],
    by: 'helm3',
  },
];

for (const { name, app, label = '', set, by } of isLong ? ORIGINALS : ORIGINALS.slice(0, 1))
  clusterTest(
    `a release of the original chart (app: ${app}) becomes one of ours (${by})`,
    async (plane) => {
      const namespace = await makeNamespace(plane, 'original');
      const full = name(namespace);
      const original = await writeChart(namespace);
      const where = [namespace, original, '-n', namespace];
      const values = ['--set', `name=${full}`, '--set', `app=${app},label=${label}`];
      await mustRun('helm3', plane.kubeconfig, ['install', ...where, ...values]);
      const before = await untilAvailable(plane, namespace, full);
      const args = ['upgrade', namespace, CHART, '-n', namespace, '--reset-values', '--wait'];
      args.push(...set.flatMap((setting) => ['--set', setting]));
      const { code, stderr } =
        by === 'helm3'
          ? await runPeer('helm3', plane.kubeconfig, args)
          : await runCli(['helm', ...args], { env: { KUBECONFIG: plane.kubeconfig } });
      assert.equal(code, 0, stderr);
      const after = await untilAvailable(plane, namespace, full);
      assert.equal(after.uid, before.uid, 'the Deployment is the same one');
      assert.deepEqual(after.labels, before.labels);
      assert.match(after.image, /^helm-operator:/);
      await mustRun('helm3', plane.kubeconfig, ['uninstall', namespace, '-n', namespace]);
    },
  );
