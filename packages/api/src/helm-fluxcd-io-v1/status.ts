// SPDX-License-Identifier: Apache-2.0

/** ReleaseOutcome → status of a `helm.fluxcd.io/v1` HelmRelease. Source: Helm Operator 1.4.4, pkg/status/conditions.go; spec: helm-operator.md §1.5. */

import type { OutcomePhase, ReleaseOutcome } from '../release-outcome.ts';

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
  readonly chartDigest?: string;
  readonly rollbackCount?: number;
  readonly conditions?: readonly Condition[];
}

interface PhaseRule {
  /** As `status.phase` names it; also the reason of its conditions. */
  readonly name: string;
  /** Condition type → status. */
  readonly conditions: Readonly<Record<string, 'True' | 'False' | 'Unknown'>>;
  readonly message: (release: string, namespace: string) => string;
}

const of = (text: string) => (release: string, namespace: string) =>
  `${text} Helm release '${release}' in '${namespace}'.`;

const RULES: Readonly<Record<OutcomePhase, PhaseRule>> = {
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

const FINAL: ReadonlySet<OutcomePhase> = new Set([
  'chart-fetch-failed',
  'deploy-failed',
  'test-failed',
  'succeeded',
  'failed',
  'rolled-back',
  'rollback-failed',
]);

/**
 * The status after an outcome; equal to `status` when nothing changed but times.
 *
 * @param nowIso RFC 3339
 */
export function withOutcome(
  status: HelmReleaseStatus,
  outcome: ReleaseOutcome,
  nowIso: string,
): HelmReleaseStatus {
  const rule = RULES[outcome.phase];
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
  const next: HelmReleaseStatus = {
    ...status,
    phase: rule.name,
    releaseName: outcome.releaseName,
    conditions,
    ...(FINAL.has(outcome.phase) ? { observedGeneration: outcome.generation } : {}),
    ...(outcome.attempted === undefined ? {} : { lastAttemptedRevision: outcome.attempted }),
    ...(outcome.deployed === undefined ? {} : { revision: outcome.deployed }),
    ...(outcome.chartDigest === undefined ? {} : { chartDigest: outcome.chartDigest }),
    ...(outcome.releaseStatus === undefined ? {} : { releaseStatus: outcome.releaseStatus }),
    ...(outcome.phase === 'rolled-back' ? { rollbackCount: (status.rollbackCount ?? 0) + 1 } : {}),
    ...(isSuccess ? { rollbackCount: 0 } : {}),
  };
  return JSON.stringify(next) === JSON.stringify(status) ? status : next;
}

type NewCondition = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>;

/** Written conditions go last; one that says the same as before stays as it is. */
function withCondition(
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
