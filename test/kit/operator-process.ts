// SPDX-License-Identifier: Apache-2.0

/** The operator as its users run it: one process, told by flags, asked over HTTP. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { freePorts } from './control-plane/control-plane.ts';

export interface OperatorProcess {
  readonly url: string;
  readonly pid: number;
  /** All it has printed so far. */
  log(): string;
  /** Its exit code, once it has ended. */
  exitCode(): number | null;
  metrics(): Promise<string>;
  /** SIGTERM, then waits for the end. */
  stop(): Promise<void>;
  kill(): Promise<void>;
  /** Waits until it has ended by itself. */
  ended(): Promise<void>;
}

export interface OperatorOptions {
  readonly kubeconfig: string;
  /** Watches this namespace alone. */
  readonly namespace?: string;
  /** The file that is run instead of the command; default: `packages/cli/src/main.ts`. */
  readonly main?: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly logFile?: string;
  /** Run in place of Node with `main`; the flags follow. */
  readonly command?: readonly [string, ...string[]];
  /** `false`: do not wait for `/readyz`. */
  readonly mustBeReady?: boolean;
}

const READY_WITHIN_MS = 60_000;
const MAIN = fileURLToPath(new URL('../../packages/cli/src/main.ts', import.meta.url));
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Starts it and waits until `/readyz` says yes. @throws {Error} with the end of its log */
export async function startOperator(options: OperatorOptions): Promise<OperatorProcess> {
  const [port] = await freePorts(1);
  const [program, ...before] = options.command ?? [process.execPath, options.main ?? MAIN];
  const child = spawn(
    program,
    [
      ...before,
      `--kubeconfig=${options.kubeconfig}`,
      ...(options.namespace === undefined ? [] : [`--allow-namespace=${options.namespace}`]),
      `--listen=127.0.0.1:${port}`,
      '--log-format=json',
      ...(options.args ?? []),
    ],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'], TZ: 'UTC', ...options.env },
    },
  );
  running.add(child);
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (part: string) => {
      text += part;
      if (options.logFile !== undefined) appendFileSync(options.logFile, part);
    });
  }
  const exited = once(child, 'exit').then(() => void running.delete(child));
  const url = `http://127.0.0.1:${port}`;
  const operator: OperatorProcess = {
    url,
    pid: child.pid ?? 0,
    log: () => text,
    exitCode: () => child.exitCode,
    metrics: async () => await (await fetch(`${url}/metrics`)).text(),
    stop: async () => {
      child.kill('SIGTERM');
      await exited;
    },
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
    ended: () => exited,
  };
  if (options.mustBeReady !== false) await untilReady(operator);
  return operator;
}

async function untilReady(operator: OperatorProcess): Promise<void> {
  const deadlineMs = Date.now() + READY_WITHIN_MS;
  for (;;) {
    const answer = await fetch(`${operator.url}/readyz`).catch(() => undefined);
    if (answer?.ok === true) return;
    if (operator.exitCode() !== null || Date.now() > deadlineMs) {
      await operator.kill();
      throw new Error(`the operator did not get ready:\n${operator.log().slice(-3_000)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
