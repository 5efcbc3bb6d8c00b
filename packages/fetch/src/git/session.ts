// SPDX-License-Identifier: Apache-2.0

/**
 * What one git process may know: a folder with its whole configuration and the secrets, removed after use.
 *
 * Effects: makes a folder (0700) with files (0600) and removes it. Nothing secret is in an argument list, nothing in the
 *          environment but names of these files. No configuration of the machine or of a person is read, no hook, helper
 *          or prompt runs.
 */

import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import type { Credentials } from '../credentials.ts';
import { FetchError } from '../errors.ts';
import type { GitUrl } from './git-url.ts';

export interface SessionOptions {
  /** Where the folder is made; 0700, nobody else's. */
  readonly parentFolder: string;
  readonly env: GitEnvironment;
}

/** What of the world git gets to see. */
export interface GitEnvironment {
  /** Where `git` and `ssh` are found. */
  readonly path: string;
  /** Socket of an SSH agent; without it no agent is asked. */
  readonly sshAgent?: string | undefined;
}

/** A remote that a session may talk to. */
export interface SessionRemote {
  readonly url: GitUrl;
  readonly credentials: Credentials;
  /** Addresses the host was found to have and may be reached at; `undefined`: a proxy looks it up. */
  readonly addresses: readonly string[] | undefined;
  /** URL of a proxy. */
  readonly proxy?: string | undefined;
  readonly userAgent: string;
}

