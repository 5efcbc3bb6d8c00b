// SPDX-License-Identifier: Apache-2.0

/**
 * One full turn for one HelmRelease: gate → fetch → compose → observe → decide → act → report, again until there is nothing to do.
 *
 * Level-based: nothing is carried from turn to turn but what saves requests.
 */

import {
  decodeHelmRelease,
  type HelmReleaseStatus,
  type ReleaseIntent,
  type ReleaseOutcome,
} from '@helm-operator/api';
import { NO_SECRETS, type Redactor } from '@helm-operator/chart';
import { type ActionContext, createSecretStorage, type ReleaseRecord } from '@helm-operator/helm';
import type { ObjectRef } from '@helm-operator/kube';
import { composeInputs } from '../inputs/values.ts';
import type { Logger } from '../logging/logger.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { OperatorPorts } from '../ports.ts';
import { act, removeRelease, rollBack, testRelease } from './act.ts';
import { type Action, decide } from './decide.ts';
import { explain } from './explain.ts';
import { FINALIZER, gate } from './gate.ts';
import { type Inputs, observe } from './observe.ts';
import type { Reporter } from './report.ts';
import { type Next, nextAfter } from './retry.ts';
import { statusOf } from './status.ts';

/** What a turn needs beside the ports. */
export interface ReconcileContext {
  readonly ports: OperatorPorts;
  readonly reporter: Reporter;
  readonly metrics: Metrics;
  /** Aborted when the object changed while waiting, or the operator stops. */
  readonly signal: AbortSignal;
  /** Identity of this process, unique per start. */
  readonly holder: string;
  readonly isDead: (holder: string) => boolean;
  /** The object as this turn sees it. */
  readonly onRead: (intent: ReleaseIntent) => void;
  readonly onStep: ActionContext['reached'];
}

/** What a turn tells its caller. */
export interface TurnResult {
  readonly next: Next;
  /** `undefined` when the object is gone. */
  readonly intent: ReleaseIntent | undefined;
  /** The newest record as it was last seen; its version tells whether somebody else wrote since. */
  readonly record: ReleaseRecord | undefined;
}

/** More turns of one reconciliation than this mean that two rules contradict each other. */
const MAX_TURNS = 6;
const REST: Next = { kind: 'rest' };

/** @throws {DecodeError} the object is not what its dialect asks for @throws {KubeError} the API server */
export async function reconcile(ref: ObjectRef, context: ReconcileContext): Promise<TurnResult> {
  const { cluster, log } = context.ports;
  const object = await cluster.get(ref, { signal: context.signal });
  if (object === undefined) return { next: REST, intent: undefined, record: undefined };
  const intent = decodeHelmRelease(object);
  context.onRead(intent);
  const turn = new Turn(intent, statusOf(object), context, log.with(logFields(intent)));
  return turn.run();
}

function logFields({ source, release }: ReleaseIntent): Record<string, string> {
  return {
    component: 'release',
    release: release.name,
    targetNamespace: release.namespace,
    resource: `${source.namespace}:helmrelease/${source.name}`,
  };
}

/** The state of one reconciliation. */
class Turn {
  readonly #intent: ReleaseIntent;
  readonly #context: ReconcileContext;
  readonly #log: Logger;
  #status: HelmReleaseStatus;
  #redactor: Redactor = NO_SECRETS;
  #record: ReleaseRecord | undefined;

  constructor(
    intent: ReleaseIntent,
    status: HelmReleaseStatus,
    context: ReconcileContext,
    log: Logger,
  ) {
    this.#intent = intent;
    this.#status = status;
    this.#context = context;
    this.#log = log;
  }

