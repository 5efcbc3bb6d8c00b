// SPDX-License-Identifier: Apache-2.0

/** A real control plane on free loopback ports: etcd, kube-apiserver, controller-manager, scheduler and a fake kubelet (kwok). */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { ensureTool, type ToolName } from '../../tools/tools.ts';
import {
  type Certificate,
  ISSUER,
  makeAuthority,
  makeClient,
  makeKeyPair,
  makeServing,
  signToken,
} from './certificates.ts';
import type { KeeperAnswer, KeeperCommand } from './keeper.ts';
import { stageDocuments } from './stages.ts';

/** What one process of the control plane is called in `pause` and `restart`. */
export type Part =
  | 'etcd'
  | 'kube-apiserver'
  | 'kube-controller-manager'
  | 'kube-scheduler'
  | 'kwok';

export interface ControlPlane {
  readonly server: string;
  readonly folder: string;
  /** Path of the administrator's kubeconfig (client certificate). */
  readonly kubeconfig: string;
  /** The administrator's bearer token, for clients behind the fault proxy. */
  readonly adminToken: string;
  readonly authority: string;
  /** Path of the audit log (one JSON event a line). */
  readonly auditLog: string;
  /** Writes a kubeconfig for another user and returns its path. */
  kubeconfigFor(user: string, groups: readonly string[]): Promise<string>;
  /** Writes a kubeconfig of another server address (a proxy) with the administrator's token; returns its path. */
  kubeconfigThrough(server: string, authority: string): Promise<string>;
  /** A token of a service account that ends after `seconds`. */
  token(account: { namespace: string; name: string; uid: string }, seconds: number): string;
  /** One request as administrator; for the kit's own needs and for assertions. */
  call(
    method: string,
    path: string,
    body?: unknown,
    contentType?: string,
  ): Promise<{ status: number; body: unknown }>;
  /** The same with a body that is sent as it is (YAML). */
  callText(
    method: string,
    path: string,
    body: string,
    contentType: string,
  ): Promise<{ status: number; body: unknown }>;
  /** Kills a process and starts it again with the same arguments; returns when it serves. */
  restart(part: Part): Promise<void>;
  kill(part: Part): Promise<void>;
  start(part: Part): Promise<void>;
  pause(part: Part): Promise<void>;
  resume(part: Part): Promise<void>;
  stop(): Promise<void>;
}

export interface ControlPlaneOptions {
  /** `api`: etcd and kube-apiserver alone; `full` (default): pods run, too. */
  readonly parts?: 'api' | 'full';
  readonly report?: (line: string) => void;
  /** Keep the folder with all logs after the end. */
  readonly mustKeepFolder?: boolean;
}

const READY_WITHIN_MS = 300_000;
const AUDIT_POLICY = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [{ level: 'Metadata' }],
};

