// SPDX-License-Identifier: Apache-2.0

/** Ctrl-C in the middle of an action: the record says `failed`, so that nobody waits for us. */

import { type ActionContext, type ReleaseIdentity, unlock } from '@helm-operator/helm';
import { type CliContext, UsageError } from './context.ts';

/** Time to close the bracket, in milliseconds. */
const CLOSING_MS = 30_000;

export interface CancelOptions {
  readonly release: ReleaseIdentity;
  readonly timeoutMs: number;
}

/**
 * Runs an action; told to stop, it marks what is pending as failed.
 *
 * Source: helm v3.22.0 cmd/helm/install.go (the signal handler of runInstall)
 * Differs: the action has really stopped before this returns.
 *
 * @throws {UsageError} `context canceled`; what the action throws
 */
export async function cancellable<T>(
  { release, timeoutMs }: CancelOptions,
  { actions, context }: { readonly actions: ActionContext; readonly context: CliContext },
  run: () => Promise<T>,
): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!context.signal.aborted) throw error;
    context.stdout(`Release ${release.name} has been cancelled.\n`);
    const closing = { ...actions, signal: AbortSignal.timeout(CLOSING_MS) };
    const hooks = {};
    const wait = { strategy: 'none' } as const;
    await unlock({ profile: 'helm3', release, timeoutMs, hooks, wait }, closing);
    throw new UsageError('context canceled', { cause: error });
  }
}
