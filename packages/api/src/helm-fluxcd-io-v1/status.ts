// SPDX-License-Identifier: Apache-2.0

/** ReleaseOutcome → status of a `helm.fluxcd.io/v1` HelmRelease. Source: Helm Operator 1.4.4, pkg/status/conditions.go; spec: helm-operator.md §1.5. */

import { encodeJson, type ValueMap } from '@helm-operator/gocompat';
import { NO_MEMORY, type ReleaseMemory } from '../release-memory.ts';
import type { OutcomePhase, ReleaseOutcome } from '../release-outcome.ts';
import { type AutomationStatus, automationStatus } from './automation.ts';
import { type DriftStatus, driftAfter } from './drift.ts';
import { type Failure, withEvidence, withNextAttempt } from './failure.ts';
import type { HealthStatus } from './health.ts';

export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly lastUpdateTime: string;
  readonly lastTransitionTime: string;
  readonly reason: string;
  readonly message: string;
}

/** The status subresource. */
export interface HelmReleaseStatus {
  readonly observedGeneration?: number;
  readonly phase?: string;
  readonly releaseName?: string;
  readonly releaseStatus?: string;
  readonly revision?: string;
  readonly lastAttemptedRevision?: string;
  readonly attempt?: Attempt;
  /** The attempt stood in the annotation; never written. */
  readonly isAttemptAnnotated?: true;
  readonly rollbackCount?: number;
  /** Of `flux.weave.works/v1beta1`. */
  readonly valuesChecksum?: string;
  readonly failure?: Failure;
  readonly drift?: DriftStatus;
  readonly automation?: AutomationStatus;
  readonly health?: HealthStatus;
  readonly conditions?: readonly Condition[];
}

/** The memory of a release as the status holds it. */
export interface Attempt {
  readonly release?: string | undefined;
  readonly action?: 'install' | 'upgrade' | undefined;
  readonly inputs?: string | undefined;
  readonly chartDigest?: string | undefined;
  readonly generation?: number | undefined;
  readonly releasedRevision?: string | undefined;
  readonly begunRevision?: number | undefined;
  readonly begunChartDigest?: string | undefined;
  readonly begunGeneration?: number | undefined;
  readonly installFailures?: number | undefined;
  readonly upgradeFailures?: number | undefined;
  readonly failedRevision?: string | undefined;
  readonly testedRevision?: number | undefined;
  readonly testPassed?: boolean | undefined;
  readonly reconcileAt?: string | undefined;
  readonly forceAt?: string | undefined;
  readonly resetAt?: string | undefined;
}

/** A status that another operator wrote says what was released, not what was tried. */
export function memoryOf({ attempt, ...status }: HelmReleaseStatus): ReleaseMemory {
  if (attempt === undefined) {
    const isReleased = status.conditions?.some(
      ({ type, status: value }) => type === 'Released' && value === 'True',
    );
    if (isReleased !== true) return NO_MEMORY;
    return { ...NO_MEMORY, action: 'upgrade', generation: status.observedGeneration ?? 0 };
  }
  const { testedRevision, reconcileAt, forceAt, resetAt } = attempt;
  return {
    release: attempt.release,
    action: attempt.action,
    inputs: attempt.inputs,
    chartDigest: attempt.chartDigest,
    releasedRevision: attempt.releasedRevision,
    generation: attempt.generation ?? 0,
    begun: begunOf(attempt),
    failures: { install: attempt.installFailures ?? 0, upgrade: attempt.upgradeFailures ?? 0 },
    failedRevision: attempt.failedRevision,
    test:
      testedRevision === undefined
        ? undefined
        : { revision: testedRevision, isGood: attempt.testPassed === true },
    handled: { reconcileAt, forceAt, resetAt },
  };
}

function begunOf({
  begunRevision: revision,
  begunChartDigest: chartDigest,
  begunGeneration: generation,
}: Attempt): ReleaseMemory['begun'] {
  if (revision === undefined || chartDigest === undefined || generation === undefined)
    return undefined;
  return { revision, chartDigest, generation };
}

