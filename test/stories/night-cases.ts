// SPDX-License-Identifier: Apache-2.0

/** Table: what goes wrong at three in the morning, and what the status must say of it. */

import { createHash } from 'node:crypto';
import { type ChartRepository, type PackedChart, packChart } from '../kit/chart-repository.ts';
import type { ControlPlane } from '../kit/control-plane/control-plane.ts';
import type { GitSshServer } from '../kit/git-ssh-server.ts';
import { until } from '../kit/helm-release.ts';
import { makeNamespace } from '../kit/shared-plane.ts';

/** What a case has at hand. */
export interface Night {
  readonly plane: ControlPlane;
  /** Of the HelmReleases. */
  readonly namespace: string;
  readonly repository: ChartRepository;
  /** Asks for a user and a password that nobody has. */
  readonly closedRepository: ChartRepository;
  /** Absent where no `sshd` is. */
  readonly ssh: GitSshServer | undefined;
  readonly sshFolder: string;
  /** Creates or changes a HelmRelease. */
  apply(
    name: string,
    spec: { readonly [field: string]: unknown },
    annotations?: Readonly<Record<string, string>>,
  ): Promise<void>;
  untilReleased(name: string): Promise<void>;
}

/** What must stand in `status.failure`, in condition `Released` and in an event. */
export interface ExpectedFailure {
  readonly link: string;
  readonly reason: string;
  readonly retry: string;
  /** In condition and event. */
  readonly says: RegExp;
  /** The object to blame. */
  readonly culprit?: RegExp;
  readonly mend: RegExp;
  /** An attempt at a known time, or nothing before something changes. */
  readonly next: 'attempt' | 'change';
}

/** Nothing is done before another HelmRelease is ready. */
export interface ExpectedWait {
  readonly waits: RegExp;
}

/** Released, and somebody changed it. */
export interface ExpectedDrift {
  readonly drift: RegExp;
  readonly event: RegExp;
}

export type Expected = ExpectedFailure | ExpectedWait | ExpectedDrift;

export interface NightCase {
  /** Also the HelmRelease. */
  readonly name: string;
  /** Spoils it, beginning with nothing. */
  spoil(night: Night): Promise<void>;
  readonly expected: Expected;
}

/** A hook whose object stays, since nobody takes its finalizer away. */
const HOOK = `{{- if .Values.hook }}
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}-hook
  finalizers: [pets.test/clings]
  annotations: {helm.sh/hook: "pre-install,pre-upgrade"}
{{- end }}
`;

const NIGHT_CHART = new Map([
  ['Chart.yaml', 'apiVersion: v2\nname: night\nversion: 1.0.0\n'],
  ['values.yaml', 'app: a\nreplicas: 0\noutcome: ready\ntext: a\nhook: false\n'],
  [
    'templates/deployment.yaml',
    `apiVersion: apps/v1
kind: Deployment
metadata: {name: {{ .Release.Name }}}
spec:
  replicas: {{ .Values.replicas }}
  selector: {matchLabels: {app: {{ .Values.app }}}}
  template:
    metadata:
      labels: {app: {{ .Values.app }}}
      annotations: {kit/outcome: {{ .Values.outcome }}}
    spec: {containers: [{name: c, image: "busybox:1"}]}
`,
  ],
  [
    'templates/config.yaml',
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ .Release.Name }}-config}\ndata: {text: {{ .Values.text | quote }}}\n',
  ],
  ['templates/hook.yaml', HOOK],
]);

const noise = (bytes: number): string => {
  let text = '';
  for (let turn = 0; text.length < bytes; turn++)
    text += createHash('sha256').update(String(turn)).digest('base64');
  return text.slice(0, bytes);
};

/** Three ConfigMaps of 600 KiB that nothing compresses. */
const BIG_CHART = new Map([
  ['Chart.yaml', 'apiVersion: v2\nname: big\nversion: 1.0.0\n'],
  ...[1, 2, 3].map((turn): [string, string] => [
    `templates/config-${turn}.yaml`,
    `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: big-${turn}}\ndata:\n  text: ${noise(600_000 + turn).slice(turn)}\n`,
  ]),
]);

