// SPDX-License-Identifier: Apache-2.0

/** What only a real API server does: server-side apply, definitions, refusals. */

import assert from 'node:assert/strict';
import {
  type ApplyPolicy,
  diagnose,
  type InstallOptions,
  install,
  type Preview,
  previewInstall,
  previewUpgrade,
  printPlan,
  rollback,
  type UpgradeOptions,
  uninstall,
  upgrade,
} from '@helm-operator/helm';
import { fieldAt, type JsonObject } from '@helm-operator/kube';
import type { ControlPlane } from '../kit/control-plane/control-plane.ts';
import { type FakeChart, FakeRender } from '../kit/fake-render.ts';
import { until } from '../kit/helm-release.ts';
import { configMap } from '../kit/release-harness.ts';
import { clusterTest, makeNamespace } from '../kit/shared-plane.ts';
import { type Engine, openEngine } from './helm/engine.ts';

/** A release in a namespace of its own; charts are written as documents. */
class Story {
  readonly plane: ControlPlane;
  readonly engine: Engine;
  readonly namespace: string;
  readonly log: string[] = [];
  readonly #render = new FakeRender();

  constructor(plane: ControlPlane, engine: Engine, namespace: string) {
    this.plane = plane;
    this.engine = engine;
    this.namespace = namespace;
  }

  options(chart: FakeChart, change: Partial<UpgradeOptions & InstallOptions> = {}) {
    return {
      profile: 'helm4',
      release: { name: 'web', namespace: this.namespace },
      timeoutMs: 30_000,
      wait: { strategy: 'none' },
      hooks: {},
      chart: this.#render.chart(chart),
      values: new Map(),
      render: {},
      apply: SERVER,
      crds: { mode: 'create' },
      history: { maxRevisions: 10 },
      ...change,
    } as const;
  }

  context() {
    return this.engine.context(this.namespace, 'helm4', {
      render: this.#render,
      log: ({ message }) => this.log.push(message),
    });
  }

  async object(path: string): Promise<JsonObject> {
    const { body } = await this.plane.call('GET', path.replace('NS', this.namespace));
    return body as JsonObject;
  }

  async send(method: string, path: string, body: unknown): Promise<void> {
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    const place = path.replace('NS', this.namespace);
    const { status } = await this.plane.call(method, place, body, type);
    assert.ok(status < 300, `${method} ${place}: ${status}`);
  }
}

const SERVER: ApplyPolicy = { method: 'server', fieldManager: 'helm' };
const CLIENT: ApplyPolicy = { method: 'client', fieldManager: 'helm' };

function story(name: string, run: (story: Story) => Promise<void>): void {
  clusterTest(name, async (plane) => {
    const engine = await openEngine(plane.kubeconfig);
    try {
      await run(new Story(plane, engine, await makeNamespace(plane, 'actions')));
    } finally {
      await engine.close();
    }
  });
}

const DATA = '/api/v1/namespaces/NS/configmaps/a';

/** `manager operation`, of everything that owns fields of an object. */
function ownersOf(object: JsonObject): readonly string[] {
  const entries = (fieldAt(object, 'metadata.managedFields') ?? []) as JsonObject[];
  return entries.map((entry) => `${entry['manager']} ${entry['operation']}`).toSorted();
}

function dataOf(object: JsonObject): unknown {
  return object['data'];
}

const chart = (data: string): FakeChart => ({ documents: [configMap('a', data)] });

story('apply methods change without losing or doubling a field', async (one) => {
  const steps: readonly (readonly [string, ApplyPolicy, unknown, readonly string[]])[] = [
    ['x: "1"\n  k: "1"', CLIENT, { x: '1', k: '1' }, ['helm Update']],
    ['x: "1"', SERVER, { x: '1' }, ['helm Apply']],
    ['x: "2"\n  z: "1"', CLIENT, { x: '2', z: '1' }, ['helm Apply', 'helm Update']],
    ['x: "2"', SERVER, { x: '2' }, ['helm Apply']],
    ['w: "1"', SERVER, { w: '1' }, ['helm Apply']],
  ];
  for (const [i, [data, apply, expected, owners]] of steps.entries()) {
    const options = one.options(chart(data), { apply });
    const record = await (i === 0 ? install : upgrade)(options, one.context());
    assert.equal(record.applyMethod, apply.method === 'client' ? 'csa' : 'ssa');
    const live = await one.object(DATA);
    assert.deepEqual(dataOf(live), expected, `step ${i}`);
    assert.deepEqual(ownersOf(live), owners, `step ${i}`);
  }
  // Back to a revision that was written client-side: `auto` follows its record.
  const auto: ApplyPolicy = { method: 'auto', fieldManager: 'helm' };
  const options = { ...one.options(chart(''), { apply: auto }), toRevision: 3 };
  const record = await rollback(options, one.context());
  assert.equal(record.applyMethod, 'csa');
  assert.deepEqual(dataOf(await one.object(DATA)), { x: '2', z: '1' });
});