/** Starts a control plane and waits until it serves (and, when full, its node is ready). */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const isFull = (options.parts ?? 'full') === 'full';
  const names: ToolName[] = isFull
    ? ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kwok']
    : ['etcd', 'kube-apiserver'];
  const binaries = new Map<string, string>();
  for (const name of names) binaries.set(name, await ensureTool(name, options.report));
  const folder = await mkdtemp(join(tmpdir(), 'helm-operator-cluster-'));
  const keeper = startKeeper();
  if (options.mustKeepFolder !== true) await keeper.ask({ do: 'removeAtEnd', folder });
  const layout = await writeLayout(folder);
  const args = processArguments(folder, layout);
  const url = `https://127.0.0.1:${layout.ports.api}`;

  const call = (method: string, path: string, body?: unknown, contentType?: string) =>
    callApi(url, layout, {
      method,
      path,
      body: body === undefined ? undefined : JSON.stringify(body),
      contentType,
    });
  const callText = (method: string, path: string, body: string, contentType: string) =>
    callApi(url, layout, { method, path, body, contentType });
  const start = async (part: Part): Promise<void> => {
    const file = binaries.get(part);
    if (file === undefined) throw new Error(`this control plane runs without ${part}`);
    await keeper.ask({
      do: 'start',
      name: part,
      file,
      args: args[part],
      log: join(folder, `${part}.log`),
    });
    if (part === 'kube-apiserver') await untilReady(call, keeper);
  };
  const kill = (part: Part) => keeper.ask({ do: 'kill', name: part, signal: 'SIGKILL' });
  const plane: ControlPlane = {
    server: url,
    folder,
    kubeconfig: join(folder, 'admin.kubeconfig'),
    adminToken: layout.adminToken,
    authority: layout.authority.cert,
    auditLog: join(folder, 'audit.log'),
    kubeconfigFor: async (user, groups) => {
      const path = join(folder, `${user.replaceAll(/[^a-z0-9-]/g, '-')}.kubeconfig`);
      const client = makeClient(layout.authority, user, groups);
      await writeFile(path, kubeconfigText(url, layout.authority.cert, { client }));
      return path;
    },
    kubeconfigThrough: async (server, authority) => {
      const path = join(folder, `proxy-${new URL(server).port}.kubeconfig`);
      await writeFile(path, kubeconfigText(server, authority, { token: layout.adminToken }));
      return path;
    },
    token: (account, seconds) => signToken(layout.accountKey, account, seconds),
    call,
    callText,
    start,
    kill,
    restart: async (part) => {
      await kill(part);
      await start(part);
    },
    pause: (part) => keeper.ask({ do: 'kill', name: part, signal: 'SIGSTOP' }),
    resume: (part) => keeper.ask({ do: 'kill', name: part, signal: 'SIGCONT' }),
    stop: () => keeper.stop(),
  };
  try {
    await start('etcd');
    await start('kube-apiserver');
    if (isFull) await startWorkers(plane, keeper, layout);
  } catch (error) {
    await keeper.stop();
    throw error;
  }
  return plane;
}

async function startWorkers(plane: ControlPlane, keeper: Keeper, layout: Layout): Promise<void> {
  await keeper.ask({
    do: 'serveLogs',
    port: layout.ports.logs,
    serving: layout.serving,
    authority: layout.authority.cert,
    apiServerUrl: plane.server,
    token: layout.adminToken,
  });
  await Promise.all(
    (['kube-controller-manager', 'kube-scheduler', 'kwok'] as const).map((part) =>
      plane.start(part),
    ),
  );
  await plane.call('POST', '/api/v1/nodes', {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: 'node-1',
      annotations: { 'kwok.x-k8s.io/node': 'fake' },
      labels: {
        'kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
        'kubernetes.io/hostname': 'node-1',
      },
    },
  });
  await until('the node is ready and the default service account is there', keeper, async () => {
    const node = await plane.call('GET', '/api/v1/nodes/node-1');
    const account = await plane.call('GET', '/api/v1/namespaces/default/serviceaccounts/default');
    return JSON.stringify(node.body).includes('"type":"Ready"') && account.status === 200;
  });
}

interface Layout {
  readonly ports: {
    readonly api: number;
    readonly etcd: number;
    readonly peer: number;
    readonly logs: number;
    readonly kwok: number;
  };
  readonly authority: Certificate;
  readonly serving: Certificate;
  readonly admin: Certificate;
  readonly accountKey: string;
  readonly adminToken: string;
}

