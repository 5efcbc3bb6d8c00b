// SPDX-License-Identifier: Apache-2.0

/** Every class of failure, provoked for real: what it is called, whether a retry can help, what the message says. */

import assert from 'node:assert/strict';
import {
  diagnose,
  type InstallOptions,
  install,
  type Retry,
  retryOf,
  upgrade,
} from '@helm-operator/helm';
import type { ControlPlane } from '../kit/control-plane/control-plane.ts';
import { type FakeChart, FakeRender } from '../kit/fake-render.ts';
import { configMap } from '../kit/release-harness.ts';
import { clusterTest, makeNamespace } from '../kit/shared-plane.ts';
import { type Engine, openEngine } from './helm/engine.ts';

interface Scene {
  readonly plane: ControlPlane;
  readonly engine: Engine;
  readonly namespace: string;
}

interface Row {
  readonly name: string;
  /** Installed first, where something must be there already. */
  readonly first?: FakeChart;
  readonly chart: FakeChart | ((scene: Scene) => FakeChart);
  readonly change?: Partial<InstallOptions>;
  readonly user?: string;
  readonly prepare?: (scene: Scene) => Promise<void>;
  readonly after?: (scene: Scene) => Promise<void>;
  readonly reason: string;
  readonly retry: Retry;
  readonly fields?: readonly string[];
  readonly message: RegExp;
  readonly mend: RegExp;
}

const one = (...documents: string[]): FakeChart => ({ documents });

const SERVICE = 'apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: ';
const SECRET = 'apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nimmutable: true\ndata: ';
const POD =
  'apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: m, image: x';

async function send({ plane }: Scene, method: string, path: string, body?: unknown): Promise<void> {
  const { status, body: answer } = await plane.call(method, path, body);
  assert.ok(status < 300, `${method} ${path}: ${status} ${JSON.stringify(answer)}`);
}

const WEBHOOKS = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations';

async function deadWebhook(scene: Scene): Promise<void> {
  const match = { matchLabels: { 'kubernetes.io/metadata.name': scene.namespace } };
  await send(scene, 'POST', WEBHOOKS, {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: scene.namespace },
    webhooks: [
      {
        name: 'gone.example.com',
        clientConfig: { url: 'https://127.0.0.1:9/' },
        rules: [
          {
            apiGroups: [''],
            apiVersions: ['v1'],
            operations: ['CREATE'],
            resources: ['configmaps'],
          },
        ],
        namespaceSelector: match,
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
      },
    ],
  });
  // The API server needs a moment to know its webhooks.
  await new Promise((resolve) => setTimeout(resolve, 1_500));
}