/** Only what is not as in a release that was never tried; an object that JSON keeps as it is. */
function attemptOf(memory: ReleaseMemory): Attempt | undefined {
  const { release, action, inputs, chartDigest, releasedRevision, generation, begun } = memory;
  const { failures, failedRevision, test, handled } = memory;
  const attempt: Attempt = {
    release,
    action,
    inputs,
    chartDigest,
    releasedRevision,
    generation: generation || undefined,
    begunRevision: begun?.revision,
    begunChartDigest: begun?.chartDigest,
    begunGeneration: begun?.generation,
    installFailures: failures.install || undefined,
    upgradeFailures: failures.upgrade || undefined,
    failedRevision,
    testedRevision: test?.revision,
    testPassed: test?.isGood,
    ...handled,
  };
  const entries = Object.entries(attempt).filter(([, value]) => value !== undefined);
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

/** How a phase is told. */
export interface PhaseRule {
  /** As `status.phase` names it; also the reason of its conditions. */
  readonly name: string;
  /** Condition type → status. */
  readonly conditions: Readonly<Record<string, 'True' | 'False' | 'Unknown'>>;
  readonly message: (release: string, namespace: string) => string;
  /** The original's CRD has no such phase. */
  readonly isNoPhase?: true;
}

const of = (text: string) => (release: string, namespace: string) =>
  `${text} Helm release '${release}' in '${namespace}'.`;

/** What each phase writes. */
export const PHASE_RULES: Readonly<Record<Exclude<OutcomePhase, 'stalled' | 'held'>, PhaseRule>> = {
  'chart-fetched': {
    name: 'ChartFetched',
    conditions: { ChartFetched: 'True' },
    message: of('Chart fetch was successful for'),
  },
  'chart-fetch-failed': {
    name: 'ChartFetchFailed',
    conditions: { ChartFetched: 'False', Released: 'False' },
    message: of('Chart fetch failed for'),
  },
  installing: {
    name: 'Installing',
    conditions: { Deployed: 'Unknown' },
    message: of('Running installation for'),
  },
  upgrading: {
    name: 'Upgrading',
    conditions: { Deployed: 'Unknown' },
    message: of('Running upgrade for'),
  },
  deployed: {
    name: 'Deployed',
    conditions: { Deployed: 'True' },
    message: of('Installation or upgrade succeeded for'),
  },
  'deploy-failed': {
    name: 'DeployFailed',
    conditions: { Deployed: 'False', Released: 'False' },
    message: of('Installation or upgrade failed for'),
  },
  testing: { name: 'Testing', conditions: { Tested: 'Unknown' }, message: of('Testing') },
  tested: { name: 'Tested', conditions: { Tested: 'True' }, message: of('Tested') },
  'test-failed': {
    name: 'TestFailed',
    conditions: { Tested: 'False', Released: 'False' },
    message: of('Test failed for'),
  },
  succeeded: {
    name: 'Succeeded',
    conditions: { Released: 'True' },
    message: of('Release was successful for'),
  },
  superseded: {
    name: 'Superseded',
    conditions: { Released: 'Unknown' },
    message: of('Another HelmRelease manages'),
    isNoPhase: true,
  },
  'dependency-not-ready': {
    name: 'DependencyNotReady',
    conditions: { Released: 'False' },
    message: of('A dependency is not ready for'),
    isNoPhase: true,
  },
  failed: { name: 'Failed', conditions: { Released: 'False' }, message: of('Release failed for') },
  'rolling-back': {
    name: 'RollingBack',
    conditions: { RolledBack: 'Unknown' },
    message: of('Rolling back'),
  },
  'rolled-back': {
    name: 'RolledBack',
    conditions: { RolledBack: 'True' },
    message: of('Rolled back'),
  },
  'rollback-failed': {
    name: 'RollbackFailed',
    conditions: { RolledBack: 'False' },
    message: of('Rollback failed for'),
  },
};

interface ReadObject {
  readonly metadata: { readonly generation?: number };
  readonly status?: HelmReleaseStatus;
}

const releasedIn = ({ conditions }: HelmReleaseStatus): Condition | undefined =>
  conditions?.find(({ type }) => type === 'Released');

/** Whether a HelmRelease as it was read is released as its newest generation says. */
export function isReleased(object: ValueMap): boolean {
  const { metadata, status = {} } = JSON.parse(encodeJson(object)) as ReadObject;
  return status.observedGeneration === metadata.generation && releasedIn(status)?.status === 'True';
}

/** What the status of a HelmRelease that is not released says of it; `undefined`: it says nothing yet. */
export function unreleasedWhy(object: ValueMap): string | undefined {
  const { status = {} } = JSON.parse(encodeJson(object)) as ReadObject;
  const released = releasedIn(status);
  return released?.status === 'True' ? 'its newest edit is not released yet' : released?.message;
}

const FINAL: ReadonlySet<OutcomePhase> = new Set([
  'superseded',
  'chart-fetch-failed',
  'deploy-failed',
  'test-failed',
  'succeeded',
  'failed',
  'rolled-back',
  'rollback-failed',
]);

/**
 * The status after an outcome; deeply equal to `status` when nothing changed but times.
 *
 * @param nowIso RFC 3339
 */
export function withOutcome(
  status: HelmReleaseStatus,
  outcome: ReleaseOutcome,
  nowIso: string,
): HelmReleaseStatus {
  if (outcome.phase === 'stalled') {
    // What stalled was told when it failed; if nothing had failed yet, somebody else has changed the release since.
    if (status.phase === 'Succeeded' && outcome.reason !== undefined)
      return withOutcome(status, { ...outcome, phase: 'failed' }, nowIso);
    return withMemory(withFailure(status, outcome, nowIso), outcome);
  }
  if (outcome.phase === 'held') return withHold(status, outcome, nowIso);
  const rule = PHASE_RULES[outcome.phase];
  const base = rule.message(outcome.releaseName, outcome.namespace);
  const message = outcome.reason === undefined ? base : `${base.slice(0, -1)}: ${outcome.reason}`;
  const isSuccess = outcome.phase === 'succeeded';
  const entries = Object.entries(rule.conditions).filter(
    ([type]) =>
      !(outcome.phase === 'test-failed' && type === 'Released' && outcome.canTestFail === true),
  );
  let conditions = status.conditions ?? [];
  if (isSuccess) conditions = conditions.filter(({ type }) => type !== 'RolledBack');
  for (const [type, value] of entries) {
    conditions = withCondition(
      conditions,
      { type, status: value, reason: rule.name, message },
      nowIso,
    );
  }
  const { rollbackCount, ...before } = status;
  const next: HelmReleaseStatus = {
    ...withDrift(withFailure(isSuccess ? before : status, outcome, nowIso), outcome, nowIso),
    ...(rule.isNoPhase === true ? {} : { phase: rule.name }),
    releaseName: outcome.releaseName,
    conditions,
    ...(FINAL.has(outcome.phase) ? { observedGeneration: outcome.generation } : {}),
    ...(outcome.attempted === undefined ? {} : { lastAttemptedRevision: outcome.attempted }),
    ...(outcome.deployed === undefined ? {} : { revision: outcome.deployed }),
    ...(outcome.releaseStatus === undefined ? {} : { releaseStatus: outcome.releaseStatus }),
    ...(outcome.phase === 'rolled-back' ? { rollbackCount: rollbacks(status, outcome) } : {}),
  };
  return withMemory(withAutomation(next, outcome), outcome);
}

/** Says why nothing is done, and leaves what is known as it is. */
function withHold(
  status: HelmReleaseStatus,
  { releaseName, namespace, reason = '' }: ReleaseOutcome,
  nowIso: string,
): HelmReleaseStatus {
  const released = status.conditions?.find(({ type }) => type === 'Released');
  const wanted = {
    type: 'Released',
    status: released?.status ?? 'Unknown',
    reason: released?.reason ?? 'Held',
    message: `Nothing is done for Helm release '${releaseName}' in '${namespace}': ${reason}`,
  } as const;
  return { ...status, conditions: withCondition(status.conditions ?? [], wanted, nowIso) };
}

/** Told by the outcomes that looked; a new attempt begins anew. */
function withDrift(
  { drift, ...status }: HelmReleaseStatus,
  outcome: ReleaseOutcome,
  nowIso: string,
): HelmReleaseStatus {
  const { phase } = outcome;
  if (phase === 'installing' || phase === 'upgrading') return status;
  const told = phase === 'succeeded' ? driftAfter(drift, outcome.drift, nowIso) : drift;
  return told === undefined ? status : { ...status, drift: told };
}

/** What annotations ask for now. */
function withAutomation(
  { automation: _, ...status }: HelmReleaseStatus,
  { automation }: ReleaseOutcome,
): HelmReleaseStatus {
  return automation === undefined
    ? status
    : { ...status, automation: automationStatus(automation) };
}

/** What failed stays told until a release succeeds. */
export function withFailure(
  { failure, ...status }: HelmReleaseStatus,
  { phase, evidence, next, remedy }: ReleaseOutcome,
  nowIso: string,
): HelmReleaseStatus {
  if (phase === 'succeeded') return status;
  const found = evidence === undefined ? failure : withEvidence(failure, evidence, nowIso);
  if (found === undefined) return status;
  return { ...status, failure: next === undefined ? found : withNextAttempt(found, next, remedy) };
}

/** Since the last success with the same inputs; the original counts on over new specs. */
function rollbacks({ rollbackCount = 0 }: HelmReleaseStatus, { memory }: ReleaseOutcome): number {
  return Math.max(1, Math.min(rollbackCount + 1, memory.failures.upgrade));
}

/** The status with what is remembered. */
export function withMemory(
  status: HelmReleaseStatus,
  { memory }: ReleaseOutcome,
): HelmReleaseStatus {
  const attempt = attemptOf(memory);
  // A merge patch takes away what is not named by naming it null.
  return attempt === undefined ? status : { ...status, attempt };
}

type NewCondition = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>;

/** Written conditions go last; one that says the same as before stays as it is. */
export function withCondition(
  conditions: readonly Condition[],
  wanted: NewCondition,
  nowIso: string,
): readonly Condition[] {
  const before = conditions.find(({ type }) => type === wanted.type);
  const isSame =
    before?.status === wanted.status &&
    before.reason === wanted.reason &&
    before.message === wanted.message;
  if (isSame) return conditions;
  const isTransition = before?.status !== wanted.status;
  return [
    ...conditions.filter(({ type }) => type !== wanted.type),
    {
      type: wanted.type,
      status: wanted.status,
      lastUpdateTime: nowIso,
      lastTransitionTime: isTransition ? nowIso : before.lastTransitionTime,
      reason: wanted.reason,
      message: wanted.message,
    },
  ];
}
