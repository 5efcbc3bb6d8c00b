// SPDX-License-Identifier: Apache-2.0

import type { CliContext } from './context.ts';

/**
 * Runs an action on a release; told to stop, says so.
 *
 * Source: helm v3.22.0 cmd/helm/install.go (the signal handler of runInstall)
 * @throws what the action throws
 */
export async function cancellable<T>(
  name: string,
  context: CliContext,
  run: () => Promise<T>,
): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (context.signal.aborted) context.stdout(`Release ${name} has been cancelled.\n`);
    throw error;
  }
}
