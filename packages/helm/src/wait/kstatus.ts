// SPDX-License-Identifier: Apache-2.0

/**
 * Waits as Helm 4's watcher does.
 *
 * Stage:   apply → **wait** → post-hooks
 * Effects: watches the cluster; writes nothing.
 * Source:  helm v4.2.1 pkg/kube/statuswait.go wait, statusObserver; internal/statusreaders
 * Differs: may give up early (`patience`): then the first object that failed ends the wait, too.
 */

import {
  type JsonObject,
  type ObjectRef,
  readinessOf,
  textAt,
  type Verdict,
} from '@helm-operator/kube';
import { findCulprits } from './culprit.ts';
import type { WaitOptions } from './helm3.ts';
import { completedJob } from './hook-verdict.ts';
import type { LiveView } from './live-view.ts';
import type { Awaited } from './progress.ts';
import { WaitError } from './wait-error.ts';
import { lateCulprits, runWait, type WaitContext } from './wait-loop.ts';

/** What Helm 4 makes of no timeout. */
export const DEFAULT_TIMEOUT_MS = 30_000;

interface Look {
  readonly ref: ObjectRef;
  readonly verdict: Verdict;
}

/**
 * @throws {WaitError} `helm/wait-timeout`, `helm/wait-failed`: every object that is not ready has its line;
 *   `helm/wait-impossible`: something stands in the way that waiting does not remove
 */
export async function waitAsKstatus(
  refs: readonly ObjectRef[],
  options: WaitOptions,
  context: WaitContext,
): Promise<void> {
  const { patience = 'fail-fast' } = options;
  const timeoutMs = options.timeoutMs === 0 ? DEFAULT_TIMEOUT_MS : options.timeoutMs;
  let looks: readonly Look[] = refs.map((ref) => ({ ref, verdict: UNKNOWN }));
  const judge = async (view: LiveView): Promise<readonly Awaited[]> => {
    looks = looks.map((look) =>
      lookAgain(look, view, { ...options, nowMs: context.clock.nowMs() }),
    );
    const failed = looks.filter(({ verdict }) => verdict.status === 'Failed');
    const pending = looks.filter((look) => !isSettled(look));
    if (failed.length > 0 && (patience === 'fail-fast' || pending.length === 0)) {
      const culprits = await findCulprits(failed.map(awaited), context);
      throw new WaitError('helm/wait-failed', linesOf(looks).join('\n'), culprits);
    }
    return pending.map(awaited);
  };
  const late = await runWait({ purpose: 'ready', refs, timeoutMs, patience, judge }, context);
  if (late === undefined) return;
  const text = [...linesOf(looks), 'context deadline exceeded'].join('\n');
  throw new WaitError('helm/wait-timeout', text, await lateCulprits(late, context));
}

const UNKNOWN: Verdict = { status: 'Unknown', message: '', reason: '' };

/** A failed object is final; the others keep their time. */
function isSettled({ verdict }: Look): boolean {
  return verdict.status === 'Current' || verdict.status === 'Failed';
}

function awaited({ ref, verdict }: Look): Awaited {
  return { ref, message: verdict.message === '' ? verdict.status : verdict.message };
}

function linesOf(looks: readonly Look[]): readonly string[] {
  return looks
    .filter(({ verdict }) => verdict.status !== 'Current')
    .map(
      ({ ref, verdict }) =>
        `resource ${ref.kind}/${ref.namespace ?? ''}/${ref.name} not ready. status: ${verdict.status}, message: ${verdict.message}`,
    );
}

function lookAgain(
  look: Look,
  view: LiveView,
  options: Pick<WaitOptions, 'mustWaitForJobs'> & { readonly nowMs: number },
): Look {
  const { ref, verdict } = look;
  if (verdict.status === 'Failed') return look;
  const object = view.look(ref);
  if (object === undefined) return look;
  if (object === 'absent') {
    return { ref, verdict: { status: 'NotFound', message: 'Resource not found', reason: '' } };
  }
  return { ref, verdict: verdictOf(object, options) };
}

function verdictOf(
  object: JsonObject,
  options: Pick<WaitOptions, 'mustWaitForJobs'> & { readonly nowMs: number },
): Verdict {
  const isJob = object['kind'] === 'Job' && textAt(object, 'apiVersion').startsWith('batch/');
  if (isJob && options.mustWaitForJobs) return completedJob(object);
  const isPaused =
    object['kind'] === 'Deployment' &&
    (object['spec'] as JsonObject | undefined)?.['paused'] === true;
  if (isPaused) return { status: 'Current', message: 'Deployment is paused', reason: '' };
  return readinessOf(object, options.nowMs);
}
