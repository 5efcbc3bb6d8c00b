// SPDX-License-Identifier: Apache-2.0

/** The client against a real API server: the contract of the port, many watches, restarts, tokens that expire. */

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Cluster,
  type ConnectedCluster,
  type ConnectOptions,
  connect,
  isKubeError,
  type JsonObject,
  type KubeConfig,
  loadKubeconfig,
  objectOfJson,
  runLeaderElection,
  systemClock,
  WatchCache,
} from '@helm-operator/kube';
import { CONTRACT } from '../kit/cluster-contract.ts';
import type { ControlPlane } from '../kit/control-plane/control-plane.ts';
import { FakeClock } from '../kit/fake-clock.ts';
import { clusterTest, makeNamespace } from '../kit/shared-plane.ts';

async function withCluster(
  plane: ControlPlane,
  run: (cluster: ConnectedCluster) => Promise<void>,
  options: ConnectOptions & { readonly config?: Partial<KubeConfig> } = {},
): Promise<void> {
  const config = await loadKubeconfig({ paths: [plane.kubeconfig] });
  const cluster = connect({ ...config, ...options.config }, options);
  try {
    await run(cluster);
  } finally {
    cluster.close();
  }
}

function configMap(namespace: string, name: string): JsonObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data: { a: '1' } };
}

async function create(cluster: Cluster, object: JsonObject): Promise<void> {
  await cluster.create(objectOfJson(object));
}

async function until(isTrue: () => boolean, limitMs = 5_000): Promise<void> {
  const endMs = performance.now() + limitMs;
  while (!isTrue()) {
    assert.ok(performance.now() < endMs, `waited ${limitMs} ms in vain`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

for (const { name, run } of CONTRACT) {
  clusterTest(`kube: ${name}`, async (plane) => {
    const namespace = await makeNamespace(plane, 'kube');
    await withCluster(plane, (cluster) => run(cluster, namespace));
  });
}

clusterTest('kube: 300 open watches leave a GET quick', async (plane) => {
  const namespace = await makeNamespace(plane, 'kube');
  await withCluster(plane, async (cluster) => {
    const caches = Array.from(
      { length: 300 },
      () =>
        new WatchCache({
          cluster,
          query: { ...configMap(namespace, ''), apiVersion: 'v1', kind: 'ConfigMap', namespace },
        }),
    );
    const abort = new AbortController();
    const running = caches.map((cache) => cache.run(abort.signal));
    await until(() => caches.every(({ isSynced }) => isSynced), 20_000);
    const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'none' };
    await cluster.get(ref);
    const times: number[] = [];
    for (let turn = 0; turn < 20; turn++) {
      const sinceMs = performance.now();
      await cluster.get(ref);
      times.push(performance.now() - sinceMs);
    }
    const median = times.toSorted((a, b) => a - b)[10] ?? 0;
    assert.ok(median < 100, `a GET took ${median} ms`);
    assert.ok(cluster.stats().connections <= 5, JSON.stringify(cluster.stats()));
    abort.abort();
    await Promise.all(running);
    await until(() => cluster.stats().active === 0);
  });
});

clusterTest('kube: watches live through a restart of the API server', async (plane) => {
  const namespace = await makeNamespace(plane, 'kube');
  await withCluster(plane, async (cluster) => {
    const query = { apiVersion: 'v1', kind: 'ConfigMap', namespace };
    await create(cluster, configMap(namespace, 'gone'));
    const caches = Array.from({ length: 50 }, () => new WatchCache({ cluster, query }));
    const abort = new AbortController();
    const running = caches.map((cache) => cache.run(abort.signal));
    await until(() => caches.every((cache) => cache.get('gone', namespace) !== undefined));
    await plane.restart('kube-apiserver');
    await create(cluster, configMap(namespace, 'after'));
    await cluster.delete({ ...query, name: 'gone' });
    const isCurrent = (cache: WatchCache) =>
      cache.get('after', namespace) !== undefined && cache.get('gone', namespace) === undefined;
    await until(() => caches.every(isCurrent), 60_000);
    abort.abort();
    await Promise.all(running);
  });
});

clusterTest('kube: an expired token is read again from its file', async (plane) => {
  const namespace = await makeNamespace(plane, 'kube');
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/default`;
  const account = (await plane.call('GET', path)).body as { metadata: { uid: string } };
  const subject = { namespace, name: 'default', uid: account.metadata.uid };
  const file = join(plane.folder, `token-${namespace}`);
  await writeFile(file, plane.token(subject, -60));
  const config: Partial<KubeConfig> = {
    credential: { kind: 'tokenFile', file },
    clientCertificate: undefined,
    clientKey: undefined,
  };
  const use = async (cluster: Cluster): Promise<void> => {
    const refused = await cluster.version().catch((error: unknown) => error);
    assert.ok(isKubeError(refused, 'kube/unauthorized'), String(refused));
    await writeFile(file, plane.token(subject, 600));
    assert.match((await cluster.version()).gitVersion, /^v1\./);
  };
  // A clock that stands still: the file is never read again for its age.
  await withCluster(plane, use, { clock: new FakeClock(), config });
});

clusterTest('kube: an identity that may do nothing is refused', async (plane) => {
  const namespace = await makeNamespace(plane, 'kube');
  await withCluster(plane, async (cluster) => {
    const user = `system:serviceaccount:${namespace}:default`;
    const refused = await create(cluster.as({ user }), configMap(namespace, 'x')).catch(
      (error: unknown) => error,
    );
    assert.ok(isKubeError(refused, 'kube/forbidden'));
    assert.match(
      refused.serverMessage,
      new RegExp(`^configmaps is forbidden: User "${user}" cannot create`),
    );
  });
});

clusterTest('kube: the Lease passes to the next when it is given back', async (plane) => {
  const namespace = await makeNamespace(plane, 'kube');
  await withCluster(plane, async (cluster) => {
    const log: string[] = [];
    const enter = (identity: string, stop: AbortController) =>
      runLeaderElection({
        ...{ cluster, clock: systemClock, random: Math.random, namespace, name: 'lease', identity },
        ...{ leaseMs: 5_000, renewLimitMs: 4_000, retryMs: 200, mustRelease: true },
        signal: stop.signal,
        lead: async (signal) => {
          log.push(`${identity} leads`);
          await systemClock.sleep(60_000, signal).catch(() => undefined);
          log.push(`${identity} ends`);
        },
      });
    const [one, two] = [new AbortController(), new AbortController()];
    const first = enter('one', one);
    await until(() => log.length === 1);
    const second = enter('two', two);
    await new Promise((resolve) => setTimeout(resolve, 600));
    one.abort();
    await until(() => log.length === 3);
    two.abort();
    assert.deepEqual([await first, await second], ['stopped', 'stopped']);
    assert.deepEqual(log, ['one leads', 'one ends', 'two leads', 'two ends']);
  });
});