export async function nightCharts(folder: string): Promise<readonly PackedChart[]> {
  return Promise.all([NIGHT_CHART, BIG_CHART].map((files) => packChart(folder, files)));
}

async function post({ plane }: Night, path: string, body: object): Promise<void> {
  const { status, body: answer } = await plane.call('POST', path, body);
  if (status >= 300) throw new Error(`POST ${path}: ${JSON.stringify(answer)}`);
}

const core = (namespace: string): string => `/api/v1/namespaces/${namespace}`;

const chart = ({ repository }: Night, name = 'night', version = '1.0.0'): object => ({
  repository: repository.url,
  name,
  version,
});

/** A namespace beside that of the HelmReleases. */
const beside = ({ plane }: Night): Promise<string> => makeNamespace(plane, 'night');

async function clings(night: Night, namespace: string): Promise<void> {
  await post(night, `${core(namespace)}/configmaps`, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'clings', finalizers: ['pets.test/clings'] },
  });
}

async function quota(night: Night, hard: Record<string, string>): Promise<string> {
  const namespace = await beside(night);
  await post(night, `${core(namespace)}/resourcequotas`, {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'narrow' },
    spec: { hard },
  });
  await until('the quota is counted', async () => {
    const { body } = await night.plane.call('GET', `${core(namespace)}/resourcequotas/narrow`);
    return (body as { status?: { used?: object } }).status?.used !== undefined;
  });
  return namespace;
}

async function brokenWebhook(night: Night): Promise<string> {
  const namespace = await beside(night);
  const group = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations';
  await post(night, group, {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: `down-${namespace}` },
    webhooks: [
      {
        name: 'down.pets.test',
        clientConfig: { service: { name: 'policies', namespace, path: '/' } },
        failurePolicy: 'Fail',
        sideEffects: 'None',
        timeoutSeconds: 2,
        admissionReviewVersions: ['v1'],
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
        rules: [
          {
            apiGroups: [''],
            apiVersions: ['v1'],
            operations: ['CREATE'],
            resources: ['configmaps'],
          },
        ],
      },
    ],
  });
  const probe = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'probe-' } };
  await until(
    'the webhook is asked',
    async () =>
      (await night.plane.call('POST', `${core(namespace)}/configmaps`, probe)).status > 299,
  );
  return namespace;
}

