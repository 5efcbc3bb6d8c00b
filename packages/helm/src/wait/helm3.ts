// SPDX-License-Identifier: Apache-2.0

/**
 * Waits as Helm 3 does (`--wait`, `--wait-for-jobs`; Helm 4's `--wait=legacy`).
 *
 * Stage:   apply → **wait** → post-hooks
 * Effects: watches the cluster; writes nothing.
 * Source:  helm v3.22.0 pkg/kube/wait.go waitForResources, pkg/kube/ready.go IsReady
 * Differs: watches instead of looking every two seconds; the error explains itself; may give up early (`patience`).
 */

import type { JsonObject, ObjectRef } from '@helm-operator/kube';
import { HelmError } from '../errors.ts';
import { findCulprits } from './culprit.ts';
import type { LiveView } from './live-view.ts';
import type { Awaited } from './progress.ts';
import { READY, type Readiness, type ReadyRule, waiting } from './ready.ts';
import { READY_RULES } from './rules/rules.ts';
import { WaitError } from './wait-error.ts';
import { lateCulprits, type Patience, runWait, type WaitContext } from './wait-loop.ts';

export interface WaitOptions {
  readonly timeoutMs: number;
  readonly mustWaitForJobs: boolean;
  /** Default `fail-fast`. */
  readonly patience?: Patience | undefined;
}

/**
 * @throws {WaitError} `helm/wait-timeout`: the budget ran out; `helm/wait-failed`: a job cannot complete;
 *   `helm/wait-impossible`: something stands in the way that waiting does not remove
 * @throws {HelmError} `helm/wait-failed`: an object is gone
 * @throws {KubeError} the API server refused to tell
 */
export async function waitAsHelm3(
  refs: readonly ObjectRef[],
  options: WaitOptions,
  context: WaitContext,
): Promise<void> {
  const { timeoutMs, patience = 'fail-fast' } = options;
  const ruled = refs.filter((ref) => ruleOf(ref, options) !== undefined);
  const judge = async (view: LiveView): Promise<readonly Awaited[]> => {
    const pending: Awaited[] = [];
    for (const ref of ruled) {
      const readiness = readinessIn(view, ref);
      if (readiness.state === 'failed') {
        const message = readiness.message;
        throw new WaitError(
          'helm/wait-failed',
          message,
          await findCulprits([{ ref, message }], context),
        );
      }
      if (readiness.state === 'waiting') pending.push({ ref, message: readiness.message });
    }
    return pending;
  };
  const late = await runWait(
    { purpose: 'ready', refs: ruled, timeoutMs, patience, judge },
    context,
  );
  if (late === undefined) return;
  throw new WaitError(
    'helm/wait-timeout',
    'context deadline exceeded',
    await lateCulprits(late, context),
  );
}

function ruleOf(
  ref: ObjectRef,
  options: Pick<WaitOptions, 'mustWaitForJobs'>,
): ReadyRule | undefined {
  const slash = ref.apiVersion.indexOf('/');
  const group = slash < 0 ? '' : ref.apiVersion.slice(0, slash);
  if (group === 'batch' && ref.kind === 'Job' && !options.mustWaitForJobs) return undefined;
  return READY_RULES.get(`${group}/${ref.kind}`);
}

function readinessIn(view: LiveView, ref: ObjectRef): Readiness {
  const object: JsonObject | 'absent' | undefined = view.look(ref);
  if (object === undefined) return waiting('not seen yet');
  if (object === 'absent') {
    throw new HelmError('helm/wait-failed', `${ref.kind} "${ref.name}" not found`);
  }
  const rule = ruleOf(ref, { mustWaitForJobs: true });
  if (rule === undefined) return READY;
  const query = rule.related?.(object);
  if (query === undefined) return rule.check(object, []);
  const related = view.list(query, {
    mayWiden: rule.picksRelated === true,
    isOptional: false,
  });
  return related === undefined
    ? waiting(`its ${query.kind}s are not known yet`)
    : rule.check(object, related);
}