const ROWS: readonly Row[] = [
  {
    name: 'immutable field',
    first: one(`${SECRET}{a: Yg==}`),
    chart: one(`${SECRET}{a: Yw==}`),
    reason: 'immutable-field',
    retry: 'terminal',
    fields: ['data'],
    message:
      /^cannot patch "s" with kind Secret: Secret "s" is invalid: data: Forbidden: field is immutable/,
    mend: /recreated/,
  },
  {
    name: 'validation',
    chart: one(`${SERVICE}{ports: [{port: 99999}]}`),
    reason: 'validation',
    retry: 'terminal',
    fields: ['spec.ports[0].port', 'spec.ports[0].targetPort'],
    message: /Service "s" is invalid: \[spec\.ports\[0\]\.port: Invalid value: 99999/,
    mend: /correct the field/,
  },
  {
    name: 'unknown field',
    chart: one(`${SERVICE}{ports: [{port: 80}], colour: red}`),
    change: { profile: 'helm4', apply: { method: 'server', fieldManager: 'helm' } },
    reason: 'unknown-field',
    retry: 'terminal',
    fields: ['spec.colour'],
    message: /^server-side apply failed for object .*\/s \/v1, Kind=Service: .*spec\.colour/,
    mend: /correct or remove the field/,
  },
  {
    name: 'forbidden',
    chart: one(configMap('a')),
    user: 'somebody',
    reason: 'forbidden',
    retry: 'transient',
    message:
      /configmaps "?a?"? ?is forbidden: User "somebody" cannot (get|create) resource "configmaps"/,
    mend: /right it lacks/,
  },
  {
    name: 'quota',
    chart: one(POD.concat('}]}')),
    prepare: async (scene) => {
      const quotas = `/api/v1/namespaces/${scene.namespace}/resourcequotas`;
      await send(scene, 'POST', quotas, {
        apiVersion: 'v1',
        kind: 'ResourceQuota',
        metadata: { name: 'none' },
        spec: { hard: { pods: '0' } },
      });
      for (let look = 0; look < 100; look++) {
        const { body } = await scene.plane.call('GET', `${quotas}/none`);
        if ((body as { status?: { hard?: unknown } }).status?.hard !== undefined) return;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    },
    reason: 'quota',
    retry: 'waiting',
    message: /pods "p" is forbidden: exceeded quota: none, requested: pods=1/,
    mend: /raise the quota/,
  },
  {
    name: 'webhook down',
    chart: one(configMap('a')),
    prepare: deadWebhook,
    after: (scene) => send(scene, 'DELETE', `${WEBHOOKS}/${scene.namespace}`),
    reason: 'webhook-down',
    retry: 'transient',
    message: /failed calling webhook "gone\.example\.com"/,
    mend: /pods of the webhook/,
  },
  {
    name: 'kind nobody serves',
    chart: one('apiVersion: nobody.test/v1\nkind: Ghost\nmetadata: {name: g}'),
    reason: 'discovery-stale',
    retry: 'transient',
    message:
      /^unable to build kubernetes objects from release manifest: resource mapping not found for name: "g" namespace: "" from "": no matches for kind "Ghost" in version "nobody\.test\/v1"\nensure CRDs are installed first$/,
    mend: /install the CRD/,
  },
  {
    name: 'somebody else owns it',
    chart: one(configMap('a')),
    prepare: (scene) =>
      send(scene, 'POST', `/api/v1/namespaces/${scene.namespace}/configmaps`, {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'a' },
      }),
    reason: 'ownership',
    retry: 'terminal',
    message:
      /^Unable to continue with install: ConfigMap "a" in namespace ".*" exists and cannot be imported into the current release: invalid ownership metadata; label validation error: missing key "app\.kubernetes\.io\/managed-by": must be set to "Helm"; annotation validation error: missing key "meta\.helm\.sh\/release-name": must be set to "web"; annotation validation error: missing key "meta\.helm\.sh\/release-namespace": must be set to ".*"$/,
    mend: /take ownership/,
  },
  {
    name: 'namespace terminating',
    chart: one(configMap('a')),
    prepare: async (scene) => {
      await send(scene, 'POST', `/api/v1/namespaces/${scene.namespace}/configmaps`, {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'stays', finalizers: ['example.com/stay'] },
      });
      await scene.plane.call('DELETE', `/api/v1/namespaces/${scene.namespace}`);
    },
    after: async ({ plane, namespace }) => {
      const path = `/api/v1/namespaces/${namespace}/configmaps/stays`;
      const body = { metadata: { finalizers: null } };
      await plane.call('PATCH', path, body, 'application/merge-patch+json');
    },
    reason: 'namespace-terminating',
    retry: 'waiting',
    message: /because it is being terminated/,
    mend: /wait until the namespace is gone/,
  },
  {
    name: 'namespace missing',
    chart: one(configMap('a', 'a: b').replace('name: a', 'name: a\n  namespace: never-was')),
    reason: 'namespace-missing',
    retry: 'transient',
    message: /namespaces "never-was" not found/,
    mend: /create the namespace/,
  },
  {
    name: 'object too large',
    chart: one(configMap('a', `a: ${'x'.repeat(1_200_000)}`)),
    reason: 'too-large',
    retry: 'terminal',
    message: /Too long: (must have at most|may not be more than) 1048576 bytes/,
    mend: /make the object smaller/,
  },
  {
    name: 'StatefulSet that may not change',
    first: one(statefulSet('a')),
    chart: one(statefulSet('b')),
    reason: 'immutable-field',
    retry: 'terminal',
    fields: ['spec'],
    message: /updates to statefulset spec for fields other than/,
    mend: /recreated/,
  },
];

function statefulSet(service: string): string {
  return `apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  replicas: 0
  serviceName: ${service}
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec: {containers: [{name: m, image: x}]}`;
}

for (const row of ROWS) {
  clusterTest(`failure: ${row.name}`, async (plane) => {
    const engine = await openEngine(plane.kubeconfig);
    const namespace = await makeNamespace(plane, 'failure');
    const scene: Scene = { plane, engine, namespace };
    try {
      await provoke(row, scene);
    } finally {
      await row.after?.(scene);
      await engine.close();
    }
  });
}

async function provoke(row: Row, scene: Scene): Promise<void> {
  const render = new FakeRender();
  const options = (chart: FakeChart): InstallOptions => ({
    profile: 'helm3',
    release: { name: 'web', namespace: scene.namespace },
    timeoutMs: 30_000,
    wait: { strategy: 'none' },
    hooks: {},
    chart: render.chart(chart),
    values: new Map(),
    render: {},
    apply: { method: 'client', fieldManager: 'helm' },
    crds: { mode: 'create' },
    history: { maxRevisions: 10 },
    ...row.change,
  });
  const admin = scene.engine.context(scene.namespace, 'helm3', { render });
  if (row.first !== undefined) await install(options(row.first), admin);
  await row.prepare?.(scene);
  const chart = typeof row.chart === 'function' ? row.chart(scene) : row.chart;
  const { cluster } = scene.engine;
  const context =
    row.user === undefined
      ? admin
      : { ...admin, cluster: cluster.as({ user: row.user, groups: ['system:authenticated'] }) };
  const run = row.first === undefined ? install : upgrade;
  const error = await run(options(chart), context).then(
    () => assert.fail('it should have failed'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof Error);
  const text = error.message.replace(/^1 error occurred:\n\t\* /, '').trimEnd();
  assert.match(text, row.message);
  const found = diagnose(error);
  assert.deepEqual([found.reason, found.retry], [row.reason, row.retry], error.message);
  assert.equal(retryOf(error), row.retry);
  assert.match(found.mend, row.mend);
  if (row.fields !== undefined) assert.deepEqual(found.fields, row.fields);
}