export const NIGHT_CASES: readonly NightCase[] = [
  {
    name: 'dependency-missing',
    spoil: (night) =>
      night.apply(
        'dependency-missing',
        { chart: chart(night) },
        { 'helm-operator.dev/depends-on': 'nobody' },
      ),
    expected: { waits: /dependency '.*\/nobody' does not exist: create it/ },
  },
  {
    name: 'dependency-broken',
    spoil: async (night) => {
      await night.apply('broken', { chart: chart(night, 'nowhere') });
      await night.apply(
        'dependency-broken',
        { chart: chart(night) },
        { 'helm-operator.dev/depends-on': 'broken' },
      );
    },
    expected: {
      waits:
        /broken' is not ready: Chart fetch failed .* chart "nowhere" version "1.0.0" not found in .*compare chart\.name/,
    },
  },
  {
    name: 'dependency-circle',
    spoil: async (night) => {
      await night.apply(
        'dependency-circle',
        { chart: chart(night) },
        { 'helm-operator.dev/depends-on': 'circle-b' },
      );
      await night.apply(
        'circle-b',
        { chart: chart(night) },
        { 'helm-operator.dev/depends-on': 'dependency-circle' },
      );
    },
    expected: {
      waits:
        /in a circle \(.*dependency-circle → .*circle-b → .*dependency-circle\); take one dependency out/,
    },
  },
  {
    name: 'quota-object',
    spoil: async (night) => {
      const targetNamespace = await quota(night, { 'count/configmaps': '1' });
      await night.apply('quota-object', { chart: chart(night), targetNamespace });
    },
    expected: {
      ...{ link: 'apply', reason: 'quota', retry: 'waiting', next: 'attempt' },
      culprit: /^ConfigMap night-\S+\/quota-object-config$/,
      says: /exceeded quota: narrow, requested: count\/configmaps=1/,
      mend: /^raise the quota of the namespace, or ask for less$/,
    },
  },
  {
    name: 'quota-pods',
    spoil: async (night) => {
      const targetNamespace = await quota(night, { pods: '0' });
      await night.apply('quota-pods', {
        chart: chart(night),
        targetNamespace,
        wait: true,
        values: { replicas: 1 },
      });
    },
    expected: {
      ...{ link: 'ready', reason: 'wait-impossible', retry: 'unknown', next: 'attempt' },
      culprit: /^Deployment night-\S+\/quota-pods$/,
      says: /FailedCreate: .* exceeded quota: narrow, requested: pods=1/,
      mend: /^raise the ResourceQuota/,
    },
  },
  {
    name: 'namespace-ends',
    spoil: async (night) => {
      const targetNamespace = await beside(night);
      await clings(night, targetNamespace);
      await night.plane.call('DELETE', core(targetNamespace));
      await night.apply('namespace-ends', { chart: chart(night), targetNamespace });
    },
    expected: {
      ...{ link: 'apply', reason: 'namespace-terminating', retry: 'waiting', next: 'attempt' },
      culprit: /^secrets sh\.helm\.release\.v1\.namespace-ends\.v1$/,
      says: /is being terminated; namespace night-\S+: .*pets\.test\/clings/,
      mend: /^wait until the namespace is gone/,
    },
  },
  {
    name: 'deletion-hangs',
    spoil: async (night) => {
      const spec = { chart: chart(night), timeout: 5 };
      await night.apply('deletion-hangs', { ...spec, values: { hook: true } });
      await night.untilReleased('deletion-hangs');
      await night.apply('deletion-hangs', { ...spec, values: { hook: true, text: 'b' } });
    },
    expected: {
      ...{ link: 'apply', reason: 'wait-timeout', retry: 'transient', next: 'attempt' },
      culprit: /^ConfigMap \S+\/deletion-hangs-hook$/,
      says: /being deleted since \S+, held by finalizers: pets\.test\/clings/,
      mend: /^find the controller that owns the finalizer/,
    },
  },
  {
    name: 'drift',
    spoil: async (night) => {
      await night.apply('drift', { chart: chart(night) });
      await night.untilReleased('drift');
      const path = `${core(night.namespace)}/configmaps/drift-config`;
      await night.plane.call(
        'PATCH',
        path,
        { data: { text: 'by hand' } },
        'application/merge-patch+json',
      );
    },
    expected: {
      drift: /^ConfigMap \S+\/drift-config changed: data\.text: by hand instead of a$/,
      event:
        /DriftDetected .*drift-config changed \(data\.text\); it stays so until the next upgrade; --drift-detection=correct/,
    },
  },
  {
    name: 'record-large',
    spoil: (night) => night.apply('record-large', { chart: chart(night, 'big') }),
    expected: {
      ...{ link: 'apply', reason: 'record-too-large', retry: 'terminal', next: 'change' },
      says: /1\d{6} bytes packed, 1032192 allowed, .*packed bytes of its parts: manifest 1\d{6}/,
      mend: /^make the manifest or the values smaller/,
    },
  },
  {
    name: 'webhook-down',
    spoil: async (night) => {
      const targetNamespace = await brokenWebhook(night);
      await night.apply('webhook-down', { chart: chart(night), targetNamespace });
    },
    expected: {
      ...{ link: 'apply', reason: 'webhook-down', retry: 'transient', next: 'attempt' },
      culprit: /^ConfigMap night-\S+\/webhook-down-config$/,
      says: /failed calling webhook "down\.pets\.test": .*service "policies" not found/,
      mend: /^check the service and the pods of the webhook$/,
    },
  },
  {
    name: 'immutable',
    spoil: async (night) => {
      await night.apply('immutable', { chart: chart(night) });
      await night.untilReleased('immutable');
      await night.apply('immutable', { chart: chart(night), values: { app: 'b' } });
    },
    expected: {
      ...{ link: 'apply', reason: 'immutable-field', retry: 'terminal', next: 'attempt' },
      culprit: /^Deployment (?:\S+\/)?immutable$/,
      says: /spec\.selector: Invalid value: .*field is immutable/,
      mend: /^set the field back to its old value; or let the object be recreated/,
    },
  },
  {
    name: 'image-pull',
    spoil: (night) =>
      night.apply('image-pull', {
        chart: chart(night),
        wait: true,
        values: { replicas: 1, app: 'image-pull', outcome: 'pull' },
      }),
    expected: {
      ...{ link: 'ready', reason: 'wait-impossible', retry: 'unknown', next: 'attempt' },
      culprit: /^Deployment \S+\/image-pull$/,
      says: /pod image-pull-\S+, container c: ImagePullBackOff/,
      mend: /^check the image name, its tag and the pull secret/,
    },
  },
  {
    name: 'values-key-missing',
    spoil: async (night) => {
      await post(night, `${core(night.namespace)}/secrets`, {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'prod-values' },
        stringData: { 'other.yaml': 'replicas: 0' },
      });
      await night.apply('values-key-missing', {
        chart: chart(night),
        valuesFrom: [{ secretKeyRef: { name: 'prod-values', key: 'prod.yaml' } }],
      });
    },
    expected: {
      ...{ link: 'values', reason: 'values', retry: 'waiting', next: 'attempt' },
      says: /could not find key prod\.yaml in Secret \S+\/prod-values/,
      mend: /^add it, or mark the reference optional$/,
    },
  },
  {
    name: 'version-missing',
    spoil: (night) => night.apply('version-missing', { chart: chart(night, 'night', '9.9.9') }),
    expected: {
      ...{ link: 'chart', reason: 'not-found', retry: 'transient', next: 'attempt' },
      says: /chart "night" version "9\.9\.9" not found in \S+ repository: it has 1\.0\.0/,
      mend: /^compare chart\.name and chart\.version/,
    },
  },
  {
    name: 'credentials-expired',
    spoil: async (night) => {
      await post(night, `${core(night.namespace)}/secrets`, {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'login' },
        stringData: { username: 'bot', password: 'sword-fish' },
      });
      await night.apply('credentials-expired', {
        chart: {
          repository: night.closedRepository.url,
          name: 'night',
          version: '1.0.0',
          chartPullSecret: { name: 'login' },
        },
      });
    },
    expected: {
      ...{ link: 'source', reason: 'chart-secret', retry: 'terminal', next: 'attempt' },
      says: /Secret \S+\/login of spec\.chart\.chartPullSecret is refused: .* 401 Unauthorized/,
      mend: /^correct what Secret \S+\/login holds/,
    },
  },
  {
    name: 'host-key',
    spoil: (night) =>
      night.apply('host-key', {
        chart: { git: night.ssh?.urlOf(night.sshFolder), path: 'chart', ref: 'main' },
      }),
    expected: {
      ...{ link: 'source', reason: 'refused-host-key', retry: 'terminal', next: 'attempt' },
      says: /the host shows another key than the one that is known: ED25519 SHA256:/,
      mend: /^compare that fingerprint/,
    },
  },
  {
    name: 'not-owner',
    spoil: async (night) => {
      await night.apply('owner', { chart: chart(night) });
      await night.untilReleased('owner');
      await night.apply('not-owner', { chart: chart(night), releaseName: 'owner' });
    },
    expected: {
      ...{ link: 'apply', reason: 'not-owned', retry: 'waiting', next: 'change' },
      says: /release appears to be managed by '\S+:helmrelease\/owner'/,
      mend: /^delete that HelmRelease or give this one another releaseName$/,
    },
  },
];