story('a release that another Helm wrote loses what its chart drops', async (one) => {
  await install(one.options(chart('x: "1"\n  k: "1"'), { apply: CLIENT }), one.context());
  const controller = { fieldManager: 'helm-controller', mustForceConflicts: true } as const;
  const apply: ApplyPolicy = { method: 'server', ...controller };
  await upgrade(one.options(chart('x: "2"'), { apply }), one.context());
  const live = await one.object(DATA);
  assert.deepEqual(dataOf(live), { x: '2' });
  assert.deepEqual(ownersOf(live), ['helm-controller Apply']);
  // And from one that applies server-side.
  const back: ApplyPolicy = { ...SERVER, mustForceConflicts: true };
  await upgrade(one.options(chart('z: "1"'), { apply: back }), one.context());
  assert.deepEqual(dataOf(await one.object(DATA)), { z: '1' });
});

story(
  'conflicts are told in Helm 4 words, with fields and a mend, and can be forced',
  async (one) => {
    await install(one.options(chart('x: "1"')), one.context());
    await one.send('PATCH', `${DATA}?fieldManager=person`, { data: { x: 'mine' } });
    const options = one.options(chart('x: "2"'));
    await assert.rejects(upgrade(options, one.context()), (error: Error) => {
      assert.match(
        error.message,
        new RegExp(
          `^conflict occurred while applying object ${one.namespace}/a /v1, Kind=ConfigMap: Apply failed with 1 conflict: conflict with "person" using v1: \\.data\\.x$`,
        ),
      );
      const { reason, retry, fields, mend } = diagnose(error);
      assert.deepEqual([reason, retry, fields], ['field-conflict', 'terminal', ['data.x']]);
      assert.match(mend, /force conflicts/);
      return true;
    });
    const apply: ApplyPolicy = { ...SERVER, mustForceConflicts: true };
    await upgrade({ ...options, apply }, one.context());
    assert.deepEqual(dataOf(await one.object(DATA)), { x: '2' });
  },
);

function crd(group: string, versions: readonly string[]): string {
  const served = versions.map((name, i) => ({
    name,
    served: true,
    storage: i === 0,
    schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
  }));
  return JSON.stringify({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `cats.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind: 'Cat', plural: 'cats', singular: 'cat', listKind: 'CatList' },
      versions: served,
    },
  });
}

for (const [mode, after] of [
  ['skip', ['v1']],
  ['create', ['v1']],
  ['create-replace', ['v1', 'v2']],
  ['apply', ['v1', 'v2']],
] as const) {
  story(`definitions of crds/: ${mode}`, async (one) => {
    const group = `${one.namespace}.test`;
    const cat = `apiVersion: ${group}/v1\nkind: Cat\nmetadata: {name: c}\nspec: {size: 1}`;
    const given = (versions: readonly string[]): FakeChart => ({
      documents: [cat],
      crds: [{ name: 'web/crds/cat.yaml', text: crd(group, versions) }],
    });
    const path = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/cats.${group}`;
    const apply: ApplyPolicy = { ...SERVER, mustForceConflicts: true };
    // Definitions and their objects in one go: established before anything is rendered.
    const first = one.options(given(['v1']), {
      apply,
      crds: { mode: mode === 'skip' ? 'create' : mode },
    });
    await install(first, one.context());
    const cats = `/apis/${group}/v1/namespaces/NS/cats/c`;
    assert.equal(fieldAt(await one.object(cats), 'spec.size'), 1);
    const { profile, release, timeoutMs, wait, hooks } = first;
    await uninstall({ profile, release, timeoutMs, wait, hooks }, one.context());

    await install(one.options(given(['v1', 'v2']), { apply, crds: { mode } }), one.context());
    const versions = async (): Promise<readonly unknown[]> =>
      (fieldAt(await one.object(path), 'spec.versions') as JsonObject[]).map(({ name }) => name);
    assert.deepEqual(await versions(), after);

    // An upgrade may bring a version and use it at once.
    const isRenewed = mode === 'create-replace' || mode === 'apply';
    const chart = given(['v1', 'v2', 'v3']);
    const documents = [isRenewed ? cat.replace('/v1', '/v3').replace('1}', '3}') : cat];
    await upgrade(one.options({ ...chart, documents }, { apply, crds: { mode } }), one.context());
    assert.deepEqual(await versions(), isRenewed ? [...after, 'v3'] : after);
    assert.equal(fieldAt(await one.object(cats), 'spec.size'), isRenewed ? 3 : 1);
    await one.plane.call('DELETE', path);
  });
}

