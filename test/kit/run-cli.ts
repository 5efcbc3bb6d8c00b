// SPDX-License-Identifier: Apache-2.0

/** Our command line inside this process, with a world of its own. */

import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { type CliContext, runProgram } from '@helm-operator/cli';
import { type ConnectedCluster, connect } from '@helm-operator/kube';
import type { CommandResult } from './kubectl.ts';

const RENDER_ENTRY = fileURLToPath(
  new URL('../../packages/helm/src/render-host/main.ts', import.meta.url),
);

export interface RunCliOptions {
  /** Where relative paths start. */
  readonly folder?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  readonly signal?: AbortSignal;
  /** In place of what the kubeconfig leads to. */
  readonly cluster?: ConnectedCluster;
}

/** Runs `helm-operator ARGS`; a failing command is a result, not an error. */
export async function runCli(
  args: readonly string[],
  options: RunCliOptions = {},
): Promise<CommandResult> {
  const out: string[] = [];
  const err: string[] = [];
  const context = makeContext(out, err, options);
  const code = await runProgram(args, context);
  return { code, stdout: out.join(''), stderr: err.join('') };
}

function makeContext(out: string[], err: string[], options: RunCliOptions): CliContext {
  const env = new Map(Object.entries({ TZ: 'UTC', ...options.env }));
  const kubeconfig = env.get('KUBECONFIG');
  return {
    stdout: (text) => void out.push(text),
    stderr: (text) => void err.push(text),
    stdin: () => Promise.resolve(options.stdin ?? ''),
    env,
    folder: options.folder ?? process.cwd(),
    homeFolder: homedir(),
    signal: options.signal ?? new AbortController().signal,
    connect: (config, onWarning) =>
      options.cluster ??
      connect(config, { version: 'test', env: Object.fromEntries(env), onWarning }),
    readText: (path) => readFile(path, 'utf8').catch(() => undefined),
    kubeconfigPaths: kubeconfig === undefined ? [] : [kubeconfig],
    terminal: { isOutput: false, isErrors: false, columns: 80 },
    version: 'test',
    identity: 'test',
    nodePath: process.execPath,
    renderEntry: RENDER_ENTRY,
  };
}
