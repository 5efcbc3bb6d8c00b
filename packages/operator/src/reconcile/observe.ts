// SPDX-License-Identifier: Apache-2.0

/** The stored release against what is wanted. Pure. */

import type { ReleaseIntent, ReleaseMemory } from '@helm-operator/api';
import { coalesceTables, deepCopy } from '@helm-operator/chart';
import { encodeJson, type ValueMap } from '@helm-operator/gocompat';
import {
  byRevision,
  decideRecovery,
  lastRecord,
  type ReleaseRecord,
  type ReleaseStatus,
} from '@helm-operator/helm';
import type { SourcedChart } from '../inputs/chart.ts';
import { isOtherChart } from '../inputs/chart-mark.ts';
import { printRevision } from './remember.ts';
import type { ReleaseState } from './state.ts';

/** What is wanted, in full. */
export interface Inputs {
  readonly chart: SourcedChart;
  readonly values: ValueMap;
  /** Digest over chart, generation and versions of the values' sources; holds nothing secret. */
  readonly digest: string;
}

export interface ReleaseFacts {
  readonly intent: ReleaseIntent;
  /** Every stored revision that can be read. */
  readonly records: readonly ReleaseRecord[];
  /** There are others that nobody can read. */
  readonly hasUnreadable?: boolean | undefined;
  readonly memory: ReleaseMemory;
  readonly inputs: Inputs;
  /** Another HelmRelease that marks the release's objects as its own. */
  readonly owner?: string | undefined;
  /** Why the newest revision is not one of ours, where the dialect can tell. */
  readonly strange?: string | undefined;
  /** Live objects that are not as the manifest says; empty when nobody looked. */
  readonly drift?: readonly string[] | undefined;
  readonly nowMs: number;
  /** Whether a holder is known to work no more. */
  readonly isDead: (holder: string) => boolean;
}

/** Source: spec helm-operator.md §2.5; helm-controller.md §2.4 (state determination). */
export function observe(facts: ReleaseFacts): ReleaseState {
  const { intent, records, owner, strange } = facts;
  const last = lastRecord(records);
  if (last === undefined) {
    const hasHistory = facts.hasUnreadable === true;
    return { kind: 'absent', why: 'no release in storage that can be read', hasHistory };
  }
  if (owner !== undefined) return { kind: 'foreign', owner };
  const recovery = decideRecovery(last, {
    nowMs: facts.nowMs,
    timeoutMs: intent.timeoutMs,
    isDead: facts.isDead,
    mustUnlockAtOnce: intent.onForeignLock === 'unlock',
  });
  const { status } = last.info;
  if (recovery.kind !== 'none') {
    return { kind: 'locked', recovery, isWanted: isWanted(last, facts), begun: begunOf(status) };
  }
  if (status === 'uninstalled')
    return { kind: 'absent', why: 'the release was uninstalled', hasHistory: true };
  if (status === 'unknown')
    return { kind: 'locked', recovery: { kind: 'unlock' }, isWanted: false, begun: 'release' };
  if (strange !== undefined) return { kind: 'unmanaged', why: strange };
  if (status === 'failed') {
    const why = last.info.description || 'the newest revision failed';
    return failed(last, why, facts);
  }
  if (status !== 'deployed') return { kind: 'unmanaged', why: `the newest revision is ${status}` };
  return observeDeployed(last, facts);
}

function failed(last: ReleaseRecord, why: string, facts: ReleaseFacts): ReleaseState {
  const rollbackTo = lastGood(last, facts)?.revision;
  const isOurs = facts.memory.failedRevision === printRevision(last);
  return { kind: 'failed', why, rollbackTo, isOurs };
}

function observeDeployed(last: ReleaseRecord, facts: ReleaseFacts): ReleaseState {
  const { intent, memory, drift = [] } = facts;
  const difference = differenceOf(last, facts);
  if (difference !== undefined)
    return { kind: 'out-of-sync', why: difference, mustReinstall: mustReinstall(last, facts) };
  if (intent.test.isEnabled && memory.action !== undefined) {
    if (isUntested(last, facts)) return { kind: 'untested' };
    if (memory.test?.isGood === false && !canTestsFail(intent, memory)) {
      return failed(last, 'its tests failed', facts);
    }
  }
  if (intent.drift.mode !== 'off' && drift.length > 0) return { kind: 'drifted', objects: drift };
  return { kind: 'in-sync' };
}

/** What the last attempt released is tested once; what a rollback brought is not. Source: spec helm-operator.md §3.2; helm-controller.md §2.4 (Rollback) */
function isUntested({ revision, info }: ReleaseRecord, { intent, memory }: ReleaseFacts): boolean {
  if (info.description.startsWith(ROLLED_BACK)) return false;
  const { test } = memory;
  if (test === undefined) return true;
  return test.revision !== revision && !test.isGood && !canTestsFail(intent, memory);
}

/** Whether failed tests leave the release as it is, after the action that was tried last. */
export function canTestsFail(
  { test, onFailure }: Pick<ReleaseIntent, 'test' | 'onFailure'>,
  { action }: Pick<ReleaseMemory, 'action'>,
): boolean {
  const own = action === undefined ? undefined : onFailure[action].canTestsFail;
  return own ?? test.canFail;
}