const DEPLOYMENT = (replicas: number, app = 'd'): string => `apiVersion: apps/v1
kind: Deployment
metadata: {name: d}
spec:
  replicas: ${replicas}
  selector: {matchLabels: {app: ${app}}}
  template:
    metadata: {labels: {app: ${app}}}
    spec: {containers: [{name: main, image: "nginx:1", ports: [{containerPort: 80}]}]}`;

story('a preview says what then happens, and what will be refused', async (one) => {
  for (const method of ['client', 'server'] as const) {
    const apply: ApplyPolicy = { method, fieldManager: 'helm' };
    const release = { name: method, namespace: one.namespace };
    const first = { documents: [DEPLOYMENT(0).replace('name: d}', `name: ${method}}`)] };
    const options = one.options(first, { apply, release });
    const shown = await previewInstall(options, one.context(), { mustAskServer: true });
    assert.match(text(shown), new RegExp(`\\+ create Deployment/${one.namespace}/${method}`));
    await install({ ...options, shownPlan: shown.plan.fingerprint }, one.context());
    // What a controller writes between two looks of a preview is a difference, too.
    await until('the controller has seen the Deployment', async () => {
      const live = await one.object(`/apis/apps/v1/namespaces/NS/deployments/${method}`);
      return fieldAt(live, 'status.observedGeneration') === 1;
    });

    const second = { documents: [first.documents[0]?.replace('nginx:1', 'nginx:2') ?? ''] };
    const next = one.options(second, { apply, release });
    const exact = await previewUpgrade(next, one.context(), { mustAskServer: true });
    const guessed = await previewUpgrade(next, one.context());
    for (const preview of [exact, guessed]) {
      assert.deepEqual(changesOf(preview), [
        'spec.template.spec.containers[name=main].image: nginx:1 → nginx:2',
      ]);
    }
    await upgrade({ ...next, shownPlan: exact.plan.fingerprint }, one.context());

    const third = { documents: [second.documents[0]?.replaceAll('app: d', 'app: x') ?? ''] };
    const refused = one.options(third, { apply, release });
    const doomed = await previewUpgrade(refused, one.context(), { mustAskServer: true });
    assert.match(text(doomed), /! refuse Deployment[\s\S]*field is immutable[\s\S]*to mend it: /);
    await assert.rejects(upgrade(refused, one.context()), (error: Error) => {
      const { reason, fields } = diagnose(error);
      assert.deepEqual([reason, fields], ['immutable-field', ['spec.selector']]);
      return true;
    });
    const again: ApplyPolicy = { ...apply, onImmutable: 'recreate' };
    const recreating = await previewUpgrade({ ...refused, apply: again }, one.context(), {
      mustAskServer: true,
    });
    assert.match(text(recreating), /± recreate Deployment/);
    await upgrade({ ...refused, apply: again }, one.context());
    const live = await one.object(`/apis/apps/v1/namespaces/NS/deployments/${method}`);
    const operation = method === 'server' ? 'Apply' : 'Update';
    assert.ok(ownersOf(live).includes(`helm ${operation}`), ownersOf(live).join());
  }
  assert.deepEqual(one.log, []);
});

function text({ plan }: Preview): string {
  return printPlan(plan, { redact: (line) => line });
}

function changesOf({ plan }: Preview): readonly string[] {
  return plan.stages
    .flatMap(({ items }) => items)
    .flatMap(({ changes }) => changes)
    .map(({ path, before, after }) => `${path}: ${String(before)} → ${String(after)}`);
}

story(
  'APIs that Kubernetes removed block nothing: they are mapped, compared, pruned and deleted',
  async (one) => {
    const documents = [DEPLOYMENT(0), configMap('a')];
    const context = one.context();
    const made = await install(one.options({ documents }, { apply: CLIENT }), context);
    const asStored = (record: typeof made) => ({
      ...record,
      manifest: `${record.manifest.replace('apps/v1', 'extensions/v1beta1')}---\n# Source: x\napiVersion: policy/v1beta1\nkind: PodSecurityPolicy\nmetadata: {name: p}\n`,
    });
    await context.storage.update(asStored(made));
    const path = '/apis/apps/v1/namespaces/NS/deployments/d';
    const { uid } = fieldAt(await one.object(path), 'metadata') as { uid: string };

    const next = { documents: [DEPLOYMENT(0).replace('nginx:1', 'nginx:2'), configMap('a')] };
    const record = await upgrade(one.options(next, { apply: CLIENT }), one.context());
    const live = await one.object(path);
    assert.equal(imageOf(live), 'nginx:2');
    assert.equal(fieldAt(live, 'metadata.uid'), uid);
    assert.deepEqual(one.log, [
      'the cluster no longer serves an API of the current release: extensions/v1beta1 Deployment d → apps/v1',
      'the cluster no longer serves policy/v1beta1 PodSecurityPolicy p of the current release: taken as gone',
    ]);

    await context.storage.update(asStored(record));
    await upgrade(one.options({ documents: [configMap('a')] }, { apply: CLIENT }), one.context());
    assert.equal((await one.object(path))['code'], 404);
  },
);

