// SPDX-License-Identifier: Apache-2.0

/**
 * Figures of the client on a real API server: many watches, a large list, an hour of cut watches in short.
 *
 * `npm run bench -- kube [KUBECONFIG]`: without a kubeconfig it starts etcd and kube-apiserver itself.
 */

import { once } from 'node:events';
import { type AddressInfo, connect as connectTcp, createServer, type Socket } from 'node:net';
import {
  type Clock,
  type Cluster,
  connect,
  type KubeConfig,
  loadKubeconfig,
  objectOfJson,
  systemClock,
  WatchCache,
} from '@helm-operator/kube';
import { startControlPlane } from '../kit/control-plane/control-plane.ts';

const NAMESPACE = 'bench-kube';
const OBJECTS = 5_000;
const WATCHES = 300;
const CUTS = 360;
const CUT_WATCHES = 20;

function report(figure: string, value: string): void {
  process.stdout.write(`${figure.padEnd(58)} ${value}\n`);
}

function rssMb(): number {
  globalThis.gc?.();
  return Math.round(process.memoryUsage().rss / 2 ** 20);
}

async function timed<T>(work: () => Promise<T>): Promise<[T, number]> {
  const sinceMs = performance.now();
  const result = await work();
  return [result, Math.round((performance.now() - sinceMs) * 10) / 10];
}

async function fill(cluster: Cluster): Promise<void> {
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } };
  if ((await cluster.get({ ...namespace, name: NAMESPACE })) === undefined) {
    await cluster.create(objectOfJson(namespace));
  }
  const present = await cluster.listJson({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    namespace: NAMESPACE,
  });
  const text = 'x'.repeat(1_500);
  for (let from = present.length; from < OBJECTS; from += 50) {
    const batch = Array.from({ length: 50 }, (_, index) =>
      cluster.create(
        objectOfJson({
          ...{ apiVersion: 'v1', kind: 'ConfigMap', data: { text } },
          metadata: {
            name: `item-${from + index}`,
            namespace: NAMESPACE,
            labels: { app: 'bench' },
          },
        }),
      ),
    );
    await Promise.all(batch);
  }
}

async function measureLists(cluster: Cluster): Promise<void> {
  const query = { apiVersion: 'v1', kind: 'ConfigMap', namespace: NAMESPACE };
  const [plain, plainMs] = await timed(() => cluster.listJson(query));
  report(`list of ${plain.length} objects, plain JSON`, `${plainMs} ms, RSS ${rssMb()} MB`);
  const [lossless, losslessMs] = await timed(() => cluster.list(query));
  report(`list of ${lossless.length} objects, lossless`, `${losslessMs} ms, RSS ${rssMb()} MB`);
  for (const isMetadataOnly of [false, true]) {
    const cache = new WatchCache({ cluster, query, isMetadataOnly });
    const abort = new AbortController();
    const running = cache.run(abort.signal);
    const [, ms] = await timed(() => cache.whenSynced(abort.signal));
    const kind = isMetadataOnly ? 'metadata only' : 'whole objects';
    report(`watch cache of ${cache.size}, ${kind}, in step after`, `${ms} ms, RSS ${rssMb()} MB`);
    abort.abort();
    await running;
  }
}

async function measureWatches(config: KubeConfig): Promise<void> {
  const cluster = connect(config);
  const query = { apiVersion: 'v1', kind: 'Secret', namespace: NAMESPACE };
  await cluster.resources();
  const before = rssMb();
  const caches = Array.from({ length: WATCHES }, () => new WatchCache({ cluster, query }));
  const abort = new AbortController();
  const running = caches.map((cache) => cache.run(abort.signal));
  const [, ms] = await timed(() =>
    Promise.all(caches.map((cache) => cache.whenSynced(abort.signal))),
  );
  report(`${WATCHES} watches open after`, `${ms} ms, RSS +${rssMb() - before} MB`);
  report('  on connections', String(cluster.stats().connections));
  const times: number[] = [];
  for (let turn = 0; turn < 50; turn++) {
    const [, took] = await timed(() => cluster.get({ ...query, name: 'none' }));
    times.push(took);
  }
  times.sort((a, b) => a - b);
  report('  a GET beside them, median and slowest of 50', `${times[25]} ms, ${times[49]} ms`);
  const [, burstMs] = await timed(() =>
    Promise.all(Array.from({ length: 200 }, () => cluster.get({ ...query, name: 'none' }))),
  );
  report('  200 GETs at once', `${burstMs} ms`);
  abort.abort();
  await Promise.all(running);
  cluster.close();
}

