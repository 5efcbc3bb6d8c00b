// SPDX-License-Identifier: Apache-2.0

/** The one binary's entry, and the only file of this room that reads the process. */

import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { homedir, hostname } from 'node:os';
import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { decodeUtf8 } from '@helm-operator/gocompat';
import { connect, kubeconfigPaths } from '@helm-operator/kube';
import type { CliContext } from './context.ts';
import { runProgram } from './program.ts';

const VERSION = '0.1.0';

const stop = new AbortController();
process.once('SIGINT', () => stop.abort());
process.once('SIGTERM', () => stop.abort());

/** Beside the bundle, else in the tree. */
function renderEntry(): string {
  const bundled = fileURLToPath(new URL('./render-host.js', import.meta.url));
  const inTree = fileURLToPath(new URL('../../helm/src/render-host/main.ts', import.meta.url));
  return existsSync(bundled) ? bundled : inTree;
}

const env = new Map(
  Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
);
const context: CliContext = {
  stdout: (line) => void process.stdout.write(line),
  stderr: (line) => void process.stderr.write(line),
  stdin: async () => decodeUtf8(await buffer(process.stdin)),
  env,
  folder: process.cwd(),
  homeFolder: homedir(),
  signal: stop.signal,
  connect: (config, onWarning) =>
    connect(config, { version: VERSION, env: process.env, onWarning }),
  readText: (path) => readFile(path).then(decodeUtf8, () => undefined),
  kubeconfigPaths: kubeconfigPaths(process.env['KUBECONFIG'], homedir()),
  version: VERSION,
  terminal: {
    isOutput: process.stdout.isTTY === true,
    isErrors: process.stderr.isTTY === true,
    columns: process.stderr.columns ?? 80,
  },
  identity: `${hostname()}_${randomUUID()}`,
  nodePath: process.execPath,
  renderEntry: renderEntry(),
};

process.exitCode = await runProgram(process.argv.slice(2), context);
