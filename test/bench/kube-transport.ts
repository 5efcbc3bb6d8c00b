// SPDX-License-Identifier: Apache-2.0

/**
 * Which transport to an API server: HTTP/2 of Node, HTTPS of Node, undici. The figures of docs/adr/0002.
 *
 * `npm run bench -- kube-transport [KUBECONFIG]`: each transport in a process of its own; list the namespace that `bench kube` fills.
 */

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { connect as http2Connect } from 'node:http2';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { type KubeConfig, loadKubeconfig, type Material } from '@helm-operator/kube';
import { Agent as UndiciAgent } from 'undici';
import { startControlPlane } from '../kit/control-plane/control-plane.ts';

type Send = (path: string, signal?: AbortSignal) => Promise<Readable>;

const MODES = ['http2', 'https', 'undici', 'undici-h2'] as const;
type Mode = (typeof MODES)[number];

const LIST = '/api/v1/namespaces/bench-kube/configmaps';
const ONE = '/api/v1/namespaces/default';
const WATCH =
  '/api/v1/namespaces/default/configmaps?watch=true&resourceVersion=0&allowWatchBookmarks=true';

interface Tls {
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
}

function textOf(material: Material | undefined): string | undefined {
  if (material === undefined) return undefined;
  return 'pem' in material ? material.pem : readFileSync(material.file, 'utf8');
}

function headersOf({ credential }: KubeConfig): Record<string, string> {
  return credential.kind === 'token' ? { authorization: `Bearer ${credential.token}` } : {};
}

function http2Send(config: KubeConfig, tls: Tls): Send {
  const open = () => {
    const session = http2Connect(config.server, {
      ...tls,
      settings: { initialWindowSize: 4 << 20, enablePush: false },
    });
    session.once('connect', () => session.setLocalWindowSize(32 << 20));
    return session;
  };
  const requests = open();
  const watches = [open(), open(), open(), open()];
  let next = 0;
  return async (path, signal) => {
    const session = signal === undefined ? requests : (watches[next++ % 4] ?? requests);
    const stream = session.request({ ':path': path, ...headersOf(config) });
    signal?.addEventListener('abort', () => stream.destroy());
    stream.on('error', () => undefined);
    await new Promise((resolve) => stream.once('response', resolve));
    return stream;
  };
}

function httpsSend(config: KubeConfig, tls: Tls): Send {
  const requests = new HttpsAgent({ ...tls, keepAlive: true, maxSockets: 16 });
  const watches = new HttpsAgent({ ...tls, keepAlive: true });
  return (path, signal) =>
    new Promise((resolve, reject) => {
      const agent = signal === undefined ? requests : watches;
      const call = httpsRequest(
        config.server + path,
        { agent, headers: headersOf(config) },
        resolve,
      );
      signal?.addEventListener('abort', () => call.destroy());
      call.on('error', (error) => (signal?.aborted ? undefined : reject(error)));
      call.end();
    });
}

function undiciSend(config: KubeConfig, tls: Tls, allowH2: boolean): Send {
  const connect = Object.fromEntries(Object.entries(tls).filter(([, value]) => value));
  const requests = new UndiciAgent({ connect, allowH2, connections: allowH2 ? 1 : 16 });
  const watches = new UndiciAgent({
    connect,
    allowH2,
    bodyTimeout: 0,
    ...(allowH2 ? { connections: 4 } : {}),
  });
  return async (path, signal) => {
    const agent = signal === undefined ? requests : watches;
    const answer = await agent.request({
      ...{ origin: config.server, path, method: 'GET', headers: headersOf(config) },
      ...(signal === undefined ? {} : { signal }),
    });
    answer.body.on('error', () => undefined);
    return answer.body;
  };
}

async function bodyOf(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

async function measured(work: () => Promise<void>): Promise<string> {
  const [sinceMs, cpu] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(cpu);
  return `${Math.round(performance.now() - sinceMs)} ms (CPU ${Math.round((user + system) / 1000)})`;
}

function rssMb(): number {
  return Math.round(process.memoryUsage().rss / 2 ** 20);
}

async function measure(mode: Mode, kubeconfig: string): Promise<string> {
  const config = await loadKubeconfig({ paths: [kubeconfig] });
  const tls: Tls = {
    ...{
      ca: textOf(config.ca),
      cert: textOf(config.clientCertificate),
      key: textOf(config.clientKey),
    },
  };
  const send =
    mode === 'http2'
      ? http2Send(config, tls)
      : mode === 'https'
        ? httpsSend(config, tls)
        : undiciSend(config, tls, mode === 'undici-h2');
  await bodyOf(await send(ONE));
  const list = await measured(
    async () => void JSON.parse((await bodyOf(await send(LIST))).toString()),
  );
  const inTurn = await measured(async () => {
    for (let turn = 0; turn < 200; turn++) await bodyOf(await send(ONE));
  });
  const together = await measured(async () => {
    for (let turn = 0; turn < 10; turn++) {
      await Promise.all(Array.from({ length: 20 }, async () => bodyOf(await send(ONE))));
    }
  });
  const before = rssMb();
  const abort = new AbortController();
  const watches = await measured(async () => {
    await Promise.all(Array.from({ length: 300 }, () => send(WATCH, abort.signal)));
  });
  const grown = rssMb() - before;
  abort.abort();
  return `| ${[mode, list, inTurn, together, watches, `+${grown} MB`].join(' | ')} |`;
}

const [given, only] = process.argv.slice(2);
const mode = MODES.find((name) => name === only);
if (given !== undefined && mode !== undefined) {
  process.stdout.write(`${await measure(mode, given)}\n`);
  process.exit(0);
}
const plane = given === undefined ? await startControlPlane({ parts: 'api' }) : undefined;
const kubeconfig = given ?? plane?.kubeconfig ?? '';
process.stdout.write(
  '| transport | list | 200 GETs in turn | 200 GETs, 20 at once | 300 watches | RSS |\n',
);
process.stdout.write('|---|---|---|---|---|---|\n');
for (const name of MODES) {
  const self = fileURLToPath(import.meta.url);
  process.stdout.write(
    execFileSync(process.execPath, [self, kubeconfig, name], { encoding: 'utf8' }),
  );
}
await plane?.stop();