/** Passes bytes to the API server until told to cut. */
async function startPipe(
  port: number,
): Promise<{ readonly port: number; cut(): void; stop(): void }> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connectTcp(port, '127.0.0.1');
    client.pipe(upstream).pipe(client);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined).once('close', () => sockets.delete(socket));
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return { port: (server.address() as AddressInfo).port, cut, stop: () => server.close(cut) };
}

async function measureCuts(config: KubeConfig): Promise<void> {
  const server = new URL(config.server);
  const pipe = await startPipe(Number(server.port));
  const fast: Clock = {
    nowMs: systemClock.nowMs,
    elapsedMs: systemClock.elapsedMs,
    sleep: (ms, signal) => systemClock.sleep(ms < 60_000 ? ms / 25 : ms, signal),
  };
  const through = { ...config, server: `https://127.0.0.1:${pipe.port}` };
  let troubles = 0;
  const cluster = connect(through, { clock: fast, onTrouble: () => (troubles += 1) });
  const query = { apiVersion: 'v1', kind: 'ConfigMap', namespace: NAMESPACE };
  const abort = new AbortController();
  let events = 0;
  const caches = Array.from({ length: CUT_WATCHES }, () => {
    const cache = new WatchCache({ cluster, query: { ...query, labelSelector: 'app=cuts' } });
    cache.listen(() => (events += 1));
    return cache;
  });
  const running = caches.map((cache) => cache.run(abort.signal));
  await Promise.all(caches.map((cache) => cache.whenSynced(abort.signal)));
  const direct = connect(config);
  const ref = { ...query, name: 'cuts' };
  await direct.delete(ref);
  const metadata = { name: 'cuts', namespace: NAMESPACE, labels: { app: 'cuts' } };
  await direct.create(objectOfJson({ apiVersion: 'v1', kind: 'ConfigMap', metadata }));
  const samples: number[] = [];
  const [, ms] = await timed(async () => {
    for (let turn = 0; turn < CUTS; turn++) {
      pipe.cut();
      const body = JSON.stringify({ data: { turn: String(turn) } });
      await direct.patch(ref, 'merge', body);
      await seen(caches, String(turn));
      if (turn % 60 === 59) samples.push(rssMb());
    }
  });
  report(
    `${CUTS} cuts under ${CUT_WATCHES} watches, every change seen`,
    `${ms} ms, ${events} events, ${troubles} troubles`,
  );
  report('  RSS after each 60 cuts, MB', samples.join(' '));
  abort.abort();
  await Promise.all(running);
  cluster.close();
  direct.close();
  pipe.stop();
}

async function seen(caches: readonly WatchCache[], turn: string): Promise<void> {
  const isSeen = (cache: WatchCache) => {
    const data = cache.get('cuts', NAMESPACE)?.['data'];
    return typeof data === 'object' && data !== null && 'turn' in data && data['turn'] === turn;
  };
  for (let look = 0; !caches.every(isSeen); look++) {
    if (look > 3_000) throw new Error(`change ${turn} was not seen within 30 s`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const [given] = process.argv.slice(2);
const plane = given === undefined ? await startControlPlane({ parts: 'api' }) : undefined;
try {
  const config = await loadKubeconfig({ paths: [given ?? plane?.kubeconfig ?? ''] });
  const cluster = connect(config);
  report('RSS at the start', `${rssMb()} MB`);
  const [, firstMs] = await timed(() => cluster.version());
  report('first request (connects)', `${firstMs} ms`);
  const [table, discoveryMs] = await timed(() => cluster.resources());
  report(`discovery, ${table.apiVersions().length} entries`, `${discoveryMs} ms`);
  await fill(cluster);
  await measureLists(cluster);
  await measureWatches(config);
  await measureCuts(config);
  cluster.close();
} finally {
  await plane?.stop();
}