async function writeLayout(folder: string): Promise<Layout> {
  const [api, etcd, peer, logs, kwok] = await freePorts(5);
  if (
    api === undefined ||
    etcd === undefined ||
    peer === undefined ||
    logs === undefined ||
    kwok === undefined
  ) {
    throw new Error('no free ports on the loopback');
  }
  const authority = makeAuthority();
  const serving = makeServing(authority);
  const admin = makeClient(authority, 'admin', ['system:masters']);
  const accounts = makeKeyPair();
  const adminToken = `admin-${Math.random().toString(36).slice(2)}${Date.now().toString(36)}`;
  const url = `https://127.0.0.1:${api}`;
  await mkdir(join(folder, 'etcd'), { mode: 0o700 });
  const files: Record<string, string> = {
    'ca.crt': authority.cert,
    'serving.crt': serving.cert,
    'serving.key': serving.key,
    'sa.key': accounts.privateKey,
    'sa.pub': accounts.publicKey,
    'tokens.csv': `${adminToken},admin,admin,"system:masters"\n`,
    'audit-policy.json': JSON.stringify(AUDIT_POLICY),
    'kwok.yaml': stageDocuments()
      .map((stage) => JSON.stringify(stage))
      .join('\n---\n'),
    'admin.kubeconfig': kubeconfigText(url, authority.cert, { client: admin }),
  };
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(folder, name), text, { mode: 0o600 });
  }
  return {
    ports: { api, etcd, peer, logs, kwok },
    authority,
    serving,
    admin,
    accountKey: accounts.privateKey,
    adminToken,
  };
}

function processArguments(folder: string, layout: Layout): Record<Part, readonly string[]> {
  const file = (name: string) => join(folder, name);
  const etcdUrl = `http://127.0.0.1:${layout.ports.etcd}`;
  const peerUrl = `http://127.0.0.1:${layout.ports.peer}`;
  const kubeconfig = `--kubeconfig=${file('admin.kubeconfig')}`;
  return {
    etcd: [
      `--data-dir=${file('etcd')}`,
      '--unsafe-no-fsync',
      `--listen-client-urls=${etcdUrl}`,
      `--advertise-client-urls=${etcdUrl}`,
      `--listen-peer-urls=${peerUrl}`,
      `--initial-advertise-peer-urls=${peerUrl}`,
      `--initial-cluster=default=${peerUrl}`,
      '--log-level=error',
    ],
    'kube-apiserver': [
      `--etcd-servers=${etcdUrl}`,
      '--bind-address=127.0.0.1',
      `--secure-port=${layout.ports.api}`,
      `--tls-cert-file=${file('serving.crt')}`,
      `--tls-private-key-file=${file('serving.key')}`,
      `--client-ca-file=${file('ca.crt')}`,
      `--token-auth-file=${file('tokens.csv')}`,
      `--service-account-key-file=${file('sa.pub')}`,
      `--service-account-signing-key-file=${file('sa.key')}`,
      `--service-account-issuer=${ISSUER}`,
      '--service-cluster-ip-range=10.96.0.0/16',
      '--authorization-mode=RBAC',
      '--allow-privileged=true',
      '--disable-admission-plugins=TaintNodesByCondition',
      '--endpoint-reconciler-type=none',
      '--kubelet-preferred-address-types=InternalIP',
      `--audit-policy-file=${file('audit-policy.json')}`,
      `--audit-log-path=${file('audit.log')}`,
      '--audit-log-format=json',
      '--profiling=false',
    ],
    'kube-controller-manager': [
      kubeconfig,
      `--service-account-private-key-file=${file('sa.key')}`,
      `--root-ca-file=${file('ca.crt')}`,
      '--leader-elect=false',
      '--secure-port=0',
      '--controllers=*,-node-lifecycle-controller,-taint-eviction-controller',
      '--kube-api-qps=500',
      '--kube-api-burst=1000',
    ],
    'kube-scheduler': [
      kubeconfig,
      '--leader-elect=false',
      '--secure-port=0',
      '--kube-api-qps=500',
      '--kube-api-burst=1000',
    ],
    kwok: [
      kubeconfig,
      `--config=${file('kwok.yaml')}`,
      '--manage-all-nodes=false',
      '--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake',
      '--cidr=10.244.0.1/16',
      '--node-ip=127.0.0.1',
      `--node-port=${layout.ports.logs}`,
      `--server-address=127.0.0.1:${layout.ports.kwok}`,
      '--node-lease-duration-seconds=0',
    ],
  };
}

