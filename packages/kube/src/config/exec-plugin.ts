// SPDX-License-Identifier: Apache-2.0

/**
 * Credentials from a program (`users[].user.exec`).
 *
 * Source:  kubernetes@v1.36.3 client-go/plugin/pkg/client/auth/exec/exec.go
 * Differs: never interactive: the program gets no standard input.
 */

import { execFile } from 'node:child_process';
import { configError } from './decode-kubeconfig.ts';
import type { ExecConfig, KubeConfig } from './kube-config.ts';

/** What a program answered. */
export interface ExecCredential {
  readonly token: string | undefined;
  readonly clientCertificate: string | undefined;
  readonly clientKey: string | undefined;
  /** Milliseconds since the epoch; absent: good until refused. */
  readonly expiresAtMs: number | undefined;
}

const EXEC_VERSIONS: readonly string[] = [
  'client.authentication.k8s.io/v1',
  'client.authentication.k8s.io/v1beta1',
];
const TIME_LIMIT_MS = 60_000;
const OUTPUT_LIMIT_BYTES = 1 << 20;

/**
 * Runs the program once.
 *
 * @param env the environment it inherits
 * @throws {KubeError} `kube/config`: it cannot be run, failed, or answered something else than an ExecCredential
 */
export async function runExecPlugin(
  config: KubeConfig,
  exec: ExecConfig,
  env: Readonly<Record<string, string | undefined>>,
): Promise<ExecCredential> {
  if (!EXEC_VERSIONS.includes(exec.apiVersion)) {
    throw configError(
      config.origin,
      `exec apiVersion "${exec.apiVersion}" is unknown; use one of ${EXEC_VERSIONS.join(', ')}`,
    );
  }
  if (exec.interactiveMode === 'Always') {
    throw configError(
      config.origin,
      `"${exec.command}" must ask a person, which is not possible here`,
    );
  }
  const output = await runProgram(config, exec, {
    ...env,
    ...Object.fromEntries(exec.env.map(({ name, value }) => [name, value])),
    KUBERNETES_EXEC_INFO: execInfo(config, exec),
  });
  return decodeExecCredential(config, exec, output);
}

function runProgram(
  config: KubeConfig,
  exec: ExecConfig,
  env: Record<string, string | undefined>,
): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const child = execFile(
    exec.command,
    [...exec.args],
    { env, timeout: TIME_LIMIT_MS, maxBuffer: OUTPUT_LIMIT_BYTES, encoding: 'utf8' },
    (error, stdout, stderr) => {
      if (error === null) return resolve(stdout);
      const isMissing = error.code === 'ENOENT';
      const hint = isMissing && exec.installHint !== '' ? `; ${exec.installHint}` : '';
      const said = stderr.trim().split('\n').at(-1)?.slice(0, 300) ?? '';
      const problem = isMissing
        ? 'was not found'
        : `failed (${error.code ?? error.signal}) ${said}`;
      reject(configError(config.origin, `the program "${exec.command}" ${problem.trim()}${hint}`));
    },
  );
  child.stdin?.end();
  return promise;
}

function execInfo(config: KubeConfig, exec: ExecConfig): string {
  const ca = config.ca !== undefined && 'pem' in config.ca ? config.ca.pem : undefined;
  const cluster = {
    server: config.server,
    ...(config.serverName === undefined ? {} : { 'tls-server-name': config.serverName }),
    ...(config.isInsecure ? { 'insecure-skip-tls-verify': true } : {}),
    ...(ca === undefined
      ? {}
      : { 'certificate-authority-data': Buffer.from(ca).toString('base64') }),
  };
  return JSON.stringify({
    apiVersion: exec.apiVersion,
    kind: 'ExecCredential',
    spec: { interactive: false, ...(exec.mustProvideClusterInfo ? { cluster } : {}) },
  });
}

function decodeExecCredential(config: KubeConfig, exec: ExecConfig, text: string): ExecCredential {
  const wrong = (problem: string) =>
    configError(config.origin, `the program "${exec.command}" printed ${problem}`);
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw wrong('something else than JSON');
  }
  const root = asRecord(parsed);
  if (root?.['kind'] !== 'ExecCredential') throw wrong('no ExecCredential');
  if (root['apiVersion'] !== exec.apiVersion) throw wrong(`an ExecCredential of another version`);
  const status = asRecord(root['status']) ?? {};
  const token = textOf(status['token']);
  const clientCertificate = textOf(status['clientCertificateData']);
  const clientKey = textOf(status['clientKeyData']);
  if (token === undefined && (clientCertificate === undefined || clientKey === undefined)) {
    throw wrong('neither a token nor a certificate with its key');
  }
  const expires = Date.parse(textOf(status['expirationTimestamp']) ?? '');
  return {
    token,
    clientCertificate,
    clientKey,
    expiresAtMs: Number.isNaN(expires) ? undefined : expires,
  };
}

function asRecord(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null
    ? (value as Record<string, unknown>)
    : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
