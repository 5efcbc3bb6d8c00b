// SPDX-License-Identifier: Apache-2.0

/**
 * One render child as the parent sees it: a process, a pipe each way, one request at a time.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import type { Clock } from '@helm-operator/kube';
import { HelmError } from '../errors.ts';
import { encodeFrame, type Frame, FrameReader } from './frames.ts';
import {
  CHILD_TO_PARENT_FD,
  type HostQuestion,
  type HostReply,
  type HostRequest,
  PARENT_TO_CHILD_FD,
} from './protocol.ts';

export interface ChildOptions {
  /** The Node to run. */
  readonly nodePath: string;
  /** The child's entry: `main.ts` of this folder, or its bundle. */
  readonly entryPath: string;
  /** Limit of the child's heap, in MiB. */
  readonly memoryLimitMiB: number;
  /** Time for one request, in milliseconds; the child is then killed. */
  readonly timeLimitMs: number;
  /** The time zone templates see; nothing else of the environment reaches the child. */
  readonly timeZone?: string | undefined;
  readonly clock: Clock;
}

/**
 * Helm ends recursion after a thousand includes, which need more than the default of 984 KiB; below the 8 MiB that systems give a
 * main thread.
 */
const STACK_KIB = 3900;
/**
 * A heap that is swept sooner takes a few MiB less and makes rendering slower: with a young generation of 1 MiB and a growth of a quarter by half.
 */
const MEMORY_FLAGS: readonly string[] = ['--max-semi-space-size=2', '--initial-old-space-size=8'];
const MALLOC = { MALLOC_ARENA_MAX: '1', MALLOC_TRIM_THRESHOLD_: '131072' };
/** Between two looks whether the time is up, where an answer is waited for. */
const SHORTEST_SLEEP_MS = 20;
/** The end of what a child wrote to its standard error, for its own post-mortem. */
const STDERR_KEPT = 8192;

/** Answers what the child asks while it works on a request. */
export type OnQuestion = (question: HostQuestion, body: Uint8Array) => Promise<Uint8Array>;

export interface HostAnswer {
  readonly reply: HostReply;
  readonly body: Uint8Array;
}

interface Pending {
  readonly resolve: (answer: HostAnswer) => void;
  readonly reject: (error: unknown) => void;
  readonly onQuestion: OnQuestion;
}

export class RenderChild {
  readonly #running: ChildProcess;
  readonly #options: ChildOptions;
  readonly #frames = new FrameReader();
  readonly #exited: Promise<void>;
  #stderr = '';
  #pending: Pending | undefined;
  #death: HelmError | undefined;
  /** Since when the parent looks for an answer. */
  #askedAtMs: number | undefined;
  /** How long it has looked for answers to the questions of this request. */
  #heldUpMs = 0;
  /** Charts this child was given, until it says otherwise. */
  readonly knownCharts: Set<string> = new Set();

