// SPDX-License-Identifier: Apache-2.0

/**
 * One full turn for one HelmRelease: gate → fetch → compose → observe → decide → act → report, again until there is nothing to do.
 *
 * Level-based: nothing is carried from turn to turn but what saves requests.
 */

import {
  decodeHelmRelease,
  type HelmReleaseStatus,
  memoryOf,
  type ReleaseIntent,
  type ReleaseMemory,
  type ReleaseOutcome,
} from '@helm-operator/api';
import { NO_SECRETS, type Redactor } from '@helm-operator/chart';
import {
  type ActionContext,
  createSecretStorage,
  lastRecord,
  type ReleaseRecord,
} from '@helm-operator/helm';
import type { ObjectRef } from '@helm-operator/kube';
import { inputsDigest } from '../inputs/digest.ts';
import { composeInputs } from '../inputs/values.ts';
import type { Logger } from '../logging/logger.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { OperatorPorts } from '../ports.ts';
import { act, removeRelease, rollBack, testRelease } from './act.ts';
import { type Action, type Doing, decide } from './decide.ts';
import { explain } from './explain.ts';
import { FINALIZER, gate } from './gate.ts';
import { type Inputs, observe } from './observe.ts';
import { type Happening, isForced, remember } from './remember.ts';
import type { Reporter } from './report.ts';
import { type Next, nextAfter, nextAtPace, verdictOf } from './retry.ts';
import type { ReleaseState } from './state.ts';
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
  #memory: ReleaseMemory;

  constructor(
    intent: ReleaseIntent,
    status: HelmReleaseStatus,
    context: ReconcileContext,
    log: Logger,
  ) {
    this.#intent = intent;
    this.#status = status;
    this.#memory = memoryOf(status);
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

  #remember(happening: Happening): void {
    this.#memory = remember(this.#memory, happening, this.#intent);
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

  /** Observe, decide, act, until there is nothing to do or it cannot be done now. */
  async #release(): Promise<TurnResult> {
    const inputs = await this.#inputs();
    if ('next' in inputs) return inputs;
    this.#remember({ kind: 'inputs', digest: inputs.digest });
    const done: Doing['kind'][] = [];
    for (;;) {
      const action = decide({
        intent: this.#intent,
        state: await this.#observe(inputs),
        memory: this.#memory,
        done,
        isForced: isForced(this.#intent, this.#memory),
      });
      switch (action.kind) {
        case 'done':
          return this.#succeed(inputs, done.length > 0);
        case 'wait':
          return this.#wait(action.untilMs);
        case 'retry':
          return this.#end(nextAtPace(action.pace));
        case 'stalled':
          return this.#stall(action);
        default: {
          const end = await this.#do(action, inputs);
          if (end !== undefined) return end;
          done.push(action.kind);
        }
      }
    }
  }

  #wait(untilMs: number): TurnResult {
    const afterMs = Math.max(1_000, untilMs - this.#context.ports.clock.nowMs());
    this.#log.info('somebody else works on the release; waiting', {
      seconds: Math.round(afterMs / 1000),
    });
    return this.#end({ kind: 'later', afterMs });
  }

  async #stall({ reason, message }: Extract<Action, { kind: 'stalled' }>): Promise<TurnResult> {
    this.#log.warning('stalled', { reason, err: message });
    this.#remember({ kind: 'ended' });
    if (reason === 'NotOwned') {
      await this.#report({ phase: 'failed', reason: message });
      this.#context.reporter.failed(this.#intent, message);
    } else await this.#report({ phase: 'stalled', reason: message });
    return this.#end(REST);
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
      const composed = await composeInputs(this.#intent, ports.cluster, signal);
      this.#redactor = composed.redactor;
      const digest = inputsDigest(this.#intent, chart, composed.versions);
      return { chart, values: composed.values, digest };
    } catch (error) {
      if (signal.aborted) throw error;
      return this.#fail('failed', error);
    }
  }

  async #observe(inputs: Inputs): Promise<ReleaseState> {
    const { ports, signal, isDead } = this.#context;
    const { records } = await this.#storage().history(this.#intent.release.name, { signal });
    this.#record = lastRecord(records);
    return observe({
      intent: this.#intent,
      records,
      memory: this.#memory,
      inputs,
      nowMs: ports.clock.nowMs(),
      isDead,
    });
  }

  /** @returns how the turn ends, or `undefined` to observe and decide anew */
  async #do(action: Doing, inputs: Inputs): Promise<TurnResult | undefined> {
    switch (action.kind) {
      case 'install':
      case 'upgrade':
        return this.#deploy(action, inputs);
      case 'resume':
      case 'unlock':
        return this.#recover(action, inputs);
      case 'test':
        return this.#test();
      case 'rollback':
        return this.#rollBack(action.toRevision);
      case 'uninstall':
        return this.#purge();
      case 'correct-drift':
        throw new Error('drift is not looked at yet');
    }
  }

  async #deploy(
    action: Extract<Doing, { kind: 'install' | 'upgrade' }>,
    inputs: Inputs,
  ): Promise<TurnResult | undefined> {
    const isInstall = action.kind === 'install';
    const { name, version } = inputs.chart.metadata;
    const before = this.#record?.revision ?? 0;
    this.#log.info(isInstall ? 'running installation' : 'running upgrade', {
      action: action.kind,
      chart: `${name}-${version}`,
      why: isInstall ? undefined : action.why,
    });
    this.#remember({ kind: 'begun', action: action.kind });
    if (isForced(this.#intent, this.#memory)) this.#remember({ kind: 'forced' });
    await this.#report(
      { phase: 'chart-fetched' },
      { phase: isInstall ? 'installing' : 'upgrading', attempted: version },
    );
    try {
      this.#record = await this.#timed(action.kind, () =>
        act(action, this.#intent, inputs, this.#actionContext()),
      );
    } catch (error) {
      if (this.#context.signal.aborted) throw error;
      const isStored = ((await this.#newest())?.revision ?? 0) > before;
      this.#remember({ kind: 'failed', isStored });
      const failed = await this.#fail('deploy-failed', error);
      return isStored ? undefined : failed;
    }
    this.#released(inputs);
    this.#log.info(isInstall ? 'installation succeeded' : 'upgrade succeeded');
    return undefined;
  }

  #released({ chart }: Inputs): void {
    const { generation } = this.#intent.source;
    this.#remember({ kind: 'released', chartDigest: chart.digest, generation });
  }

  async #recover(
    action: Extract<Doing, { kind: 'resume' | 'unlock' }>,
    inputs: Inputs,
  ): Promise<TurnResult | undefined> {
    const isResume = action.kind === 'resume';
    this.#log.info(isResume ? 'finishing what was begun' : 'unlocking a stale release');
    try {
      this.#record = await this.#timed(action.kind, () =>
        act(action, this.#intent, inputs, this.#actionContext()),
      );
    } catch (error) {
      if (this.#context.signal.aborted) throw error;
      const isStored = (await this.#newest())?.info.status === 'failed';
      this.#remember({ kind: 'failed', isStored });
      const failed = await this.#fail('deploy-failed', error);
      return isStored ? undefined : failed;
    }
    if (isResume && this.#record?.info.status === 'deployed') this.#released(inputs);
    return undefined;
  }

  async #rollBack(toRevision: number): Promise<TurnResult | undefined> {
    this.#log.info('running rollback', { revision: toRevision });
    await this.#report({ phase: 'rolling-back' });
    try {
      this.#record = await this.#timed('rollback', () =>
        rollBack(this.#intent, toRevision, this.#actionContext()),
      );
    } catch (error) {
      if (this.#context.signal.aborted) throw error;
      return this.#fail('rollback-failed', error);
    }
    this.#log.info('rollback succeeded');
    await this.#report({ phase: 'rolled-back', releaseStatus: this.#record.info.status });
    return undefined;
  }

  /** Removes what a failed attempt left. */
  async #purge(): Promise<TurnResult | undefined> {
    this.#log.info('removing the failed release');
    try {
      await this.#timed('uninstall', () => removeRelease(this.#intent, this.#actionContext()));
    } catch (error) {
      if (this.#context.signal.aborted) throw error;
      this.#log.warning('the failed release could not be removed', {
        err: explain(error, this.#redact),
      });
      return this.#end(nextAfter(error));
    }
    this.#record = undefined;
    return undefined;
  }

  async #newest(): Promise<ReleaseRecord | undefined> {
    const { signal } = this.#context;
    const { records } = await this.#storage().history(this.#intent.release.name, { signal });
    this.#record = lastRecord(records);
    return this.#record;
  }

  async #test(): Promise<TurnResult | undefined> {
    const revision = this.#record?.revision ?? 0;
    const { canFail } = this.#intent.test;
    await this.#report({ phase: 'testing' });
    try {
      await this.#timed('test', () => testRelease(this.#intent, this.#actionContext()));
    } catch (error) {
      if (this.#context.signal.aborted) throw error;
      if (verdictOf(error) === 'transient') return this.#fail('test-failed', error);
      this.#remember({ kind: 'tested', revision, isGood: false, counts: !canFail });
      if (!canFail) {
        await this.#fail('test-failed', error);
        return undefined;
      }
      const reason = explain(error, this.#redact);
      this.#log.warning('test failed - ignoring failures', { err: reason });
      await this.#report({ phase: 'test-failed', reason, canTestFail: true });
      return undefined;
    }
    this.#remember({ kind: 'tested', revision, isGood: true, counts: false });
    await this.#report({ phase: 'tested' });
    return undefined;
  }

  async #succeed({ chart }: Inputs, hasHappened: boolean): Promise<TurnResult> {
    this.#remember({ kind: 'ended' });
    await this.#report(
      { phase: 'chart-fetched' },
      { phase: 'deployed' },
      {
        phase: 'succeeded',
        deployed: chart.metadata.version,
        attempted: chart.metadata.version,
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
        memory: this.#memory,
        ...outcome,
      }),
    );
    this.#status = await this.#context.reporter.report(this.#intent, this.#status, full);
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