  async run(): Promise<TurnResult> {
    const { kind } = gate(this.#intent);
    switch (kind) {
      case 'gone':
        return this.#end(REST);
      case 'remove-release':
        return this.#remove();
      case 'add-finalizer':
        await this.#setFinalizers([...this.#intent.finalizers, FINALIZER]);
        return this.#release();
      case 'open':
        return this.#release();
    }
  }

  #end(next: Next): TurnResult {
    return { next, intent: this.#intent, record: this.#record };
  }

  async #remove(): Promise<TurnResult> {
    this.#log.info('running uninstall');
    try {
      await removeRelease(this.#intent, this.#actionContext());
    } catch (error) {
      if (this.#context.signal.aborted) throw error;
      return this.#fail('failed', error);
    }
    this.#log.info('uninstall succeeded');
    await this.#setFinalizers(this.#intent.finalizers.filter((name) => name !== FINALIZER));
    return this.#end(REST);
  }

  async #setFinalizers(finalizers: readonly string[]): Promise<void> {
    const { source } = this.#intent;
    const { cluster } = this.#context.ports;
    const body = JSON.stringify({ metadata: { uid: source.uid, finalizers } });
    await cluster.patch(source, 'merge', body, { signal: this.#context.signal });
  }

  async #release(): Promise<TurnResult> {
    const inputs = await this.#inputs();
    if ('next' in inputs) return inputs;
    for (let turn = 0; turn < MAX_TURNS; turn++) {
      const action = await this.#decide(inputs);
      if (action.kind === 'wait') {
        const afterMs = Math.max(1_000, action.untilMs - this.#context.ports.clock.nowMs());
        this.#log.info('somebody else works on the release; waiting', {
          seconds: Math.round(afterMs / 1000),
        });
        return this.#end({ kind: 'later', afterMs });
      }
      if (action.kind === 'stalled') return this.#end(REST);
      if (action.kind === 'done') return this.#succeed(inputs, false);
      const result = await this.#do(action, inputs);
      if (result !== undefined) return result;
    }
    throw new Error(
      `HelmRelease ${this.#intent.source.namespace}/${this.#intent.source.name} did not settle in ${MAX_TURNS} turns`,
    );
  }

  /** Chart and values, or how the turn ends because they cannot be had. */
  async #inputs(): Promise<Inputs | TurnResult> {
    const { ports, signal } = this.#context;
    let chart: Inputs['chart'];
    try {
      chart = await ports.charts.fetch(this.#intent.chart, signal);
    } catch (error) {
      if (signal.aborted) throw error;
      const result = await this.#fail('chart-fetch-failed', error);
      // No watch tells when a repository has mended its ways.
      return result.next.kind === 'rest' ? { ...result, next: { kind: 'back-off' } } : result;
    }
    try {
      const { values, redactor } = await composeInputs(this.#intent, ports.cluster, signal);
      this.#redactor = redactor;
      return { chart, values };
    } catch (error) {
      if (signal.aborted) throw error;
      return this.#fail('failed', error);
    }
  }

  async #decide(inputs: Inputs): Promise<Action> {
    const { ports, signal } = this.#context;
    const { records } = await this.#storage().history(this.#intent.release.name, { signal });
    const state = observe(this.#intent, {
      records,
      status: this.#status,
      inputs,
      nowMs: ports.clock.nowMs(),
      isDead: this.#context.isDead,
    });
    this.#record = state.last;
    return decide(this.#intent, state);
  }

  /** @returns how the turn ends, or `undefined` to decide anew */
  async #do(
    action: Extract<Action, { kind: 'install' | 'upgrade' | 'resume' | 'unlock' }>,
    inputs: Inputs,
  ): Promise<TurnResult | undefined> {
    const isInstall = action.kind === 'install';
    const version = inputs.chart.metadata.version;
    const before = this.#record?.revision ?? 0;
    if (isInstall || action.kind === 'upgrade') {
      this.#log.info(isInstall ? 'running installation' : 'running upgrade', {
        action: action.kind,
        chart: `${inputs.chart.metadata.name}-${version}`,
        why: action.kind === 'upgrade' ? action.why : undefined,
      });
      await this.#report({ phase: isInstall ? 'installing' : 'upgrading', attempted: version });
    } else {
      this.#log.info(
        action.kind === 'resume' ? 'finishing what was begun' : 'unlocking a stale release',
      );
    }
    try {
      this.#record = await this.#timed(action.kind, () =>
        act(action, this.#intent, inputs, this.#actionContext()),
      );
    } catch (error) {
      if (this.#context.signal.aborted) throw error;
      return this.#recoverFrom(error, { isInstall, before });
    }
    if (action.kind === 'unlock') return undefined;
    if (action.kind === 'resume' && this.#record?.info.status !== 'deployed') return undefined;
    this.#log.info(isInstall ? 'installation succeeded' : 'upgrade succeeded');
    return this.#testThenSucceed(inputs, { isInstall, before });
  }

  /** A failed install is purged, a failed upgrade rolled back, as the intent says. */
  async #recoverFrom(
    error: unknown,
    { isInstall, before }: { readonly isInstall: boolean; readonly before: number },
  ): Promise<TurnResult> {
    const failed = await this.#fail('deploy-failed', error);
    const newest = await this.#newest();
    const hasNewRevision = newest !== undefined && newest.revision > before;
    if (isInstall && hasNewRevision && this.#intent.onInstallFailure === 'purge') {
      await this.#quietly('purging the failed installation', async () => {
        await removeRelease(this.#intent, this.#actionContext());
        this.#record = undefined;
      });
    } else if (!isInstall && hasNewRevision && this.#intent.rollback.isEnabled) {
      await this.#rollBack();
    }
    return { ...failed, record: this.#record };
  }

  async #rollBack(): Promise<void> {
    this.#log.info('running rollback');
    await this.#report({ phase: 'rolling-back' });
    try {
      this.#record = await this.#timed('rollback', () =>
        rollBack(this.#intent, this.#actionContext()),
      );
      this.#log.info('rollback succeeded');
      await this.#report({ phase: 'rolled-back', releaseStatus: this.#record.info.status });
    } catch (error) {
      if (this.#context.signal.aborted) throw error;
      await this.#fail('rollback-failed', error);
    }
  }

  async #newest(): Promise<ReleaseRecord | undefined> {
    const { records } = await this.#storage().history(this.#intent.release.name, {
      signal: this.#context.signal,
    });
    this.#record = records.at(-1);
    return this.#record;
  }

  async #testThenSucceed(
    inputs: Inputs,
    done: { readonly isInstall: boolean; readonly before: number },
  ): Promise<TurnResult> {
    const { test } = this.#intent;
    if (!test.isEnabled) return this.#succeed(inputs, true);
    await this.#report({ phase: 'testing' });
    try {
      await this.#timed('test', () => testRelease(this.#intent, this.#actionContext()));
      await this.#report({ phase: 'tested' });
    } catch (error) {
      if (this.#context.signal.aborted) throw error;
      if (!test.canFail) return this.#recoverFromTest(error, done);
      const reason = explain(error, this.#redact);
      this.#log.warning('test failed - ignoring failures', { err: reason });
      await this.#report({ phase: 'test-failed', reason, canTestFail: true });
    }
    return this.#succeed(inputs, true);
  }

  async #recoverFromTest(
    error: unknown,
    done: { readonly isInstall: boolean; readonly before: number },
  ): Promise<TurnResult> {
    const result = await this.#recoverFrom(error, done);
    await this.#report({ phase: 'test-failed', reason: explain(error, this.#redact) });
    return result;
  }

  async #succeed({ chart }: Inputs, hasHappened: boolean): Promise<TurnResult> {
    await this.#report(
      { phase: 'chart-fetched' },
      { phase: 'deployed' },
      {
        phase: 'succeeded',
        deployed: chart.metadata.version,
        attempted: chart.metadata.version,
        chartDigest: chart.digest,
        releaseStatus: this.#record?.info.status,
      },
    );
    if (hasHappened) this.#context.reporter.succeeded(this.#intent);
    return this.#end(REST);
  }

  async #fail(phase: ReleaseOutcome['phase'], error: unknown): Promise<TurnResult> {
    const reason = explain(error, this.#redact);
    this.#log.error('release failed', { phase, err: reason });
    await this.#report({ phase, reason, releaseStatus: this.#record?.info.status });
    this.#context.reporter.failed(this.#intent, reason);
    return this.#end(nextAfter(error));
  }

  /** Writes the status once for all outcomes, and only when it changes. */
  async #report(...outcomes: readonly Partial<ReleaseOutcome>[]): Promise<void> {
    const { release, source } = this.#intent;
    const full = outcomes.map(
      (outcome): ReleaseOutcome => ({
        phase: 'failed',
        generation: source.generation,
        releaseName: release.name,
        namespace: release.namespace,
        ...outcome,
      }),
    );
    this.#status = await this.#context.reporter.report(this.#intent, this.#status, full);
  }

  /** An extra step whose failure is told, but is not what matters. */
  async #quietly(what: string, work: () => Promise<void>): Promise<void> {
    this.#log.info(what);
    try {
      await work();
    } catch (error) {
      if (this.#context.signal.aborted) throw error;
      this.#log.warning(`${what} failed`, { err: explain(error, this.#redact) });
    }
  }

  async #timed<T>(action: string, work: () => Promise<T>): Promise<T> {
    const { clock } = this.#context.ports;
    const startedMs = clock.nowMs();
    let isGood = false;
    try {
      const result = await work();
      isGood = true;
      return result;
    } finally {
      this.#context.metrics.actionDone(
        this.#intent.release,
        action,
        isGood,
        clock.nowMs() - startedMs,
      );
    }
  }

  #storage(): ReturnType<typeof createSecretStorage> {
    const { cluster, clock } = this.#context.ports;
    const { profile, storageNamespace } = this.#intent;
    return createSecretStorage({ cluster, clock, profile, namespace: storageNamespace });
  }

  readonly #redact = (text: string): string => this.#redactor.redact(text);

  #actionContext(): ActionContext {
    const { ports, signal, holder, onStep } = this.#context;
    const { cluster, render, clock } = ports;
    return {
      cluster,
      render,
      clock,
      signal,
      holder,
      storage: this.#storage(),
      redact: this.#redact,
      reached: onStep,
      log: ({ level, message, fields }) => this.#log[level](message, fields),
    };
  }
}
