#!/usr/bin/env -S node --stack-size=3900
// SPDX-License-Identifier: Apache-2.0

// Starts helm-operator on a Node that can run it: this one, or the one that the npm package `node` pins; with room for templates that are
// nested as deep as Helm allows, where it renders in this process; and, for the operator, with a small heap that is swept often.
// Plain JavaScript that old versions of Node understand.

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';

const NEEDED_MAJOR = 24;
const here = dirname(fileURLToPath(import.meta.url));
const bundle = join(here, '../bundle/main.js');
const main = existsSync(bundle) ? bundle : join(here, '../src/main.ts');

const STACK_FLAG = '--stack-size=3900';
const RENDERING = ['template', 'lint', 'values'];

// A third of the memory, for a few milliseconds a release (docs/architecture.md, Memory). They count from the start of a process only.
const MEMORY_FLAGS = ['--max-semi-space-size=2', '--initial-old-space-size=10'];
const MALLOC = { MALLOC_ARENA_MAX: '1', MALLOC_TRIM_THRESHOLD_: '131072' };
const LATER_FLAGS = ['--heap-growing-percent=25', '--external-memory-accounted-in-global-limit'];

const isNew = Number(process.versions.node.split('.')[0]) >= NEEDED_MAJOR;
const isDeep = process.execArgv.some((flag) => flag.startsWith('--stack-size'));
const [, , group, command] = process.argv;
const isOperator = group === undefined || group.startsWith('-');
if (isNew && isOperator) {
  const isSmall = process.execArgv.includes(MEMORY_FLAGS[0]);
  if (!isSmall && typeof process.execve === 'function' && process.platform !== 'win32') {
    const args = [...process.execArgv, ...MEMORY_FLAGS, ...process.argv.slice(1)];
    process.execve(process.execPath, [process.execPath, ...args], { ...MALLOC, ...process.env });
  }
  for (const flag of LATER_FLAGS) setFlagsFromString(flag);
}
if (isNew && (isDeep || group !== 'helm' || !RENDERING.includes(command ?? ''))) {
  await import(main);
} else {
  const node = isNew ? process.execPath : pinnedNode();
  if (node === undefined) {
    process.stderr.write(
      `Error: helm-operator needs Node ${NEEDED_MAJOR} or newer, this is ${process.version}: ` +
        `install Node ${NEEDED_MAJOR}, or the npm package node@${NEEDED_MAJOR} beside helm-operator with its install script allowed\n`,
    );
    process.exit(1);
  }
  const child = spawn(node, [STACK_FLAG, main, ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(signal === null ? (code ?? 1) : 1));
}

/** @returns {string | undefined} */
function pinnedNode() {
  try {
    const folder = dirname(createRequire(import.meta.url).resolve('node/package.json'));
    const path = join(folder, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
    return existsSync(path) ? path : undefined;
  } catch {
    return undefined;
  }
}
