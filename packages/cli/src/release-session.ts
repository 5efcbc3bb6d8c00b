// SPDX-License-Identifier: Apache-2.0

/** A cluster, its release storage and a render host: what commands about releases need. */

import { type ActionContext, type ReleaseIdentity, RenderPool } from '@helm-operator/helm';
import { systemClock } from '@helm-operator/kube';
import type { CliContext } from './context.ts';
import { hostLimits, type RenderLimits } from './flags/limits.ts';
import { connectBy, type Settings } from './flags/settings.ts';
import { waitListener } from './output/progress.ts';
import { openStorage } from './storage.ts';

/** Time to write that a stopped command failed, in milliseconds. */
const ABORT_GRACE_MS = 30_000;

export interface ReleaseSession {
  readonly namespace: string;
  readonly actions: ActionContext;
  /** The release of that name, in the namespace of the command line. */
  readonly identity: (name: string) => ReleaseIdentity;
}

/** @throws {KubeError} `kube/config`; what `run` throws */
export async function withReleases<T>(
  flags: Settings & { readonly limits?: RenderLimits },
  context: CliContext,
  run: (session: ReleaseSession) => Promise<T>,
): Promise<T> {
  const { cluster, namespace } = await connectBy(flags, context);
  const render = new RenderPool({
    nodePath: context.nodePath,
    entryPath: context.renderEntry,
    ...hostLimits(flags.limits ?? {}),
    timeZone: context.env.get('TZ'),
    clock: systemClock,
  });
  const actions: ActionContext = {
    cluster,
    storage: openStorage(cluster, namespace, { context, profile: flags.profile }),
    render,
    clock: systemClock,
    signal: context.signal,
    log: debugLog(flags, context),
    reached: ({ action, name, subject }) => {
      const what = subject === undefined ? '' : ` ${subject}`;
      if (flags.isDebug) context.stderr(`[debug] ${action}: ${name}${what}\n`);
    },
    redact: (text) => text,
    hookOutput: context.stderr,
    // No holder: to an operator the record of a command is somebody else's.
    abortGraceMs: ABORT_GRACE_MS,
    waiting: waitListener(context),
  };
  try {
    return await run({ namespace, actions, identity: (name) => ({ name, namespace }) });
  } finally {
    await render.close();
    cluster.close();
  }
}

/** What actions tell, for `--debug`. */
export function debugLog(
  { isDebug }: Pick<Settings, 'isDebug'>,
  context: CliContext,
): ActionContext['log'] {
  return ({ level, message }) => {
    if (isDebug) context.stderr(`[${level}] ${message}\n`);
  };
}