export interface GitSession {
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** The name of the only remote, in all mirrors. */
export const REMOTE = 'origin';
const STALLED_SECONDS = 30;
const CONNECT_SECONDS = 15;

/** A session that can talk to the remote alone. @throws {FetchError} `fetch/bad-credentials` */
export async function openSession(
  { parentFolder, env }: SessionOptions,
  remote: SessionRemote,
): Promise<GitSession> {
  const folder = await mkdtemp(join(parentFolder, 'session-'));
  const close = () => rm(folder, { recursive: true, force: true });
  try {
    const writer = new SessionFiles(folder);
    const files = await remoteFiles(remote, env, writer);
    const config = [...baseConfig(), ...remoteConfig(remote), ...files];
    await writer.write('config', printConfig(config));
    return { env: environment(folder, env, remote), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A session that can talk to nobody and knows no secret; its folder stays. */
export async function localSession({ parentFolder, env }: SessionOptions): Promise<GitSession> {
  const folder = join(parentFolder, 'local');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(join(folder, 'config'), printConfig(baseConfig()), { mode: 0o600 });
  return { env: environment(folder, env, undefined), close: async () => undefined };
}

type ConfigLine = readonly [section: string, key: string, value: string];

class SessionFiles {
  readonly #folder: string;
  constructor(folder: string) {
    this.#folder = folder;
  }
  /** @returns its path */
  async write(name: string, text: string, mode = 0o600): Promise<string> {
    const path = join(this.#folder, name);
    await writeFile(path, text, { mode, flag: 'wx' });
    if (mode !== 0o600) await chmod(path, mode);
    return path;
  }
}

function environment(
  folder: string,
  { path }: GitEnvironment,
  remote: SessionRemote | undefined,
): Record<string, string> {
  const isSsh = remote?.url.transport === 'ssh';
  return {
    PATH: path,
    HOME: folder,
    XDG_CONFIG_HOME: folder,
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: join(folder, 'config'),
    GIT_ATTR_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: 'false',
    GIT_LITERAL_PATHSPECS: '1',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_NO_LAZY_FETCH: '1',
    GIT_PROTOCOL_FROM_USER: '0',
    GIT_ALLOW_PROTOCOL: remote === undefined ? 'none' : remote.url.transport,
    ...(isSsh ? sshEnvironment(folder, remote.credentials) : {}),
  };
}

function sshEnvironment(folder: string, { ssh }: Credentials): Record<string, string> {
  const hasPassphrase = (ssh?.passphrase ?? '') !== '';
  return {
    GIT_SSH_COMMAND: `ssh -F ${shellQuote(join(folder, 'ssh_config'))}`,
    GIT_SSH_VARIANT: 'ssh',
    ...(hasPassphrase
      ? {
          SSH_ASKPASS: join(folder, 'askpass'),
          SSH_ASKPASS_REQUIRE: 'force',
          GIT_SESSION_PASSPHRASE_FILE: join(folder, 'passphrase'),
        }
      : {}),
  };
}

function shellQuote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function baseConfig(): ConfigLine[] {
  return [
    ['core', 'hooksPath', '/dev/null'],
    ['core', 'fsmonitor', 'false'],
    ['core', 'askPass', 'false'],
    ['credential', 'helper', ''],
    ['gc', 'auto', '0'],
    ['maintenance', 'auto', 'false'],
    ['fetch', 'unpackLimit', '1'],
    ['fetch', 'recurseSubmodules', 'false'],
    ['advice', 'detachedHead', 'false'],
    ['pack', 'threads', '1'],
    ['init', 'defaultBranch', 'main'],
    // Trees are read, never checked out; a name that is bad for a working tree harms nobody here.
    ['transfer', 'fsckObjects', 'false'],
    ['protocol', 'allow', 'never'],
    ['protocol', 'version', '2'],
  ];
}

function remoteConfig({ url, addresses, proxy, userAgent }: SessionRemote): ConfigLine[] {
  const remote = `remote "${REMOTE}"`;
  const common: ConfigLine[] = [
    [remote, 'url', url.href],
    // What a filter left out is fetched by us, never by git on its own.
    [remote, 'promisor', 'true'],
    [remote, 'partialCloneFilter', 'blob:none'],
    [`protocol "${url.transport}"`, 'allow', 'always'],
  ];
  if (url.transport === 'ssh') return common;
  const port = url.port ?? (url.transport === 'https' ? 443 : 80);
  return [
    ...common,
    // The references were asked for at this URL a moment ago: it redirects no more.
    ['http', 'followRedirects', 'false'],
    ['http', 'userAgent', `git/2 (${userAgent})`],
    ['http', 'lowSpeedLimit', '1'],
    ['http', 'lowSpeedTime', String(STALLED_SECONDS)],
    ['http', 'sslVersion', 'tlsv1.2'],
    ['http', 'saveCookies', 'false'],
    ['http', 'emptyAuth', 'false'],
    ['http', 'delegation', 'none'],
    ['http', 'proxy', proxy ?? ''],
    ...(addresses === undefined || isIP(url.host) !== 0
      ? []
      : [
          [
            'http',
            'curloptResolve',
            `${url.host}:${port}:${addresses.map(bracketed).join(',')}`,
          ] as const,
        ]),
  ];
}

function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}

async function remoteFiles(
  remote: SessionRemote,
  env: GitEnvironment,
  files: SessionFiles,
): Promise<ConfigLine[]> {
  if (remote.url.transport === 'ssh') {
    await sshFiles(remote, env, files);
    return [];
  }
  return await httpFiles(remote, files);
}

async function httpFiles(
  { credentials }: SessionRemote,
  files: SessionFiles,
): Promise<ConfigLine[]> {
  const { basic, bearerToken, tls } = credentials;
  const lines: ConfigLine[] = [];
  if (bearerToken !== undefined) {
    lines.push(['http', 'extraHeader', `Authorization: Bearer ${bearerToken}`]);
  } else if (basic !== undefined) {
    const pair = Buffer.from(`${basic.username}:${basic.password}`).toString('base64');
    lines.push(['http', 'extraHeader', `Authorization: Basic ${pair}`]);
  }
  if (tls?.ca !== undefined) lines.push(['http', 'sslCAInfo', await files.write('ca.pem', tls.ca)]);
  if (tls?.cert !== undefined && tls.key !== undefined) {
    lines.push(['http', 'sslCert', await files.write('client.pem', tls.cert)]);
    lines.push(['http', 'sslKey', await files.write('client-key.pem', tls.key)]);
  }
  if (tls?.isInsecure === true) lines.push(['http', 'sslVerify', 'false']);
  return lines;
}

async function sshFiles(
  { url, credentials, addresses }: SessionRemote,
  { sshAgent }: GitEnvironment,
  files: SessionFiles,
): Promise<void> {
  const { privateKey, passphrase = '', knownHosts = '' } = credentials.ssh ?? {};
  const alias = url.port === undefined || url.port === 22 ? url.host : `[${url.host}]:${url.port}`;
  const hosts = await files.write('known_hosts', `${knownHosts}\n`);
  const lines = [
    'StrictHostKeyChecking yes',
    `UserKnownHostsFile "${hosts}"`,
    'GlobalKnownHostsFile /dev/null',
    `HostKeyAlias ${alias}`,
    `HostName ${addresses?.[0] ?? url.host}`,
    `BatchMode ${passphrase === '' ? 'yes' : 'no'}`,
    'NumberOfPasswordPrompts 1',
    'PreferredAuthentications publickey',
    ...['Password', 'KbdInteractive', 'GSSAPI', 'Hostbased'].map(
      (method) => `${method}Authentication no`,
    ),
    ...['ForwardAgent', 'ForwardX11', 'PermitLocalCommand', 'UpdateHostKeys', 'CheckHostIP'].map(
      (option) => `${option} no`,
    ),
    ...['VerifyHostKeyDNS', 'CanonicalizeHostname', 'AddKeysToAgent'].map((name) => `${name} no`),
    'ClearAllForwardings yes',
    'ControlPath none',
    'ProxyCommand none',
    `ConnectTimeout ${CONNECT_SECONDS}`,
    `ServerAliveInterval ${STALLED_SECONDS}`,
    'ServerAliveCountMax 1',
    'LogLevel ERROR',
  ];
  if (privateKey !== undefined) {
    const text = privateKey.endsWith('\n') ? privateKey : `${privateKey}\n`;
    const identity = await files.write('identity', text.replaceAll('\r\n', '\n'));
    lines.push(`IdentityFile "${identity}"`, 'IdentitiesOnly yes', 'IdentityAgent none');
  } else {
    lines.push(
      'IdentityFile none',
      `IdentityAgent ${sshAgent === undefined ? 'none' : `"${sshAgent}"`}`,
    );
  }
  if (passphrase !== '') {
    await files.write('passphrase', passphrase);
    await files.write('askpass', '#!/bin/sh\nexec cat "$GIT_SESSION_PASSPHRASE_FILE"\n', 0o700);
  }
  await files.write('ssh_config', `Host *\n${lines.map((line) => `  ${line}\n`).join('')}`);
}

/** Values are quoted, so that nothing in them can become a line of its own. */
function printConfig(lines: readonly ConfigLine[]): string {
  return lines
    .map(([section, key, value]) => `[${section}]\n\t${key} = ${quoteValue(value)}\n`)
    .join('');
}

function quoteValue(value: string): string {
  if (/[\r\n\0]/.test(value)) {
    throw new FetchError('fetch/bad-credentials', '', 'a line break in a token or user name');
  }
  return `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
