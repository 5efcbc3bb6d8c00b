// SPDX-License-Identifier: Apache-2.0

/**
 * Actions that only read: get, history, list, status, and the logs of tests.
 *
 * Source: helm v3.22.0 pkg/action/get.go, history.go, list.go, status.go, release_testing.go GetPodLogs
 * Differs: records that cannot be read are told; an equal date is ordered by name.
 */

import { compareBytes, compileRegexp, type ValueMap } from '@helm-operator/gocompat';
import { HelmError, textOf, wrap } from '../errors.ts';
import { byRevision } from '../release/history.ts';
import { parseLabelSelector } from '../release/label-selector.ts';
import { releaseNameProblem } from '../release/names.ts';
import type { ReleaseRecord, ReleaseStatus } from '../release/record.ts';
import type { ReleaseHistory } from '../release/storage.ts';
import { parseRecordTime } from '../release/time.ts';
import type { RenderPort } from '../render-host/port.ts';
import type { ActionContext } from './context.ts';
import { WHOLE_LOG } from './hook-logs.ts';
import { hooksOf } from './hooks.ts';
import type { HistoryOptions, ListOptions, RevisionOptions, TestOptions } from './options.ts';
import { asUnreachable } from './session.ts';
import { isTestChosen } from './test.ts';
import { textsFor } from './texts.ts';

/** What reading needs of the world. */
export type ReadContext = Pick<ActionContext, 'cluster' | 'storage' | 'signal' | 'log'>;

/**
 * One stored revision: what `helm get` and `helm status` show.
 *
 * @throws {HelmError} `helm/release-not-found`, `helm/invalid-name`, `helm/record-decode`, `helm/unreachable`
 */
export async function getRelease(
  options: RevisionOptions,
  context: Omit<ReadContext, 'cluster'>,
): Promise<ReleaseRecord> {
  const { name } = options.release;
  if (releaseNameProblem(name) !== undefined) {
    const text = `releaseContent: Release name is invalid: ${name}`;
    throw new HelmError('helm/invalid-name', text);
  }
  const revision = options.revision ?? 0;
  const { storage, signal } = context;
  const found = await reading(options, async () =>
    revision > 0
      ? storage.get(name, revision, { signal })
      : byRevision((await readable(storage.history(name, { signal }), context)).records).at(-1),
  );
  if (found !== undefined) return found;
  throw new HelmError('helm/release-not-found', 'release: not found');
}

/**
 * Every stored revision, oldest first.
 *
 * @throws {HelmError} `helm/release-not-found`, `helm/invalid-name`, `helm/unreachable`
 */
export async function history(
  options: HistoryOptions,
  context: Omit<ReadContext, 'cluster'>,
): Promise<readonly ReleaseRecord[]> {
  const { name } = options.release;
  if (releaseNameProblem(name) !== undefined) {
    throw new HelmError('helm/invalid-name', `release name is invalid: ${name}`);
  }
  const { storage, signal } = context;
  const { records } = await reading(options, () =>
    readable(storage.history(name, { signal }), context),
  );
  if (records.length === 0) throw new HelmError('helm/release-not-found', 'release: not found');
  const { max = records.length } = options;
  return max <= 0 ? [] : byRevision(records).slice(-max);
}

const DEFAULT_STATES: ReadonlySet<ReleaseStatus> = new Set(['deployed', 'failed']);
const DEFAULT_MAX = 256;

/**
 * The newest revision of each release, filtered, sorted and cut as Helm does.
 *
 * @throws {HelmError} `helm/invalid-options`: filter or selector cannot be read; `helm/unreachable`
 */
export async function list(
  options: ListOptions,
  context: Omit<ReadContext, 'cluster'>,
): Promise<readonly ReleaseRecord[]> {
  const { storage, signal } = context;
  const { records } = await reading(options, () => readable(storage.list({ signal }), context));
  return selectReleases(records, options);
}

