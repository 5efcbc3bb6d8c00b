// SPDX-License-Identifier: Apache-2.0

/**
 * Bytes from another program's standard output, under limits.
 *
 * Effects: runs the program in a process group of its own, which is killed when time or size run out or the caller gives up.
 */

import { spawn } from 'node:child_process';
import { FetchError } from '../errors.ts';
import type { FetchLimits } from '../limits.ts';
import { maskText } from '../mask.ts';

export interface ProgramRun {
  /** What the bytes are of, for messages. */
  readonly url: string;
  readonly command: string;
  readonly args: readonly string[];
  /** All of the program's environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly limits: FetchLimits;
  /** What must not be shown of its standard error. */
  readonly secrets: readonly string[];
  readonly signal?: AbortSignal | undefined;
  /** Told the standard error as it comes, masked line by line. */
  readonly onStderr?: ((line: string) => void) | undefined;
}

/** The end of the standard error that goes into a message, in characters. */
const MAX_TOLD_LENGTH = 500;
const MAX_STDERR_LENGTH = 65_536;

/**
 * @returns its standard output
 * @throws {FetchError} `fetch/plugin`: it cannot be run or fails; `fetch/timeout`, `fetch/too-large`, `fetch/aborted`
 */
export async function runProgram(run: ProgramRun): Promise<Uint8Array> {
  const { url, limits, signal } = run;
  if (signal?.aborted === true) throw givenUp(run);
  const child = spawn(run.command, run.args, {
    env: run.env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const { promise, resolve, reject } = Promise.withResolvers<number | string>();
  let failure: FetchError | undefined;
  const end = (error: FetchError) => {
    failure ??= error;
    killGroup(child.pid);
  };
  const timer = setTimeout(() => {
    end(
      new FetchError(
        'fetch/timeout',
        url,
        `the plugin was not done within ${limits.timeoutMs / 1000} s`,
      ),
    );
  }, limits.timeoutMs);
  const abort = () => end(givenUp(run));
  signal?.addEventListener('abort', abort, { once: true });
  const parts: Uint8Array[] = [];
  let sizeBytes = 0;
  child.stdout.on('data', (part: Uint8Array) => {
    sizeBytes += part.length;
    if (sizeBytes > limits.maxBytes)
      end(new FetchError('fetch/too-large', url, `more than ${limits.maxBytes} bytes`));
    else parts.push(part);
  });
  const stderr = new LineReader(run);
  child.stderr.on('data', (part: Uint8Array) => stderr.read(part));
  child.on('error', reject);
  child.on('close', (code, killedBy) => resolve(code ?? String(killedBy)));
  try {
    const code = await promise;
    stderr.end();
    if (failure !== undefined) throw failure;
    if (code !== 0) throw failed(run, code, stderr.told);
    return Buffer.concat(parts);
  } catch (error) {
    if (error instanceof FetchError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new FetchError('fetch/plugin', url, `the plugin cannot be run: ${reason}`, {
      cause: error,
    });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
}

function failed({ url, command }: ProgramRun, code: number | string, told: string): FetchError {
  const how = typeof code === 'number' ? `exited with code ${code}` : `was ended by ${code}`;
  const words = told === '' ? '' : `: ${told}`;
  return new FetchError('fetch/plugin', url, `plugin "${command}" ${how}${words}`);
}

function givenUp({ url, signal }: ProgramRun): FetchError {
  return new FetchError('fetch/aborted', url, 'given up', { cause: signal?.reason });
}

/** Of the program and of what it started. */
function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    // It has ended meanwhile.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

class LineReader {
  readonly #run: ProgramRun;
  #rest = '';
  #all = '';

  constructor(run: ProgramRun) {
    this.#run = run;
  }

  /** The end of what was said. */
  get told(): string {
    return this.#all.trim().slice(-MAX_TOLD_LENGTH);
  }

  read(part: Uint8Array): void {
    const lines = (this.#rest + Buffer.from(part).toString('utf8')).split('\n');
    this.#rest = (lines.pop() ?? '').slice(-MAX_STDERR_LENGTH);
    for (const line of lines) this.#tell(line);
  }

  end(): void {
    if (this.#rest !== '') this.#tell(this.#rest);
  }

  #tell(line: string): void {
    const masked = maskText(line, this.#run.secrets);
    this.#all = `${this.#all}${masked}\n`.slice(-MAX_STDERR_LENGTH);
    this.#run.onStderr?.(masked);
  }
}