  constructor(options: ChildOptions) {
    this.#options = options;
    const { nodePath, entryPath, memoryLimitMiB, timeZone } = options;
    const flags = [
      `--max-old-space-size=${memoryLimitMiB}`,
      `--stack-size=${STACK_KIB}`,
      ...MEMORY_FLAGS,
      '--disable-warning=ExperimentalWarning',
    ];
    this.#running = spawn(nodePath, [...flags, entryPath], {
      env: timeZone === undefined ? MALLOC : { ...MALLOC, TZ: timeZone },
      stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'],
    });
    const replies = this.#running.stdio[CHILD_TO_PARENT_FD] as Readable;
    replies.on('data', (chunk: Uint8Array) => this.#receive(chunk));
    this.#running.stderr?.on('data', (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString()).slice(-STDERR_KEPT);
    });
    // A pipe whose other end is gone says so here as well; `exit` tells the reason.
    this.#requests().on('error', () => {});
    this.#exited = new Promise((resolve) => {
      this.#running.once('error', (cause) => {
        this.#die(
          new HelmError('helm/render-host', `start the render host: ${cause.message}`, { cause }),
        );
        resolve();
      });
      this.#running.once('close', (code, signal) => {
        this.#die(this.#reasonOf(code, signal));
        resolve();
      });
    });
  }

  get isAlive(): boolean {
    return this.#death === undefined;
  }

  /** Ends the process; what it was working on fails with `error`. */
  async kill(error: HelmError): Promise<void> {
    this.#die(error);
    this.#running.kill('SIGKILL');
    await this.#exited;
  }

  /** Sends something that has no answer. */
  send(request: HostRequest, body?: Uint8Array): void {
    this.#requests().write(encodeFrame(request, body));
  }

  /**
   * One request and its answer; the caller sees to it that there is one at a time.
   *
   * @throws {HelmError} `helm/render-timeout`, `helm/render-memory`, `helm/render-host`
   */
  async ask(
    request: HostRequest,
    options: {
      readonly body?: Uint8Array | undefined;
      readonly onQuestion: OnQuestion;
      readonly signal?: AbortSignal | undefined;
    },
  ): Promise<HostAnswer> {
    if (this.#death !== undefined) throw this.#death;
    options.signal?.throwIfAborted();
    const done = new AbortController();
    const onAbort = (): void => {
      void this.kill(new HelmError('helm/render-host', 'rendering was stopped'));
    };
    options.signal?.addEventListener('abort', onAbort, { once: true });
    void this.#limitTime(done.signal);
    try {
      return await new Promise<HostAnswer>((resolve, reject) => {
        this.#pending = { resolve, reject, onQuestion: options.onQuestion };
        this.send(request, options.body);
      });
    } finally {
      this.#pending = undefined;
      done.abort();
      options.signal?.removeEventListener('abort', onAbort);
      options.signal?.throwIfAborted();
    }
  }

  /** Time in which the parent looks for answers does not count. */
  async #limitTime(done: AbortSignal): Promise<void> {
    const { clock, timeLimitMs } = this.#options;
    const begunAtMs = clock.elapsedMs();
    this.#heldUpMs = 0;
    try {
      for (let leftMs = timeLimitMs; leftMs > 0; ) {
        await clock.sleep(Math.max(leftMs, SHORTEST_SLEEP_MS), done);
        const nowMs = clock.elapsedMs();
        const heldUpMs = this.#heldUpMs + (nowMs - (this.#askedAtMs ?? nowMs));
        leftMs = timeLimitMs - (nowMs - begunAtMs - heldUpMs);
      }
    } catch (error) {
      if (done.aborted) return;
      throw error;
    }
    const seconds = Math.round(timeLimitMs / 1000);
    const text = `rendering took longer than ${seconds} s and was stopped; look for templates that loop or raise the limit \`timeMs\``;
    await this.kill(new HelmError('helm/render-timeout', text));
  }

  #requests(): Writable {
    return this.#running.stdio[PARENT_TO_CHILD_FD] as Writable;
  }

  #receive(chunk: Uint8Array): void {
    let frames: readonly Frame[];
    try {
      frames = this.#frames.push(chunk);
    } catch (cause) {
      void this.kill(
        new HelmError('helm/render-host', 'the render host is out of step', { cause }),
      );
      return;
    }
    for (const { header, body } of frames) {
      const reply = header as HostReply;
      if (reply.type === 'lookup' || reply.type === 'post-render') void this.#answer(reply, body);
      else this.#pending?.resolve({ reply, body });
    }
  }

  async #answer(question: HostQuestion, asked: Uint8Array): Promise<void> {
    const pending = this.#pending;
    if (pending === undefined) return;
    const { clock } = this.#options;
    this.#askedAtMs = clock.elapsedMs();
    try {
      const body = await pending.onQuestion(question, asked);
      this.send({ type: 'found' }, body);
    } catch (error) {
      this.send({ type: 'found', error: error instanceof Error ? error.message : String(error) });
    } finally {
      this.#heldUpMs += clock.elapsedMs() - this.#askedAtMs;
      this.#askedAtMs = undefined;
    }
  }

  #die(error: HelmError): void {
    this.#death ??= error;
    this.#pending?.reject(this.#death);
  }

  #reasonOf(code: number | null, signal: NodeJS.Signals | null): HelmError {
    const isMemory =
      this.#stderr.includes('heap out of memory') ||
      this.#stderr.includes('Reached heap limit') ||
      this.#stderr.includes('Array buffer allocation failed');
    const { memoryLimitMiB } = this.#options;
    if (isMemory || signal === 'SIGKILL') {
      const text = `rendering needed more than ${memoryLimitMiB} MiB of memory and was stopped; look for values or loops that grow, or raise the limit \`memoryMiB\``;
      return new HelmError('helm/render-memory', text);
    }
    const how = signal === null ? `exit code ${code}` : `signal ${signal}`;
    const lines = this.#stderr.trim().split('\n');
    const reason = lines.find((line) => /Error\b/.test(line)) ?? lines.at(-1) ?? '';
    return new HelmError('helm/render-host', `the render host ended with ${how}: ${reason.trim()}`);
  }
}
