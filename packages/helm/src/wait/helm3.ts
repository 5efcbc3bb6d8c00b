// SPDX-License-Identifier: Apache-2.0

/**
 * Waits as Helm 3 does.
 *
 * Stage:   apply → **wait** → post-hooks
 * Effects: reads the cluster and sleeps; writes nothing.
 * Source:  helm v3.22.0 pkg/kube/wait.go waitForResources, pkg/kube/ready.go IsReady
 * Differs: looks sooner at first; an object that was ready is looked at again only when all are; the error explains itself.
 */

import { type JsonObject, KubeError, type ObjectRef } from '@helm-operator/kube';
import { HelmError } from '../errors.ts';
import { type CulpritContext, findCulprit } from './culprit.ts';
import { type PollContext, poll } from './poll.ts';
import { READY, type Readiness } from './ready.ts';
import { READY_RULES } from './rules/rules.ts';
import { WaitError } from './wait-error.ts';

/** Answers in a row that a retry may mend, for one object. */
const RETRY_LIMIT = 30;
const HTTP_NOT_IMPLEMENTED = 501;

export interface WaitContext extends PollContext, CulpritContext {
  readonly signal: AbortSignal;
}

export interface WaitOptions {
  readonly timeoutMs: number;
  readonly mustWaitForJobs: boolean;
}

/**
 * @throws {WaitError} `helm/wait-timeout`: the budget ran out; `helm/wait-failed`: a job cannot complete
 * @throws {KubeError} the API server refused to tell
 */
export async function waitAsHelm3(
  refs: readonly ObjectRef[],
  options: WaitOptions,
  context: WaitContext,
): Promise<void> {
  const walk = new Walk(
    refs.filter((ref) => ruleOf(ref, options) !== undefined),
    context,
  );
  const done = await poll(options.timeoutMs, context, () => walk.look());
  if (done !== undefined) return;
  const { ref, message } = walk.pending ?? { ref: undefined, message: '' };
  const culprits = ref === undefined ? [] : [await findCulprit(ref, message, context)];
  throw new WaitError('helm/wait-timeout', 'context deadline exceeded', culprits);
}

function ruleOf(ref: ObjectRef, options: WaitOptions) {
  const slash = ref.apiVersion.indexOf('/');
  const group = slash < 0 ? '' : ref.apiVersion.slice(0, slash);
  if (group === 'batch' && ref.kind === 'Job' && !options.mustWaitForJobs) return undefined;
  return READY_RULES.get(`${group}/${ref.kind}`);
}

/** One wait: which object is looked at, and how often it could not be. */
class Walk {
  readonly #refs: readonly ObjectRef[];
  readonly #context: WaitContext;
  readonly #failures = new Map<ObjectRef, number>();
  #at = 0;
  #mustConfirm = false;
  pending: { readonly ref: ObjectRef; readonly message: string } | undefined;

  constructor(refs: readonly ObjectRef[], context: WaitContext) {
    this.#refs = refs;
    this.#context = context;
  }

  /** @returns `true` when every object is ready in one walk */
  async look(): Promise<true | undefined> {
    for (;;) {
      const ref = this.#refs[this.#at];
      if (ref === undefined) {
        if (!this.#mustConfirm) return true;
        // Some became ready in earlier looks; all must be so now.
        this.#at = 0;
        this.#mustConfirm = false;
        continue;
      }
      const readiness = await this.#lookAt(ref);
      if (readiness.state === 'failed') {
        const culprit = await findCulprit(ref, readiness.message, this.#context);
        throw new WaitError('helm/wait-failed', readiness.message, [culprit]);
      }
      if (readiness.state === 'waiting') {
        this.pending = { ref, message: readiness.message };
        this.#mustConfirm = this.#at > 0;
        return undefined;
      }
      this.#at++;
    }
  }

  async #lookAt(ref: ObjectRef): Promise<Readiness> {
    try {
      const readiness = await readinessNow(ref, this.#context);
      this.#failures.set(ref, 0);
      return readiness;
    } catch (error) {
      if (!isRetryable(error)) throw error;
      const failures = (this.#failures.get(ref) ?? 0) + 1;
      this.#failures.set(ref, failures);
      if (failures > RETRY_LIMIT) throw error;
      return { state: 'waiting', message: error.message };
    }
  }
}

function isRetryable(error: unknown): error is KubeError {
  if (!(error instanceof KubeError)) return false;
  const status = error.status ?? 0;
  return status === 0 || status === 429 || (status >= 500 && status !== HTTP_NOT_IMPLEMENTED);
}

async function readinessNow(ref: ObjectRef, context: WaitContext): Promise<Readiness> {
  const { cluster, signal } = context;
  const slash = ref.apiVersion.indexOf('/');
  const group = slash < 0 ? '' : ref.apiVersion.slice(0, slash);
  const rule = READY_RULES.get(`${group}/${ref.kind}`);
  if (rule === undefined) return READY;
  const object: JsonObject | undefined = await cluster.getJson(ref, { signal });
  if (object === undefined) {
    throw new HelmError('helm/wait-failed', `${ref.kind} "${ref.name}" not found`);
  }
  const query = rule.related?.(object);
  const related = query === undefined ? [] : await cluster.listJson(query, { signal });
  return rule.check(object, related);
}