function kubeconfigText(
  server: string,
  authority: string,
  identity: { readonly client?: Certificate; readonly token?: string },
): string {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const user =
    identity.client === undefined
      ? { token: identity.token }
      : {
          'client-certificate-data': base64(identity.client.cert),
          'client-key-data': base64(identity.client.key),
        };
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    clusters: [
      { name: 'test', cluster: { server, 'certificate-authority-data': base64(authority) } },
    ],
    users: [{ name: 'test', user }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test', namespace: 'default' } }],
  });
}

type Command = KeeperCommand extends infer C
  ? C extends { id: number }
    ? Omit<C, 'id'>
    : never
  : never;

interface Keeper {
  ask(command: Command): Promise<void>;
  /** Text of the first process that ended unasked. */
  readonly failure: () => string | undefined;
  stop(): Promise<void>;
}

function startKeeper(): Keeper {
  const child = spawn(process.execPath, [fileURLToPath(new URL('./keeper.ts', import.meta.url))], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const waiting = new Map<number, { resolve: () => void; reject: (error: Error) => void }>();
  let failure: string | undefined;
  let nextId = 1;
  createInterface({ input: child.stdout }).on('line', (line) => {
    const message = JSON.parse(line) as KeeperAnswer;
    if ('exited' in message) {
      failure ??= `${message.exited} ended with ${message.code}: ${message.tail}`;
      return;
    }
    const entry = waiting.get(message.id);
    waiting.delete(message.id);
    if (message.error === undefined) entry?.resolve();
    else entry?.reject(new Error(message.error));
  });
  const exited = once(child, 'exit');
  child.unref();
  return {
    ask: (command) =>
      new Promise((resolve, reject) => {
        const id = nextId++;
        waiting.set(id, { resolve, reject });
        child.stdin.write(`${JSON.stringify({ ...command, id })}\n`);
      }),
    failure: () => failure,
    stop: async () => {
      child.ref();
      child.stdin.end();
      await exited;
    },
  };
}

async function untilReady(
  call: (method: string, path: string) => Promise<{ status: number }>,
  keeper: Keeper,
): Promise<void> {
  await until(
    'the API server is ready',
    keeper,
    async () => (await call('GET', '/readyz')).status === 200,
  );
}

async function until(what: string, keeper: Keeper, isTrue: () => Promise<boolean>): Promise<void> {
  const deadlineMs = Date.now() + READY_WITHIN_MS;
  for (;;) {
    if (await isTrue().catch(() => false)) return;
    const failure = keeper.failure();
    if (failure !== undefined) throw new Error(`waiting until ${what}: ${failure}`);
    if (Date.now() > deadlineMs)
      throw new Error(`waiting until ${what}: not within ${READY_WITHIN_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

interface ApiCall {
  readonly method: string;
  readonly path: string;
  readonly body: string | undefined;
  readonly contentType?: string | undefined;
}

function callApi(
  url: string,
  layout: Layout,
  call: ApiCall,
): Promise<{ status: number; body: unknown }> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      `${url}${call.path}`,
      {
        method: call.method,
        ca: layout.authority.cert,
        headers: {
          authorization: `Bearer ${layout.adminToken}`,
          'content-type': call.contentType ?? 'application/json',
          'user-agent': 'test-kit',
        },
        timeout: 10_000,
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (part: string) => {
          text += part;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: parse(text) }));
      },
    );
    outgoing.on('error', reject);
    outgoing.on('timeout', () =>
      outgoing.destroy(new Error(`no answer to ${call.method} ${call.path}`)),
    );
    outgoing.end(call.body);
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Ports that were free a moment ago; all are held together so that none is given twice. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  const ports = servers.map((server) => {
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  });
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
