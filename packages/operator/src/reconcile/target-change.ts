// SPDX-License-Identifier: Apache-2.0

/** A HelmRelease that describes another release than before: what becomes of the old one. */

import {
  printTarget,
  type ReleaseIntent,
  type ReleaseMemory,
  type ReleaseTarget,
  readTarget,
} from '@helm-operator/api';
import { removeRelease } from './act.ts';
import type { Turn } from './turn.ts';
import { whyItStays } from './why-it-stays.ts';

/** The release that was made before; `undefined`: it is the one that is wanted, or nothing was made. Pure. */
export function formerTarget(
  memory: Pick<ReleaseMemory, 'release' | 'action'>,
  intent: ReleaseTarget,
): ReleaseTarget | undefined {
  const { release, action } = memory;
  if (release === undefined || action === undefined || release === printTarget(intent))
    return undefined;
  return readTarget(release);
}

/**
 * Before the new release is made, the old one is uninstalled, where the HelmRelease says so and it is its own; else it stays, and an event says so.
 *
 * Source: spec helm-operator.md §2.8 (it stays); helm-controller.md §2.12 (it is uninstalled first)
 *
 * @throws what `uninstall` throws: the old release is remembered, and tried again
 */
export async function leaveFormerTarget(turn: Turn): Promise<void> {
  const former = formerTarget(turn.memory, turn.intent);
  if (former === undefined) return;
  const old = turn.about({ ...turn.intent, ...former } satisfies ReleaseIntent);
  const why = await whyFormerStays(old);
  if (why !== undefined) {
    turn.log.info('the former release stays', { former: printTarget(former), why });
    turn.context.reporter.kept(old.intent, why);
    return;
  }
  turn.log.info('uninstalling the former release', { former: printTarget(former) });
  await old.timed('uninstall', (context) => removeRelease(old.intent, context));
}

async function whyFormerStays(old: Turn): Promise<string | undefined> {
  if (old.intent.onTargetChange === 'keep')
    return 'the HelmRelease describes another release now; uninstall it by hand if nobody needs it';
  return whyItStays(old);
}
