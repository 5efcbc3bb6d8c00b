// SPDX-License-Identifier: Apache-2.0

/** The demo acts on the cluster as a person does: with kubectl and helm. */

import { mustRun, runPeer } from '../test/kit/kubectl.ts';

export interface JsonObject {
  readonly [key: string]: unknown;
}

/** @throws {Error} with what kubectl printed */
export function mustKubectl(
  kubeconfig: string,
  args: readonly string[],
  input?: string,
): Promise<string> {
  return mustRun('kubectl', kubeconfig, args, input);
}

/** @returns `undefined` when kubectl finds nothing (or cannot ask) */
export async function kubectlJson(
  kubeconfig: string,
  args: readonly string[],
): Promise<JsonObject | undefined> {
  const { code, stdout } = await runPeer('kubectl', kubeconfig, [
    ...args,
    '-o',
    'json',
    '--ignore-not-found',
  ]);
  return code === 0 && stdout.trim() !== '' ? (JSON.parse(stdout) as JsonObject) : undefined;
}

/** What the real Helm prints. */
export function realHelm(kubeconfig: string, args: readonly string[]): Promise<string> {
  return mustRun('helm3', kubeconfig, args);
}
