// SPDX-License-Identifier: Apache-2.0

/**
 * Keeps the processes of one control plane: a child of the test that dies with it.
 *
 * It starts what the test asks for and ends everything, and removes the folder, when its standard input closes,
 * so that a crashed or killed test leaves nothing behind. Commands are JSON lines on standard input, answers JSON lines on standard output.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Certificate } from './certificates.ts';
import { makePodLogServer } from './pod-logs.ts';

export type KeeperCommand =
  | {
      readonly id: number;
      readonly do: 'start';
      readonly name: string;
      readonly file: string;
      readonly args: readonly string[];
      readonly log: string;
    }
  | {
      readonly id: number;
      readonly do: 'kill';
      readonly name: string;
      readonly signal: NodeJS.Signals;
    }
  | {
      readonly id: number;
      readonly do: 'serveLogs';
      readonly port: number;
      readonly serving: Certificate;
      readonly authority: string;
      readonly apiServerUrl: string;
      readonly token: string;
    }
  | { readonly id: number; readonly do: 'removeAtEnd'; readonly folder: string };

export type KeeperAnswer =
  | { readonly id: number; readonly error?: string }
  | { readonly exited: string; readonly code: number | null; readonly tail: string };

const children = new Map<string, { process: ChildProcess; log: string }>();
const folders: string[] = [];
let isEnding = false;

function answer(line: KeeperAnswer): void {
  if (!isEnding) process.stdout.write(`${JSON.stringify(line)}\n`);
}

async function run(command: KeeperCommand): Promise<void> {
  switch (command.do) {
    case 'start': {
      const log = openSync(command.log, 'a');
      const child = spawn(command.file, command.args, {
        stdio: ['ignore', log, log],
        env: { PATH: process.env['PATH'] },
      });
      children.set(command.name, { process: child, log: command.log });
      child.on('exit', (code) => {
        if (children.get(command.name)?.process !== child) return;
        children.delete(command.name);
        answer({
          exited: command.name,
          code,
          tail: readFileSync(command.log, 'utf8').slice(-1_500),
        });
      });
      await new Promise<void>((resolve, reject) =>
        child.once('spawn', resolve).once('error', reject),
      );
      return;
    }
    case 'kill': {
      const entry = children.get(command.name);
      if (entry === undefined) return;
      const ends = command.signal === 'SIGKILL' || command.signal === 'SIGTERM';
      if (ends) children.delete(command.name);
      const gone = new Promise<void>((resolve) => entry.process.once('exit', () => resolve()));
      entry.process.kill(command.signal);
      if (ends) await gone;
      return;
    }
    case 'serveLogs':
      makePodLogServer({ ...command, apiServerUrl: () => command.apiServerUrl }).listen(
        command.port,
        '127.0.0.1',
      );
      return;
    case 'removeAtEnd':
      folders.push(command.folder);
  }
}

function end(): void {
  if (isEnding) return;
  isEnding = true;
  for (const { process: child } of children.values()) child.kill('SIGKILL');
  for (const folder of folders)
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  process.exit(0);
}

process.on('SIGINT', () => undefined);
process.on('SIGTERM', end);
process.on('uncaughtException', (error) => {
  writeFileSync(2, `${String(error)}\n`);
  end();
});
const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => {
  const command = JSON.parse(line) as KeeperCommand;
  run(command).then(
    () => answer({ id: command.id }),
    (error: unknown) => answer({ id: command.id, error: String(error) }),
  );
});
lines.on('close', end);
