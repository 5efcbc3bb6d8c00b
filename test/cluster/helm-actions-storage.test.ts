// SPDX-License-Identifier: Apache-2.0

/** Records at the limit of their storage, and in each driver: real `helm` reads them and goes on. */

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import {
  createConfigMapStorage,
  createSecretStorage,
  type InstallOptions,
  install,
  type ReleaseRecord,
  type ReleaseStorage,
  upgrade,
} from '@helm-operator/helm';
import { systemClock } from '@helm-operator/kube';
import type { ControlPlane } from '../kit/control-plane/control-plane.ts';
import { mustRun } from '../kit/kubectl.ts';
import { clusterTest, makeNamespace } from '../kit/shared-plane.ts';
import { tarball } from '../kit/tarball.ts';
import { type Engine, openEngine } from './helm/engine.ts';

const CONFIG = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {a: {{ .Values.a }}}\n';

interface Big {
  readonly fileBytes?: number;
  readonly templateBytes?: number;
  readonly manifestBytes?: number;
}

function options(namespace: string, { fileBytes = 0, templateBytes = 0, manifestBytes = 0 }: Big) {
  const noise = (bytes: number): string => randomBytes(bytes).toString('base64');
  const parts = Math.ceil(manifestBytes / 500_000);
  const maps = Array.from(
    { length: parts },
    (_, i) =>
      `---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: big-${i}}\ndata: {x: ${noise(500_000)}}\n`,
  );
  return {
    profile: 'helm3',
    release: { name: 'web', namespace },
    timeoutMs: 30_000,
    wait: { strategy: 'none' },
    hooks: {},
    chart: {
      digest: `sha256:${noise(12)}`,
      bytes: tarball({
        'web/Chart.yaml': 'apiVersion: v2\nname: web\nversion: 1.0.0\n',
        'web/values.yaml': 'a: b\nunused: default\n',
        'web/templates/config.yaml': `${CONFIG}{{/* ${noise(templateBytes)} */}}`,
        'web/templates/big.yaml': maps.join(''),
        'web/blob.bin': noise(fileBytes),
      }),
      metadata: { name: 'web', version: '1.0.0' },
    },
    values: new Map([['a', 'given']]),
    render: {},
    apply: { method: 'client', fieldManager: 'helm' },
    crds: { mode: 'skip' },
    history: { maxRevisions: 10 },
  } satisfies InstallOptions;
}

interface Scene {
  readonly plane: ControlPlane;
  readonly engine: Engine;
  readonly namespace: string;
}

function story(name: string, run: (scene: Scene) => Promise<void>): void {
  clusterTest(name, async (plane) => {
    const engine = await openEngine(plane.kubeconfig);
    try {
      await run({ plane, engine, namespace: await makeNamespace(plane, 'storage') });
    } finally {
      await engine.close();
    }
  });
}

/** The fields of the stored chart that hold something. */
function chartFields({ chart }: ReleaseRecord): string {
  const fields = JSON.parse(chart?.json ?? '{}') as Record<string, unknown>;
  const kept = Object.keys(fields).filter((key) => fields[key] !== null);
  return kept.filter((key) => key === 'files' || key === 'templates').join(' ');
}

const DRIVERS: ReadonlyMap<string, typeof createSecretStorage> = new Map([
  ['secret', createSecretStorage],
  ['configmap', createConfigMapStorage],
]);

for (const [driver, create] of DRIVERS) {
  for (const [what, big, left] of [
    ['everything', {}, 'templates files'],
    ['a chart of large files', { fileBytes: 900_000 }, 'templates'],
    ['a chart of large files and templates', { fileBytes: 700_000, templateBytes: 900_000 }, ''],
  ] as const) {
    story(`${driver}: ${what} is stored so that real helm goes on with it`, async (scene) => {
      const { plane, engine, namespace } = scene;
      const { cluster } = engine;
      const storage: ReleaseStorage = create({
        cluster,
        namespace,
        profile: 'helm3',
        clock: systemClock,
      });
      const messages: string[] = [];
      const context = engine.context(namespace, 'helm3', {
        storage,
        log: ({ message }) => messages.push(message),
      });
      const made = await install(options(namespace, big), context);
      assert.equal(chartFields(made), left);
      assert.equal(messages.length, left === 'templates files' ? 0 : 1);
      await upgrade(
        { ...options(namespace, big), values: new Map([['a', 'second']]) },
        { ...context, log: () => {} },
      );

      const environment = { HELM_DRIVER: driver };
      for (const peer of ['helm3', 'helm4'] as const) {
        const helm = (...args: string[]): Promise<string> =>
          mustRun(peer, plane.kubeconfig, [...args, '-n', namespace], undefined, environment);
        assert.match(await helm('get', 'manifest', 'web'), /data: \{a: second\}/);
        const all = JSON.parse(await helm('get', 'values', 'web', '--all', '-o', 'json'));
        assert.deepEqual(all, { a: 'second', unused: 'default' });
        assert.match(await helm('status', 'web', '--revision', '1'), /STATUS: superseded/);
        const listed = JSON.parse(await helm('list', '-o', 'json'));
        assert.deepEqual(listed[0].chart, 'web-1.0.0');
      }
      await mustRun(
        'helm3',
        plane.kubeconfig,
        ['rollback', 'web', '1', '-n', namespace],
        undefined,
        environment,
      );
      const { body } = await plane.call('GET', `/api/v1/namespaces/${namespace}/configmaps/c`);
      assert.deepEqual((body as { data: unknown }).data, { a: 'given' });
      const { records } = await storage.history('web');
      assert.deepEqual(
        records.map(({ info }) => info.status),
        ['superseded', 'superseded', 'deployed'],
      );
    });
  }
}

story('a release whose manifest cannot be recorded is refused before any write', async (scene) => {
  const { plane, engine, namespace } = scene;
  const fresh = `${namespace}-new`;
  const refused = { ...options(fresh, { manifestBytes: 1_500_000 }), mustCreateNamespace: true };
  await assert.rejects(install(refused, engine.context(fresh, 'helm3')), (error: Error) => {
    assert.match(error.message, /is too large: \d{7} bytes packed, .*parts: manifest \d{7}/);
    return true;
  });
  assert.equal((await plane.call('GET', `/api/v1/namespaces/${fresh}`)).status, 404);
});

story('a record that cannot be read hides no other', async ({ plane, engine, namespace }) => {
  const context = engine.context(namespace, 'helm3');
  await install(options(namespace, {}), context);
  await upgrade(options(namespace, {}), context);
  const path = `/api/v1/namespaces/${namespace}/secrets/sh.helm.release.v1.web.v1`;
  const broken = { data: { release: 'bm90IGEgcmVsZWFzZQ==' } };
  await plane.call('PATCH', path, broken, 'application/merge-patch+json');
  const { records, corrupted } = await context.storage.history('web');
  assert.deepEqual([records.length, corrupted.length], [1, 1]);
  const record = await upgrade(options(namespace, {}), context);
  assert.equal(record.revision, 3);
  assert.match(
    await mustRun('helm3', plane.kubeconfig, ['status', 'web', '-n', namespace]),
    /REVISION: 3/,
  );
});
