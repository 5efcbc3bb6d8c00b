// SPDX-License-Identifier: Apache-2.0

import {
  type Dependency,
  type DriftReport,
  type Evidence,
  type HelmReleaseStatus,
  memoryOf,
  type NextAttempt,
  type OutcomePhase,
  type Refusal,
  type ReleaseIntent,
  type ReleaseMemory,
  type ReleaseOutcome,
} from '@helm-operator/api';
import { NO_SECRETS, type Redactor } from '@helm-operator/chart';
import {
  type ActionContext,
  correctDrift,
  createSecretStorage,
  type Drift,
  type DriftOptions,
  diagnose,
  findDrift,
  type HeldHistory,
  holdHistory,
  isHelmError,
  lastRecord,
  liveAnnotations,
  printedRef,
  type ReleaseRecord,
  type Step,
  type WaitProgress,
} from '@helm-operator/helm';
import type { Cluster, ObjectRef } from '@helm-operator/kube';
import { clusterOf, hasServiceAccount, ServiceAccountError } from '../identity/tenant.ts';
import type { FetchedFacts } from '../inputs/chart.ts';
import type { Logger } from '../logging/logger.ts';
import type { ReconcileContext, TurnResult } from './context.ts';
import { driftReport } from './drift-report.ts';
import { evidenceOf, type Doing as FailedAt, refused } from './evidence.ts';
import { explain } from './explain.ts';
import { withWhatIsLeft } from './namespace-end.ts';
import { type Ownership, ownershipOf } from './owner.ts';
import { logsPlan } from './plan-log.ts';
import { type Happening, remember } from './remember.ts';
import { type Next, nextAfter } from './retry.ts';
import { failureLine } from './told.ts';
import { tellWaits } from './waiting.ts';

/** When a record that somebody else wrote meanwhile is read anew, in milliseconds. */
const CONFLICT_MS = 1_000;
/** Phases whose condition says what is waited for. */
const WAITING_PHASES: ReadonlySet<ReleaseOutcome['phase']> = new Set([
  'installing',
  'upgrading',
  'testing',
  'rolling-back',
]);

/** One turn for one HelmRelease: what is known of it, and how it is told. */
export class Turn {
  readonly intent: ReleaseIntent;
  readonly context: ReconcileContext;
  readonly log: Logger;
  /** The cluster as the release's identity sees it. */
  readonly cluster: Cluster;
  /** Knows the secrets among the values, once they are composed. */
  redactor: Redactor = NO_SECRETS;
  /** Of the HelmRelease, as the turn left them. */
  finalizers: readonly string[];
  /** Live objects whose changes matter. */
  objects: readonly ObjectRef[] = [];
  /** As it was last found. */
  drift: Drift | undefined;
  /** Put right in this turn. */
  corrected: Drift | undefined;
  chart: FetchedFacts | undefined;
  /** Something of it failed. */
  hasFailed = false;
  /** What was done about a failure. */
  remedy: string | undefined;
  /** Records were found that nobody can read. */
  hasUnreadable = false;
  /** Another HelmRelease that must be ready first. */
  unready: Dependency | undefined;
  /** The release belongs to another HelmRelease. */
  isForeign = false;
  readonly #storage: HeldHistory;
  #status: HelmReleaseStatus;
  #memory: ReleaseMemory;
  /** The last one that the running action has done. */
  #step: Step | undefined;
  #record: ReleaseRecord | undefined;
  #isRecordKnown = false;
  #hasActed = false;
  #phase: ReleaseOutcome['phase'] | undefined;
  /** The write of the status that is on its way, if any; never fails. */
  #writing: Promise<unknown> = Promise.resolve();

  constructor(
    intent: ReleaseIntent,
    status: HelmReleaseStatus,
    context: ReconcileContext,
    log: Logger,
  ) {
    this.intent = intent;
    this.context = context;
    this.cluster = clusterOf(intent, context.ports.cluster);
    this.log = log;
    const { cluster } = this;
    const { clock } = context.ports;
    const { profile, storageNamespace: namespace } = intent;
    const storage = createSecretStorage({ cluster, clock, profile, namespace });
    this.#storage = holdHistory(storage, clock);
    this.#status = status;
    this.#memory = memoryOf(status);
    this.finalizers = intent.finalizers;
  }

  /** The newest record as it was last seen. */
  get record(): ReleaseRecord | undefined {
    return this.#record;
  }

  set record(record: ReleaseRecord | undefined) {
    this.#record = record;
    this.#isRecordKnown = true;
  }

  get memory(): ReleaseMemory {
    return this.#memory;
  }

  remember(happening: Happening): void {
    this.#memory = remember(this.#memory, happening, this.intent);
  }