/** In what a deployed revision is not what is wanted; `undefined`: in nothing. */
function differenceOf(last: ReleaseRecord, facts: ReleaseFacts): string | undefined {
  const { intent, inputs, memory } = facts;
  const wanted = inputs.chart.metadata;
  const { name, version } = last.chart?.facts ?? { name: '', version: '' };
  if (name !== wanted.name || version !== wanted.version)
    return `the chart is ${name} ${version}, wanted is ${wanted.name} ${wanted.version}`;
  if (!hasWantedValues(last, facts)) return 'the values are not those of the deployed revision';
  if (memory.action === undefined) return 'the release was not made for this HelmRelease';
  const { chartDigest } = memory;
  if (chartDigest !== undefined && isOtherChart(intent.chart, chartDigest, inputs.chart))
    return `the content of chart ${name} ${version} changed`;
  if (hasOtherChart(last, facts)) return `another chart ${name} ${version} is released by somebody`;
  if (intent.mustUpgradeOnEdit && memory.generation !== intent.source.generation)
    return 'the HelmRelease was edited';
  return undefined;
}

/** Somebody went back to another content of the same version. Source: spec helm-operator.md §2.9 (helm rollback) */
function hasOtherChart(last: ReleaseRecord, { intent, records, memory }: ReleaseFacts): boolean {
  const { releasedRevision } = memory;
  if (releasedRevision === undefined || intent.chart.trigger === 'version') return false;
  const released = records.find((record) => printRevision(record) === releasedRevision);
  return released !== undefined && released.chart?.json !== last.chart?.json;
}

/** A chart of another name may only be installed anew; what others made is never uninstalled for it. */
function mustReinstall(
  { chart }: ReleaseRecord,
  { intent, inputs, memory }: ReleaseFacts,
): boolean {
  return (
    intent.upgrade.onOtherChart === 'reinstall' &&
    memory.chartDigest !== undefined &&
    chart?.facts.name !== inputs.chart.metadata.name
  );
}

function begunOf(status: ReleaseStatus): Extract<ReleaseState, { kind: 'locked' }>['begun'] {
  if (status === 'uninstalling') return 'uninstall';
  return status === 'pending-rollback' ? 'rollback' : 'release';
}

/** What was begun is still what it would be if it began now. */
function isWanted(record: ReleaseRecord, facts: ReleaseFacts): boolean {
  const { intent, memory, inputs } = facts;
  const begun = memory.begun?.revision === record.revision ? memory.begun : undefined;
  if (begun !== undefined) {
    if (begun.generation !== intent.source.generation) return false;
    if (isOtherChart(intent.chart, begun.chartDigest, inputs.chart)) return false;
  }
  const { name, version } = inputs.chart.metadata;
  const stored = record.chart?.facts;
  return stored?.name === name && stored.version === version && hasWantedValues(record, facts);
}

/** Where values are reused, those of the record count as far as the wanted ones do not change them. */
function hasWantedValues({ config }: ReleaseRecord, { intent, inputs }: ReleaseFacts): boolean {
  const stored = config ?? new Map();
  const { values: policy } = intent.upgrade;
  const isReused =
    policy === 'reuse' ||
    policy === 'reset-then-reuse' ||
    (policy === 'default' && inputs.values.size === 0);
  const wanted = isReused ? merged(inputs.values, stored) : inputs.values;
  return encodeJson(stored) === encodeJson(wanted);
}

/** What `--reuse-values` would store: the new values over those of the record. */
function merged(values: ValueMap, stored: ValueMap): ValueMap {
  return coalesceTables(deepCopy(values), deepCopy(stored));
}

const ROLLED_BACK = 'Rollback to ';
/** What a failure leaves in a record that was superseded later: `Upgrade "x" failed: …` and its like, or that it was unlocked. */
const FAILURE = /^((Release|Upgrade|Rollback|Install) ".*" failed: |Release unlocked from stale )/;

/**
 * The newest revision before one that was released without a failure, its tests included; none from before the release was installed.
 *
 * Source: spec helm-controller.md §1.3 (Previous), §2.4 (Install clears the history)
 */
function lastGood(
  { revision: before, info: { firstDeployed } }: ReleaseRecord,
  { records, intent, memory }: ReleaseFacts,
): ReleaseRecord | undefined {
  const canFail = canTestsFail(intent, memory);
  return byRevision(records).findLast(
    ({ revision, info, hooks }) =>
      revision < before &&
      info.firstDeployed === firstDeployed &&
      wasReleased(info) &&
      (canFail || !hooks.some(isFailedTest)),
  );
}

function wasReleased({ status, description }: ReleaseRecord['info']): boolean {
  return status === 'deployed' || (status === 'superseded' && !FAILURE.test(description));
}

/** What was begun and was released, though its operator did not live to tell. */
export function releasedBy(
  { begun }: Pick<ReleaseMemory, 'begun'>,
  records: readonly ReleaseRecord[],
): ReleaseRecord | undefined {
  return records.find(
    ({ revision, info }) =>
      revision === begun?.revision &&
      wasReleased(info) &&
      !info.description.startsWith(ROLLED_BACK),
  );
}

/** The newest revision is where a rollback led that was begun; not the one whose tests asked for it, though that may be a rollback, too. */
export function isRolledBack(
  { revision, info }: Pick<ReleaseRecord, 'info' | 'revision'>,
  { test }: Pick<ReleaseMemory, 'test'>,
): boolean {
  const isRollback = info.status === 'deployed' && info.description.startsWith(ROLLED_BACK);
  return isRollback && test?.revision !== revision;
}

function isFailedTest({ events, lastRun }: ReleaseRecord['hooks'][number]): boolean {
  return events.includes('test') && lastRun.phase === 'Failed';
}
