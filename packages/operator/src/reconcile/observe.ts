// SPDX-License-Identifier: Apache-2.0

/** The stored release against what is wanted. */

import type { HelmReleaseStatus, ReleaseIntent } from '@helm-operator/api';
import { encodeJson, type ValueMap } from '@helm-operator/gocompat';
import {
  type ChartHandle,
  decideRecovery,
  deployedRecords,
  lastRecord,
  type ReleaseRecord,
} from '@helm-operator/helm';
import type { ReleaseState } from './state.ts';

/** What is wanted, in full. */
export interface Inputs {
  readonly chart: ChartHandle;
  readonly values: ValueMap;
}

export interface ObserveFacts {
  readonly records: readonly ReleaseRecord[];
  readonly status: HelmReleaseStatus;
  readonly inputs: Inputs;
  readonly nowMs: number;
  /** Whether a holder is known to work no more. */
  readonly isDead: (holder: string) => boolean;
}

/** Pure. */
export function observe(intent: ReleaseIntent, facts: ObserveFacts): ReleaseState {
  const { records, status, inputs } = facts;
  const last = lastRecord(records);
  return {
    last,
    hasDeployed: deployedRecords(records).length > 0,
    recovery: decideRecovery(last, {
      nowMs: facts.nowMs,
      timeoutMs: intent.timeoutMs,
      isDead: facts.isDead,
    }),
    isInSync:
      last !== undefined &&
      isWanted(last, inputs) &&
      status.chartDigest === inputs.chart.digest &&
      status.observedGeneration === intent.source.generation,
    isPendingWanted: last !== undefined && isWanted(last, inputs),
    isRolledBack: isRolledBack(records, inputs),
    rollbackCount: status.rollbackCount ?? 0,
  };
}

/** Whether a record was made from these values and a chart of this name and version. */
function isWanted(record: ReleaseRecord, { chart, values }: Inputs): boolean {
  return (
    record.chart?.facts.name === chart.metadata.name &&
    record.chart.facts.version === chart.metadata.version &&
    encodeJson(record.config ?? new Map()) === encodeJson(values)
  );
}

const ROLLED_BACK = /^Rollback to [0-9]+$/;

/** The newest revision is a rollback, and what failed before it is what is still wanted. */
function isRolledBack(records: readonly ReleaseRecord[], inputs: Inputs): boolean {
  const last = lastRecord(records);
  if (last?.info.status !== 'deployed' || !ROLLED_BACK.test(last.info.description)) return false;
  const before = records.findLast(
    ({ revision, info }) => revision < last.revision && isFailure(info.description, info.status),
  );
  return before !== undefined && isWanted(before, inputs);
}

/** A failed revision is superseded by the rollback, but keeps its description. */
function isFailure(description: string, status: string): boolean {
  return (
    status === 'failed' || (status === 'superseded' && /^Upgrade ".*" failed: /.test(description))
  );
}
