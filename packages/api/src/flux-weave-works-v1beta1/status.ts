// SPDX-License-Identifier: Apache-2.0

/** ReleaseOutcome → status of a `flux.weave.works/v1beta1` HelmRelease. Source: spec helm-operator.md §1.6. */

import {
  type Condition,
  type HelmReleaseStatus,
  withCondition,
  withFailure,
  withMemory,
} from '../helm-fluxcd-io-v1/status.ts';
import type { OutcomePhase, ReleaseOutcome } from '../release-outcome.ts';

type NewCondition = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>;

/** Outcomes after which the generation has been worked on. */
const FINAL: ReadonlySet<OutcomePhase> = new Set([
  'superseded',
  'chart-fetch-failed',
  'deploy-failed',
  'succeeded',
  'failed',
  'rolled-back',
  'rollback-failed',
]);

/** The status after an outcome; deeply equal to `status` when nothing changed but times. @param nowIso RFC 3339 */
export function withLegacyOutcome(
  status: HelmReleaseStatus,
  outcome: ReleaseOutcome,
  nowIso: string,
): HelmReleaseStatus {
  const written = conditionOf(outcome);
  const isSuccess = outcome.phase === 'succeeded';
  let conditions = status.conditions ?? [];
  if (isSuccess) conditions = conditions.filter(({ type }) => type !== 'RolledBack');
  if (written !== undefined) conditions = withCondition(conditions, written, nowIso);
  const { memory } = outcome;
  const next: HelmReleaseStatus = {
    ...withFailure(status, outcome, nowIso),
    releaseName: outcome.releaseName,
    ...(conditions.length === 0 ? {} : { conditions }),
    ...(FINAL.has(outcome.phase) ? { observedGeneration: outcome.generation } : {}),
    ...(memory.inputs === undefined ? {} : { valuesChecksum: memory.inputs }),
    ...(outcome.deployed === undefined ? {} : { revision: outcome.deployed }),
    ...(outcome.releaseStatus === undefined ? {} : { releaseStatus: outcome.releaseStatus }),
  };
  return withMemory(next, outcome);
}

/** What an outcome says; phases in between say nothing. */
function conditionOf(outcome: ReleaseOutcome): NewCondition | undefined {
  const { phase, memory, chartKind, reason } = outcome;
  const isGit = chartKind === 'git';
  const action = memory.action === 'install' ? 'install' : 'upgrade';
  const failed = action === 'install' ? 'HelmInstallFailed' : 'HelmUpgradeFailed';
  const said = (status: Condition['status'], why: string, message: string) =>
    ({ status, reason: why, message: reason ?? message }) as const;
  switch (phase) {
    case 'chart-fetched':
      return {
        type: 'ChartFetched',
        ...said('True', isGit ? 'GitRepoCloned' : 'RepoChartInCache', 'chart fetched'),
      };
    case 'chart-fetch-failed':
      return {
        type: 'ChartFetched',
        ...said('False', isGit ? 'GitRepoNotCloned' : 'RepoFetchFailed', 'chart fetch failed'),
      };
    case 'deploy-failed':
    case 'failed':
      return { type: 'Released', ...said('False', failed, `helm ${action} failed`) };
    case 'dependency-not-ready':
      return { type: 'Released', ...said('False', 'DependencyNotReady', 'a dependency') };
    case 'superseded':
      return { type: 'Released', ...said('Unknown', 'Superseded', 'another HelmRelease') };
    case 'succeeded':
      return { type: 'Released', ...said('True', 'HelmSuccess', `helm ${action} succeeded`) };
    case 'rolled-back':
      return { type: 'RolledBack', ...said('True', 'HelmSuccess', 'helm rollback succeeded') };
    case 'rollback-failed':
      return { type: 'RolledBack', ...said('False', 'HelmRollbackFailed', 'helm rollback failed') };
    default:
      return undefined;
  }
}
