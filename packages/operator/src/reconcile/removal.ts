// SPDX-License-Identifier: Apache-2.0

/** What becomes of a release whose HelmRelease is deleted. */

import { textOf } from '@helm-operator/helm';
import { removeRelease } from './act.ts';
import type { TurnResult } from './context.ts';
import { isDefinitionGoing } from './definition-deletion.ts';
import { FINALIZER } from './gate.ts';
import { leaveFormerTarget } from './target-change.ts';
import type { Turn } from './turn.ts';
import { whyItStays } from './why-it-stays.ts';

/** The release of an object that is being deleted cannot be removed. */
class RemovalError extends Error {
  readonly code = 'operator/removal';
  constructor(cause: unknown) {
    super(
      `its release cannot be uninstalled: ${textOf(cause)}; to let the release stay, set annotation helm-operator.dev/orphan to "true"`,
      { cause },
    );
    this.name = 'RemovalError';
  }
}

/** The object is being deleted: so is its release, if it is this object's. */
export async function remove(turn: Turn): Promise<TurnResult> {
  try {
    if (await mustKeepWithDefinition(turn)) return await keepWithDefinition(turn);
    await leaveFormerTarget(turn);
    const why = await whyItStays(turn);
    if (why !== undefined) return await keep(turn, why);
    turn.log.info('running uninstall');
    await turn.timed('uninstall', (context) => removeRelease(turn.intent, context));
  } catch (error) {
    const result = await turn.fail('failed', new RemovalError(error));
    // Nothing tells when what stands in the way is gone, and the object waits for us.
    return result.next.kind === 'rest' ? { ...result, next: { kind: 'back-off' } } : result;
  }
  turn.log.info('uninstall succeeded');
  return letGo(turn);
}

/** Nobody asked for the end of this release, only for that of a definition. */
async function mustKeepWithDefinition({ intent, context }: Turn): Promise<boolean> {
  if (context.onDefinitionDeletion === 'uninstall') return false;
  return isDefinitionGoing(intent.source.apiVersion, context.ports.cluster, context.signal);
}

async function keepWithDefinition(turn: Turn): Promise<TurnResult> {
  const why =
    'the definition of its kind is being deleted, and with it every HelmRelease of that kind; apply the HelmRelease again to manage the release, or uninstall it with helm';
  turn.log.warning('the release stays', { why });
  turn.context.reporter.definitionDeleted(turn.intent, why);
  return letGo(turn);
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
  const { signal, ports } = context;
  await ports.cluster.patch(source, 'merge', body, { signal, isMetadataEnough: true });
  turn.finalizers = finalizers;
}
