// SPDX-License-Identifier: Apache-2.0

/**
 * Runs the tests of a release: its hooks of event `test`.
 *
 * Source: helm v3.22.0 pkg/action/release_testing.go
 * Differs: hooks that are filtered out keep their place in the record.
 */

import { KubeError } from '@helm-operator/kube';
import { HelmError, textOf } from '../errors.ts';
import { lastRecord } from '../release/history.ts';
import { releaseNameProblem } from '../release/names.ts';
import type { HookRecord, ReleaseRecord } from '../release/record.ts';
import type { ActionContext } from './context.ts';
import { WHOLE_LOG } from './hook-logs.ts';
import { runHooks } from './hooks.ts';
import { OpenRecord } from './open-record.ts';
import type { TestOptions } from './options.ts';
import {
  ActionError,
  mustHandOver,
  openSession,
  reach,
  readHistory,
  type Session,
} from './session.ts';

/**
 * @returns the record with the runs of its test hooks
 * @throws {HelmError} `helm/release-not-found`, `helm/invalid-name`
 * @throws {ActionError} `helm/action-failed`: a test failed; the record says which
 */
export async function runTests(
  options: TestOptions,
  context: ActionContext,
): Promise<ReleaseRecord> {
  const session = openSession('test', options, context);
  const { name } = options.release;
  if (releaseNameProblem(name) !== undefined) {
    throw new HelmError('helm/invalid-name', `releaseTest: Release name is invalid: ${name}`);
  }
  const { records } = await readHistory(session);
  const last = lastRecord(records);
  if (last === undefined) throw new HelmError('helm/release-not-found', 'release: not found');

  const open = new OpenRecord(session, last);
  const method = last.applyMethod === 'ssa' ? 'server' : 'client';
  const isWanted = (hook: HookRecord): boolean => isTestChosen(hook, options);
  try {
    const { fieldManager = 'helm' } = options;
    const onEnded = options.logs && ((hook: HookRecord) => keepLog(hook, options, session));
    const write = { fieldManager, method, isChosen: isWanted, onEnded } as const;
    await runHooks(open, 'test', write, session);
  } catch (error) {
    if (mustHandOver(session, error)) throw error;
    await open.save('record-final');
    throw new ActionError(textOf(error), open.current, error);
  }
  await open.save('record-final');
  reach(session, 'record-final');
  return open.current;
}

/** Reads what a test said while its pod is there. */
async function keepLog(hook: HookRecord, options: TestOptions, session: Session): Promise<void> {
  if (hook.kind !== 'Pod') return;
  const { cluster, redact, signal } = session.context;
  const { namespace } = options.release;
  try {
    const text = await cluster.podLogs(namespace, hook.name, { signal, ...WHOLE_LOG });
    options.logs?.set(hook.name, redact(text));
  } catch (error) {
    // Whoever wants the log asks again, and hears why it cannot be had.
    if (!(error instanceof KubeError)) throw error;
  }
}

/** Whether the filters let a test run. */
export function isTestChosen(
  hook: Pick<HookRecord, 'name'>,
  { includeNames, excludeNames }: Pick<TestOptions, 'includeNames' | 'excludeNames'>,
): boolean {
  if (excludeNames?.includes(hook.name) === true) return false;
  return (
    includeNames === undefined || includeNames.length === 0 || includeNames.includes(hook.name)
  );
}
