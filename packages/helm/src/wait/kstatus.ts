// SPDX-License-Identifier: Apache-2.0

/**
 * Waits as Helm 4's watcher does.
 *
 * Stage:   apply → **wait** → post-hooks
 * Effects: reads the cluster and sleeps; writes nothing.
 * Source:  helm v4.2.1 pkg/kube/statuswait.go wait, statusObserver; internal/statusreaders
 * Differs: looks at the objects that are not ready, does not watch whole namespaces.
 */

import {
  type JsonObject,
  type ObjectRef,
  readinessOf,
  textAt,
  type Verdict,
} from '@helm-operator/kube';
import { findCulprit } from './culprit.ts';
import type { WaitContext, WaitOptions } from './helm3.ts';
import { completedJob } from './hook-verdict.ts';
import { poll } from './poll.ts';
import { WaitError } from './wait-error.ts';

/** What Helm 4 makes of no timeout. */
const DEFAULT_TIMEOUT_MS = 30_000;

interface Look {
  readonly ref: ObjectRef;
  readonly verdict: Verdict;
}

/** @throws {WaitError} `helm/wait-timeout`, `helm/wait-failed`: every object that is not ready has its line */
export async function waitAsKstatus(
  refs: readonly ObjectRef[],
  options: WaitOptions,
  context: WaitContext,
): Promise<void> {
  const budgetMs = options.timeoutMs === 0 ? DEFAULT_TIMEOUT_MS : options.timeoutMs;
  let looks: readonly Look[] = refs.map((ref) => ({ ref, verdict: UNKNOWN }));
  const isDone = await poll(budgetMs, context, async () => {
    looks = await Promise.all(looks.map((look) => lookAgain(look, options, context)));
    return looks.every(isSettled) ? true : undefined;
  });
  const unready = looks.filter(({ verdict }) => verdict.status !== 'Current');
  if (isDone === true && unready.length === 0) return;
  const lines = unready.map(
    ({ ref, verdict }) =>
      `resource ${ref.kind}/${ref.namespace ?? ''}/${ref.name} not ready. status: ${verdict.status}, message: ${verdict.message}`,
  );
  if (isDone === undefined) lines.push('context deadline exceeded');
  const culprits = await Promise.all(
    unready.map(({ ref, verdict }) => findCulprit(ref, verdict.message, context)),
  );
  const code = isDone === undefined ? 'helm/wait-timeout' : 'helm/wait-failed';
  throw new WaitError(code, lines.join('\n'), culprits);
}

const UNKNOWN: Verdict = { status: 'Unknown', message: '', reason: '' };

/** A failed object is final; the others keep their time. */
function isSettled({ verdict }: Look): boolean {
  return verdict.status === 'Current' || verdict.status === 'Failed';
}

async function lookAgain(look: Look, options: WaitOptions, context: WaitContext): Promise<Look> {
  if (isSettled(look)) return look;
  const { ref } = look;
  const object = await context.cluster.getJson(ref, { signal: context.signal });
  if (object === undefined) {
    return { ref, verdict: { status: 'NotFound', message: 'Resource not found', reason: '' } };
  }
  return { ref, verdict: verdictOf(object, options, context.clock.nowMs()) };
}

function verdictOf(object: JsonObject, options: WaitOptions, nowMs: number): Verdict {
  const isJob = object['kind'] === 'Job' && textAt(object, 'apiVersion').startsWith('batch/');
  if (isJob && options.mustWaitForJobs) return completedJob(object);
  const isPaused =
    object['kind'] === 'Deployment' &&
    (object['spec'] as JsonObject | undefined)?.['paused'] === true;
  if (isPaused) return { status: 'Current', message: 'Deployment is paused', reason: '' };
  return readinessOf(object, nowMs);
}