/** Pure. @throws {HelmError} `helm/invalid-options` */
export function selectReleases(
  records: readonly ReleaseRecord[],
  options: Omit<ListOptions, 'profile'>,
): readonly ReleaseRecord[] {
  const { filter = '', states = DEFAULT_STATES, selector = '' } = options;
  const pattern = filter === '' ? undefined : compileFilter(filter);
  const named = records.filter(({ name }) => pattern?.matchString(name) ?? true);
  const isOnlySuperseded = states !== 'all' && states.size === 1 && states.has('superseded');
  const newest = isOnlySuperseded ? named : newestOf(named);
  const matches = parseLabelSelector(selector);
  const found = newest.filter(
    (record) =>
      (states === 'all' ? record.info.status !== 'unknown' : states.has(record.info.status)) &&
      matches(labelsOf(record)),
  );
  const sorted = found.toSorted(options.sort === 'date' ? byDate : byName);
  if (options.isReversed === true) sorted.reverse();
  const { offset = 0, max = DEFAULT_MAX } = options;
  return sorted.slice(offset, max > 0 ? offset + max : undefined);
}

function compileFilter(filter: string): ReturnType<typeof compileRegexp> {
  try {
    return compileRegexp(filter);
  } catch (cause) {
    throw new HelmError('helm/invalid-options', textOf(cause), { cause });
  }
}

/** Helm also sees the labels it wrote itself. */
function labelsOf(record: ReleaseRecord): ReadonlyMap<string, string> {
  return new Map([
    ...record.labels,
    ['name', record.name],
    ['owner', 'helm'],
    ['status', record.info.status],
    ['version', String(record.revision)],
  ]);
}

function newestOf(records: readonly ReleaseRecord[]): readonly ReleaseRecord[] {
  const newest = new Map<string, ReleaseRecord>();
  for (const record of records) {
    const key = `${record.namespace}/${record.name}`;
    const known = newest.get(key);
    if (known === undefined || known.revision <= record.revision) newest.set(key, record);
  }
  return [...newest.values()];
}

function byName(a: ReleaseRecord, b: ReleaseRecord): number {
  return compareBytes(a.name, b.name) || compareBytes(a.namespace, b.namespace);
}

function byDate(a: ReleaseRecord, b: ReleaseRecord): number {
  return secondsOf(a) - secondsOf(b) || byName(a, b);
}

function secondsOf({ info }: ReleaseRecord): number {
  return Math.floor((parseRecordTime(info.lastDeployed) ?? 0) / 1000);
}

/**
 * The values of a stored revision: those the user gave, or `isAll` with the chart's defaults under them.
 *
 * Source: helm v3.22.0 pkg/action/get_values.go
 */
export async function releaseValues(
  record: ReleaseRecord,
  isAll: boolean,
  render: RenderPort,
  signal?: AbortSignal,
): Promise<ValueMap> {
  if (!isAll || record.chart === undefined) return record.config ?? new Map();
  return render.coalesceStored(record.chart, record.config, { signal });
}

/** The log of one test pod. */
export interface TestLog {
  readonly name: string;
  readonly text: string;
}

/**
 * The logs of the test pods that ran (`helm test --logs`), in the order of their weights.
 *
 * @throws {HelmError} `helm/apply`: a log that cannot be read, with Helm's text; those before it went to `onLog`
 */
export async function readTestLogs(
  record: ReleaseRecord,
  options: Pick<TestOptions, 'includeNames' | 'excludeNames' | 'logs' | 'release'>,
  context: Pick<ReadContext, 'cluster' | 'signal'>,
  onLog: (log: TestLog) => void,
): Promise<void> {
  for (const { hook } of hooksOf(record.hooks, 'test')) {
    if (!isTestChosen(hook, options)) continue;
    try {
      const { cluster, signal } = context;
      const { namespace } = options.release;
      const text =
        options.logs?.get(hook.name) ??
        (await cluster.podLogs(namespace, hook.name, { signal, ...WHOLE_LOG }));
      onLog({ name: hook.name, text });
    } catch (error) {
      context.signal.throwIfAborted();
      throw wrap('helm/apply', `unable to get pod logs for ${hook.name}`, error);
    }
  }
}

async function reading<T>(
  { profile }: Pick<RevisionOptions, 'profile'>,
  read: () => Promise<T>,
): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw asUnreachable(textsFor(profile), error);
  }
}

async function readable(
  reading: Promise<ReleaseHistory>,
  { log }: Pick<ReadContext, 'log'>,
): Promise<ReleaseHistory> {
  const found = await reading;
  for (const { key, reason } of found.corrupted) {
    log({ level: 'warning', message: `stored release ${key} cannot be read: ${reason}` });
  }
  return found;
}