function imageOf(object: JsonObject): unknown {
  const [container] = fieldAt(object, 'spec.template.spec.containers') as JsonObject[];
  return container?.['image'];
}

const MANY_KINDS: readonly string[] = [
  DEPLOYMENT(0)
    .replace(
      'ports: [{containerPort: 80}]',
      'ports: [{containerPort: 80}, {containerPort: 53, protocol: UDP}], args: [a, b], env: [{name: A, value: "1"}, {name: B, valueFrom: {fieldRef: {fieldPath: metadata.name}}}], resources: {limits: {cpu: 100m, memory: 64Mi}}, readinessProbe: {httpGet: {path: /, port: 80}}, volumeMounts: [{name: v, mountPath: /v}], securityContext: {capabilities: {drop: [ALL]}}',
    )
    .replace(
      'containers:',
      'volumes: [{name: v, emptyDir: {}}], imagePullSecrets: [{name: x}], tolerations: [{key: k, operator: Exists}], containers:',
    ),
  'apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {selector: {app: d}, ports: [{port: 80, name: http, targetPort: http}, {port: 53, name: dns, protocol: UDP}]}',
  'apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: sa}\nautomountServiceAccountToken: false',
  'apiVersion: v1\nkind: Secret\nmetadata: {name: se}\ndata: {a: Yg==}',
  'apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: r}\nrules: [{apiGroups: [""], resources: [pods], verbs: [get, list]}]',
  'apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: rb}\nroleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: r}\nsubjects: [{kind: ServiceAccount, name: sa, namespace: default}]',
  'apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: i, annotations: {a.b/c: d}}\nspec: {rules: [{host: x.test, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: s, port: {name: http}}}}]}}]}',
  'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: np}\nspec: {podSelector: {matchLabels: {app: d}}, ingress: [{ports: [{port: 80}]}]}',
  'apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: h}\nspec: {minReplicas: 1, maxReplicas: 2, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: d}, metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 80}}}]}',
  'apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: pdb}\nspec: {minAvailable: 1, selector: {matchLabels: {app: d}}}',
  'apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: cj}\nspec: {schedule: "0 0 * * *", jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: m, image: x}]}}}}}',
  'apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: pvc}\nspec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}',
  configMap('a'),
];

for (const method of ['server', 'client'] as const) {
  story(
    `${method}: an unchanged release of many kinds gets no request, drift is put right`,
    async (one) => {
      const apply: ApplyPolicy = {
        method,
        fieldManager: 'helm',
        mustForceConflicts: method === 'server',
      };
      const options = one.options({ documents: MANY_KINDS }, { apply });
      await install(options, one.context());
      const { plan } = await previewUpgrade(options, one.context());
      const busy = plan.stages.flatMap(({ items }) => items).filter(({ verb }) => verb !== 'keep');
      // What is replaced whole gets its patch every time, as with Helm 3: the server's defaults in it are not in the manifest.
      const expected = method === 'server' ? [] : ['NetworkPolicy', 'PodDisruptionBudget'];
      assert.deepEqual(
        busy.map(({ ref }) => ref.kind),
        expected,
      );
      await one.send('PATCH', `${DATA}?fieldManager=person`, { data: { a: 'drift' } });
      await upgrade(options, one.context());
      assert.deepEqual(dataOf(await one.object(DATA)), { a: 'b' });
    },
  );
}

story(
  'what only a failed upgrade added goes server-side and stays client-side, as with Helm',
  async (one) => {
    for (const [method, left] of [
      ['server', { a: 'b' }],
      ['client', { a: 'b', more: 'x' }],
    ] as const) {
      const apply: ApplyPolicy = { method, fieldManager: 'helm' };
      const release = { name: method, namespace: one.namespace };
      const map = (data: string) => configMap(method, data);
      const options = (data: string, ...more: string[]) =>
        one.options({ documents: [map(data), ...more] }, { apply, release });
      await install(options('a: b'), one.context());
      const broken = `${SERVICE_HEAD}{ports: [{port: 99999}]}`;
      await assert.rejects(upgrade(options('a: b\n  more: x', broken), one.context()));
      await upgrade(options('a: b'), one.context());
      const path = `/api/v1/namespaces/NS/configmaps/${method}`;
      assert.deepEqual(dataOf(await one.object(path)), left, method);
    }
  },
);

const SERVICE_HEAD = 'apiVersion: v1\nkind: Service\nmetadata: {name: broken}\nspec: ';
