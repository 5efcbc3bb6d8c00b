// SPDX-License-Identifier: Apache-2.0

/** What becomes of a release whose HelmRelease is deleted. */

import { printOwner } from '@helm-operator/api';
import { hasServiceAccount } from '../identity/tenant.ts';
import { removeRelease } from './act.ts';
import { FINALIZER } from './gate.ts';
import type { Turn, TurnResult } from './turn.ts';

/** The object is being deleted: so is its release, if it is this object's. */
export async function remove(turn: Turn): Promise<TurnResult> {
  try {
    const why = await whyItStays(turn);
    if (why !== undefined) return await keep(turn, why);
    turn.log.info('running uninstall');
    await turn.timed('uninstall', (context) => removeRelease(turn.intent, context));
  } catch (error) {
    return turn.fail('failed', error);
  }
  turn.log.info('uninstall succeeded');
  return letGo(turn);
}

/** Why a release is not this HelmRelease's to remove; `undefined`: it is, or there is none. */
async function whyItStays(turn: Turn): Promise<string | undefined> {
  const { intent, context } = turn;
  if (!(await hasServiceAccount(intent, context.ports.cluster, context.signal)))
    return `service account '${intent.serviceAccount}' is gone: nothing can be removed in its name`;
  await turn.readRecords();
  if (turn.record === undefined) return undefined;
  const { other, isMarkedOurs } = await turn.findOwner(turn.record);
  if (other !== undefined) return `it is managed by '${printOwner(other)}'`;
  if (!isMarkedOurs && !turn.hasTried) return 'this HelmRelease never took it over';
  return undefined;
}

/** The object goes, its release does not. */
export async function keep(turn: Turn, why: string): Promise<TurnResult> {
  turn.log.info('the release stays', { why });
  turn.context.reporter.kept(turn.intent, why);
  return letGo(turn);
}

async function letGo(turn: Turn): Promise<TurnResult> {
  const others = turn.intent.finalizers.filter((name) => name !== FINALIZER);
  await setFinalizers(turn, others);
  return turn.end({ kind: 'rest' });
}

export async function setFinalizers(turn: Turn, finalizers: readonly string[]): Promise<void> {
  const { intent, context } = turn;
  const { source } = intent;
  const body = JSON.stringify({ metadata: { uid: source.uid, finalizers } });
  await context.ports.cluster.patch(source, 'merge', body, { signal: context.signal });
  turn.finalizers = finalizers;
}
