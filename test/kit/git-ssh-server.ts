// SPDX-License-Identifier: Apache-2.0

/** OpenSSH's `sshd` on a port of its own, for one key. */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { freePorts } from './control-plane/control-plane.ts';
import { scratchFolder } from './git-repository.ts';

const SSHD = '/usr/sbin/sshd';

export interface SshKey {
  readonly privateKey: string;
  readonly publicKey: string;
}

export interface GitSshServer {
  readonly port: number;
  /** Who is let in. */
  readonly user: string;
  readonly key: SshKey;
  /** A line of `known_hosts`. */
  readonly knownHosts: string;
  /** URL of a repository by its folder. */
  urlOf(folder: string): string;
  log(): string;
  stop(): Promise<void>;
}

/** Why there can be no server; `undefined`: there can be one. With `CI=true` its lack is no excuse. */
export function sshdProblem(): string | undefined {
  if (existsSync(SSHD) || process.env['CI'] === 'true') return undefined;
  return `${SSHD} is not there: install openssh-server`;
}

/** Makes a key pair with `ssh-keygen`. */
export function makeSshKey(passphrase = '', type = 'ed25519'): SshKey {
  const file = join(scratchFolder('ssh-key'), 'key');
  execFileSync('ssh-keygen', [
    '-q',
    '-t',
    type,
    '-N',
    passphrase,
    ...(type === 'rsa' ? ['-b', '2048'] : []),
    '-C',
    'test',
    '-f',
    file,
  ]);
  return { privateKey: readFileSync(file, 'utf8'), publicKey: readFileSync(`${file}.pub`, 'utf8') };
}

export async function startGitSshServer(keys: readonly SshKey[]): Promise<GitSshServer> {
  const folder = scratchFolder('sshd');
  const [port = 0] = await freePorts(1);
  const { username: user, uid } = userInfo();
  if (uid === 0) mkdirSync('/run/sshd', { recursive: true });
  const host = makeSshKey();
  const write = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  const config = write(
    'sshd_config',
    [
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      `HostKey ${write('host_key', host.privateKey)}`,
      `AuthorizedKeysFile ${write('authorized_keys', keys.map(({ publicKey }) => publicKey).join(''))}`,
      'PidFile none',
      'UsePAM no',
      'StrictModes no',
      'PermitRootLogin prohibit-password',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'AcceptEnv GIT_PROTOCOL',
      'LogLevel VERBOSE',
      '',
    ].join('\n'),
  );
  const child = spawn(SSHD, ['-D', '-e', '-f', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    log += part;
  });
  await untilListening(port, child, () => log);
  const [type, body] = host.publicKey.split(' ');
  const [key] = keys;
  if (key === undefined) throw new Error('a server without keys lets nobody in');
  return {
    port,
    user,
    key,
    knownHosts: `[127.0.0.1]:${port} ${type} ${body}\n`,
    urlOf: (repository) => `ssh://${user}@127.0.0.1:${port}${repository}`,
    log: () => log,
    stop: async () => {
      process.off('exit', kill);
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

async function untilListening(port: number, child: ChildProcess, log: () => string): Promise<void> {
  for (let look = 0; look < 100; look++) {
    if (child.exitCode !== null) break;
    const socket = connect(port, '127.0.0.1');
    const isOpen = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    });
    socket.destroy();
    if (isOpen) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  child.kill('SIGKILL');
  throw new Error(`sshd does not listen: ${log()}`);
}
