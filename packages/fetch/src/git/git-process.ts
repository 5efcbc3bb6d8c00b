// SPDX-License-Identifier: Apache-2.0

/**
 * One git process: told by arguments and a session, ended with all it started when its time is over.
 *
 * Effects: runs `git` (2.34 or newer) without a shell.
 */

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { FetchError } from '../errors.ts';
import type { GitSession } from './session.ts';

export interface RunOptions {
  readonly session: GitSession;
  readonly signal: AbortSignal;
  /** More output than this ends it. */
  readonly maxOutputBytes: number;
  readonly stdin?: string | undefined;
}

/** What a process left behind. */
export interface GitResult {
  readonly exitCode: number;
  readonly stdout: Buffer;
  /** The end of it. */
  readonly stderr: string;
}

/** A process that was started, and how it ends. */
export interface GitProcess {
  readonly child: ChildProcessWithoutNullStreams;
  /** Ends it and whatever it started. */
  kill(): void;
  readonly ended: Promise<{ readonly exitCode: number; readonly stderr: string }>;
}

const MAX_STDERR_BYTES = 16_384;

/** Output went over its limit. */
export class OutputLimitError extends Error {}

/** Starts git; the signal ends it. */
export function startGit(
  args: readonly string[],
  { session, signal }: Pick<RunOptions, 'session' | 'signal'>,
): GitProcess {
  const child = spawn('git', [...args], {
    env: session.env,
    cwd: session.env['HOME'],
    stdio: 'pipe',
    // A process group of its own: what git starts (ssh, index-pack) ends with it.
    detached: true,
  });
  const kill = () => {
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // The group is gone already.
    }
  };
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    stderr = (stderr + part).slice(-MAX_STDERR_BYTES);
  });
  // What reads nothing more closes its end; that is for its exit code to tell.
  child.stdin.on('error', () => undefined);
  signal.addEventListener('abort', kill, { once: true });
  const ended = whenEnded(child)
    .then((exitCode) => ({ exitCode, stderr }))
    .finally(() => signal.removeEventListener('abort', kill));
  ended.catch(() => undefined);
  if (signal.aborted) kill();
  return { child, kill, ended };
}

async function whenEnded(child: ChildProcessWithoutNullStreams): Promise<number> {
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    return code ?? -1;
  } catch (error) {
    const isAbsent = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    const reason = isAbsent ? 'the program git is not there' : 'git cannot be started';
    throw new FetchError('fetch/unsupported', '', reason, {
      cause: error,
      step: 'run',
      mend: 'install git 2.34 or newer',
    });
  }
}

/**
 * Runs git to its end.
 *
 * @throws {FetchError} `fetch/unsupported`: git is not there
 * @throws {OutputLimitError} @throws the signal's reason when it was aborted
 */
export async function runGit(args: readonly string[], options: RunOptions): Promise<GitResult> {
  options.signal.throwIfAborted();
  const { child, kill, ended } = startGit(args, options);
  const parts: Buffer[] = [];
  let size = 0;
  child.stdout.on('data', (part: Buffer) => {
    size += part.length;
    if (size > options.maxOutputBytes) kill();
    else parts.push(part);
  });
  child.stdin.end(options.stdin ?? '');
  const { exitCode, stderr } = await ended;
  options.signal.throwIfAborted();
  if (size > options.maxOutputBytes) {
    throw new OutputLimitError(`git answered more than ${options.maxOutputBytes} bytes`);
  }
  return { exitCode, stdout: Buffer.concat(parts), stderr };
}
