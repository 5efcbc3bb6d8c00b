// SPDX-License-Identifier: Apache-2.0

/** The operator as the demo runs it: one process, its log in a file. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { freePorts } from '../test/kit/control-plane/control-plane.ts';

export interface Operator {
  readonly url: string;
  readonly logFile: string;
  stop(): Promise<void>;
}

export interface OperatorOptions {
  readonly kubeconfig: string;
  readonly namespace: string;
  readonly logFile: string;
}

const READY_WITHIN_MS = 60_000;

/** Starts it and waits until `/readyz` says yes. @throws {Error} with the end of its log */
export async function startOperator(options: OperatorOptions): Promise<Operator> {
  const [port] = await freePorts(1);
  const main = fileURLToPath(new URL('../packages/cli/src/main.ts', import.meta.url));
  const child = spawn(
    process.execPath,
    [
      main,
      `--kubeconfig=${options.kubeconfig}`,
      `--allow-namespace=${options.namespace}`,
      `--listen=127.0.0.1:${port}`,
      '--log-format=json',
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const log = createWriteStream(options.logFile);
  let tail = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      log.write(text);
      tail = (tail + text).slice(-2_000);
    });
  }
  const url = `http://127.0.0.1:${port}`;
  const deadlineMs = Date.now() + READY_WITHIN_MS;
  for (;;) {
    const answer = await fetch(`${url}/readyz`).catch(() => undefined);
    if (answer?.ok === true) break;
    if (child.exitCode !== null || Date.now() > deadlineMs) {
      child.kill('SIGKILL');
      throw new Error(`the operator did not get ready:\n${tail}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    url,
    logFile: options.logFile,
    stop: async () => {
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
    },
  };
}