  /** The same turn for another release of the same object; nothing of it is remembered. */
  about(intent: ReleaseIntent): Turn {
    return new Turn(intent, this.#status, this.context, this.log);
  }

  end(next: Next): TurnResult {
    const { intent, record, finalizers, objects, chart, unready, isForeign } = this;
    const isRecordKnown = this.#isRecordKnown;
    const { health } = this.#status;
    const redact = this.redactor === NO_SECRETS ? undefined : redactionOf(this.redactor);
    const facts = { objects, chart, unready, isForeign, health, redact };
    return { next, intent, record, isRecordKnown, finalizers, ...facts };
  }

  /** Ends the turn of an object that asks for what cannot be done; its next edit wakes it. */
  async refuse({ phase, reason }: Refusal): Promise<TurnResult> {
    this.hasFailed = true;
    this.log.error('release refused', { err: reason });
    await this.report({
      ...{ phase, reason, evidence: refused('refused', reason) },
      next: { kind: 'on-change' },
    });
    this.context.reporter.failed(this.intent, reason);
    return this.end({ kind: 'rest' });
  }

  /** Ends the turn with an error. @throws {DOMException} the turn was stopped */
  async fail(
    phase: OutcomePhase,
    error: unknown,
    options: { readonly next?: Next | undefined; readonly gathering?: FailedAt['gathering'] } = {},
  ): Promise<TurnResult> {
    // Somebody else was faster: nobody needs to hear of it.
    if (isHelmError(error, 'helm/record-conflict') && !this.context.signal.aborted) {
      this.log.info('the record was written by somebody else; looking again');
      return this.end({ kind: 'later', afterMs: CONFLICT_MS });
    }
    const { cluster, context } = this;
    const told = await withWhatIsLeft(await this.#withAccount(error), cluster, context.signal);
    const { next = nextAfter(told), gathering } = options;
    await this.tellFailure(phase, told, { next, gathering });
    await this.readWritten();
    return this.end(next);
  }

  /** An account that is not there may do nothing: that is what has to be told. */
  async #withAccount(error: unknown): Promise<unknown> {
    if (this.intent.serviceAccount === undefined || diagnose(error).reason !== 'forbidden')
      return error;
    const { ports, signal } = this.context;
    const isThere = await hasServiceAccount(this.intent, ports.cluster, signal).catch(() => true);
    return isThere ? error : new ServiceAccountError(this.intent, error);
  }

  /**
   * An error in the log, the status and an event.
   *
   * @throws {DOMException} the turn was stopped
   */
  async tellFailure(
    phase: OutcomePhase,
    error: unknown,
    { next, gathering }: { readonly next?: Next; readonly gathering?: FailedAt['gathering'] } = {},
  ): Promise<void> {
    const { signal, reporter } = this.context;
    if (signal.aborted) throw error;
    const evidence = evidenceOf(error, { phase, gathering, step: this.#step }, this.redact);
    const reason = `${explain(error, this.redact)} (broke at: ${evidence.broken})`;
    this.hasFailed = true;
    this.log.error(failureLine(phase, this.#memory), { phase, link: evidence.broken, err: reason });
    await this.report({
      ...{ phase, reason, evidence },
      releaseStatus: this.record?.info.status,
      next: next === undefined ? undefined : this.#attemptOf(next),
    });
    reporter.failed(this.intent, reason, sameFailure(evidence));
  }

  /** Ends the turn; the status says when the failed release is tried again. @param reason told where no failure is */
  async endFailed(next: Next, reason?: string): Promise<TurnResult> {
    const { remedy } = this;
    await this.report({ phase: 'stalled', reason, next: this.#attemptOf(next), remedy });
    return this.end(next);
  }

  #attemptOf(next: Next): NextAttempt {
    const { ports, backOffMs } = this.context;
    if (next.kind === 'rest') return { kind: 'on-change' };
    const afterMs = next.kind === 'back-off' ? backOffMs() : next.afterMs;
    return { kind: 'at', timeMs: ports.clock.nowMs() + afterMs };
  }

  /** Writes the status once for all outcomes, and only when it changes. @returns whether it did */
  async report(...outcomes: readonly Partial<ReleaseOutcome>[]): Promise<boolean> {
    const { release, source } = this.intent;
    await this.#writing;
    this.#phase = outcomes.at(-1)?.phase;
    const full = outcomes.map(
      (outcome): ReleaseOutcome => ({
        phase: 'failed',
        generation: source.generation,
        releaseName: release.name,
        namespace: release.namespace,
        memory: this.#memory,
        chartKind: this.intent.chart.kind,
        automation: this.intent.automation,
        ...outcome,
      }),
    );
    const before = this.#status;
    this.#status = await this.context.reporter.report(this.intent, before, full);
    return this.#status !== before;
  }

  /** Every stored revision. */
  readRecords(): Promise<readonly ReleaseRecord[]> {
    this.#storage.forget();
    return this.readOwnRecords();
  }

  /** Every revision as this turn read it, and what it has written since; read where nothing is known or an action failed. */
  async readOwnRecords(): Promise<readonly ReleaseRecord[]> {
    const { signal } = this.context;
    const { name } = this.intent.release;
    const { records, corrupted } = await this.#storage.history(name, { signal });
    this.record = lastRecord(records);
    this.hasUnreadable = corrupted.length > 0;
    // A watch sees those, too: what it saw counts.
    if (this.hasUnreadable) this.#isRecordKnown = false;
    return records;
  }

  /** What an action that failed left, so that nobody takes it for somebody else's. */
  async readWritten(): Promise<void> {
    if (this.#hasActed && !this.#isRecordKnown) await this.readRecords().catch(() => undefined);
  }

  /** Counts how long an action takes and how it ends. */
  async timed<T>(action: string, work: (context: ActionContext) => Promise<T>): Promise<T> {
    const { clock } = this.context.ports;
    const startedMs = clock.elapsedMs();
    let isGood = false;
    this.#step = undefined;
    if (!action.startsWith('drift')) {
      this.#hasActed = true;
      this.#isRecordKnown = false;
    }
    try {
      const result = await work(this.#actionContext());
      isGood = true;
      return result;
    } catch (error) {
      this.#storage.forget();
      throw error;
    } finally {
      const durationMs = clock.elapsedMs() - startedMs;
      this.context.metrics.actionDone(this.intent.release, action, isGood, durationMs);
    }
  }

  /** Asks every live object of a revision whose it is. */
  async findOwner(record: ReleaseRecord): Promise<Ownership> {
    const { ports, signal } = this.context;
    const marks = await liveAnnotations(record, this.#actionContext());
    return ownershipOf(this.intent, marks, ports.cluster, signal);
  }

  /** A rollback was begun, and nobody has told how it ended. */
  get isRollingBack(): boolean {
    const { conditions = [] } = this.#status;
    return conditions.some(({ type, status }) => type === 'RolledBack' && status === 'Unknown');
  }

  /** Whether something was done for this HelmRelease's release, by us or by another operator before us. */
  get hasTried(): boolean {
    return this.#memory.action !== undefined || this.#status.lastAttemptedRevision !== undefined;
  }

  /** Looks at the live objects of the newest revision. */
  async findDrift(record: ReleaseRecord): Promise<Drift> {
    const options = { ...this.#driftOptions(), onObjects: this.#watchLive };
    this.drift = await this.timed('drift', (context) => findDrift(record, options, context));
    return this.drift;
  }

  async correctDrift(drift: Drift): Promise<void> {
    await this.timed('drift-correction', (context) =>
      correctDrift(drift, this.#driftOptions(), context),
    );
    this.corrected = drift;
  }

  /** For the status: what was put right, or what is there. */
  driftReport(): DriftReport | undefined {
    if (this.corrected !== undefined) return driftReport(this.corrected.objects, true, this.redact);
    const found = this.drift?.objects ?? [];
    return found.length === 0 ? undefined : driftReport(found, false, this.redact);
  }

  readonly #watchLive = async (objects: readonly ObjectRef[]): Promise<void> => {
    this.objects = objects;
    await this.context.watchLive(objects);
  };

  #driftOptions(): DriftOptions {
    const { profile, release, timeoutMs, upgrade, drift } = this.intent;
    return { profile, release, timeoutMs, apply: upgrade.apply, ignore: drift.ignore };
  }

  readonly redact = (text: string): string => this.redactor.redact(text);

  readonly #logWait = ({ purpose, done, total, elapsedMs, pending }: WaitProgress): void => {
    this.log.info('waiting', {
      purpose,
      done,
      total,
      seconds: Math.round(elapsedMs / 1000),
      pending: pending.map(({ ref, message }) => `${printedRef(ref)}: ${message}`).join('; '),
    });
  };

  readonly #reportWait = (reason: string): void => {
    const phase = this.#phase;
    if (phase === undefined || !WAITING_PHASES.has(phase)) return;
    const written = this.report({ phase, reason });
    this.#writing = written.catch((error: unknown) => {
      this.log.warning('the status could not be written', { err: explain(error, this.redact) });
    });
  };

  #actionContext(): ActionContext {
    const { ports, signal, holder, onStep, waiting, arePlansLogged } = this.context;
    const { render, clock } = ports;
    return {
      cluster: this.cluster,
      render,
      clock,
      signal,
      holder,
      storage: this.#storage,
      redact: this.redact,
      planned: arePlansLogged === true ? logsPlan(this.log, this.redact) : undefined,
      reached: (step) => {
        this.#step = step;
        onStep(step);
      },
      waiting: {
        ...waiting,
        progress: tellWaits(clock, { log: this.#logWait, status: this.#reportWait }),
      },
      log: ({ level, message, fields }) => this.log[level](message, fields),
    };
  }
}

/** What stays the same while the same objects fail; `undefined`: the words do. */
function sameFailure({ broken, reason, culprits }: Evidence): string | undefined {
  if (culprits.length === 0) return undefined;
  return [broken, reason, ...culprits.map(({ object }) => object)].join(' ');
}

/** For whoever keeps it: holds the secrets alone, not the turn with all its records. */
function redactionOf(redactor: Redactor): (text: string) => string {
  return (text) => redactor.redact(text);
}
