// SPDX-License-Identifier: Apache-2.0

/**
 * Manifest (and the one before) → built objects → ownership → plan. Reads the cluster, writes nothing.
 *
 * Source: helm v3.22.0 pkg/action/install.go, upgrade.go performUpgrade, rollback.go performRollback
 */

import { wrap } from '../errors.ts';
import { buildObjects, buildPreviousObjects } from '../plan/build.ts';
import { type LiveObjects, type ManifestObject, versionedKey } from '../plan/objects.ts';
import { checkAdoption, withOwnership } from '../plan/ownership.ts';
import { type Plan, type PlanPolicy, planInTurns } from '../plan/plan.ts';
import {
  describePlan,
  fingerprintOf,
  objectStages,
  planDifferences,
} from '../plan/release-plan.ts';
import type { ReleaseRecord } from '../release/record.ts';
import type { ApplyPolicy, InstallOptions } from './options.ts';
import { readLive } from './read-live.ts';
import { reach, type Session, warn } from './session.ts';

/** What the objects of a manifest need to become true. */
export interface Prepared {
  readonly target: readonly ManifestObject[];
  readonly previous: readonly ManifestObject[];
  readonly live: LiveObjects;
  readonly plan: Plan;
  /** Nothing of the release exists yet. */
  readonly isFresh: boolean;
}

export type ApplyMethod = 'client' | 'server';

/** A new revision of a release that is not recorded yet. */
export interface RevisionDraft {
  readonly record: ReleaseRecord;
  /** The revision whose objects are in the cluster. */
  readonly previous: ReleaseRecord;
  readonly method: ApplyMethod;
  readonly records: readonly ReleaseRecord[];
}

/** `auto` follows the record before; a first install follows Helm's default. */
export function applyMethodOf(
  policy: ApplyPolicy,
  previous: ReleaseRecord | undefined,
  session: Session,
): ApplyMethod {
  if (policy.method !== 'auto') return policy.method;
  if (session.profile === 'helm3') return 'client';
  return previous === undefined || previous.applyMethod === 'ssa' ? 'server' : 'client';
}

/** What the record says of it; Helm 3's records do not. */
export function storedMethod(method: ApplyMethod, session: Session): ReleaseRecord['applyMethod'] {
  if (session.profile === 'helm3') return '';
  return method === 'server' ? 'ssa' : 'csa';
}

export interface PrepareOptions {
  readonly apply: ApplyPolicy;
  readonly method: ApplyMethod;
  /** The release is rolled back: whatever exists is taken as it is. */
  readonly isRollback?: boolean | undefined;
}

/**
 * @param previous the record the objects come from; `undefined` for an install
 * @throws {HelmError} `helm/build`, `helm/ownership`, `helm/apply`
 */
export async function prepare(
  record: ReleaseRecord,
  previous: ReleaseRecord | undefined,
  options: PrepareOptions,
  session: Session,
): Promise<Prepared> {
  const { built, old } = await buildBoth(record, previous, options, session);
  reach(session, 'built');
  const target = withOwnership(built, session.release, options.apply.annotations);
  const owned = new Set(old.map(({ ref }) => versionedKey(ref)));
  const live = await readLive([...target, ...old], session, (ref) =>
    options.isRollback === true || owned.has(versionedKey(ref))
      ? undefined
      : cannotGoOn(previous, session),
  );
  const adopted =
    options.isRollback === true ? [] : adopt(target, old, { live, options, previous }, session);
  const known = [...old, ...adopted];
  const policy = planPolicyOf(options, previous);
  const plan = await planInTurns({ target, previous: known, live, policy });
  tellPlan({ plan, previous: known, live }, session);
  reach(session, 'planned');
  const isFresh = previous === undefined && adopted.length === 0;
  return { target, previous: known, live, plan, isFresh };
}

function tellPlan(input: Pick<Prepared, 'plan' | 'previous' | 'live'>, { context }: Session): void {
  if (context.planned !== undefined) context.planned(objectStages(describePlan(input)));
}

/** Plans once more, from what the cluster has after hooks changed it. */
export async function planAgain(
  prepared: Prepared,
  options: PrepareOptions,
  previous: ReleaseRecord | undefined,
  session: Session,
): Promise<Prepared> {
  const { target, previous: known } = prepared;
  const live = await readLive([...target, ...known], session);
  const policy = planPolicyOf(options, previous);
  const plan = await planInTurns({ target, previous: known, live, policy });
  const changed = planDifferences(fingerprintOf(prepared.plan), fingerprintOf(plan));
  if (changed.length > 0) {
    tellPlan({ plan, previous: known, live }, session);
    warn(
      session,
      `hooks changed what the plan has to do; it was made again: ${changed.join('; ')}`,
    );
  }
  return { ...prepared, live, plan };
}

/** Tells where what is about to be done is not what somebody was shown. */
export function reportSurprises(
  plan: Plan,
  { shownPlan }: Pick<InstallOptions, 'shownPlan'>,
  session: Session,
): void {
  if (shownPlan === undefined) return;
  const surprises = planDifferences(shownPlan, fingerprintOf(plan));
  if (surprises.length === 0) return;
  warn(session, `the cluster changed since the plan was shown: ${surprises.join('; ')}`);
}

/** An upgrade looks at the new manifest first, and says what is wrong with it as it is. */
async function buildBoth(
  record: ReleaseRecord,
  previous: ReleaseRecord | undefined,
  { isRollback }: PrepareOptions,
  session: Session,
): Promise<{ readonly built: readonly ManifestObject[]; readonly old: readonly ManifestObject[] }> {
  const build = () => buildObjects(record.manifest, session.release.namespace, session.context);
  if (previous === undefined) {
    const built = await within('unable to build kubernetes objects from release manifest', build);
    return { built, old: [] };
  }
  if (isRollback !== true) {
    return { built: await build(), old: await buildOld(previous, session) };
  }
  const old = await buildOld(previous, session);
  const doing = 'unable to build kubernetes objects from new release manifest';
  return { built: await within(doing, build), old };
}

async function buildOld(
  previous: ReleaseRecord,
  session: Session,
): Promise<readonly ManifestObject[]> {
  const { objects, mapped, removed } = await within(
    'unable to build kubernetes objects from current release manifest',
    () => buildPreviousObjects(previous.manifest, session.release.namespace, session.context),
  );
  for (const object of mapped) {
    warn(session, `the cluster no longer serves an API of the current release: ${object}`);
  }
  for (const object of removed) {
    warn(session, `the cluster no longer serves ${object} of the current release: taken as gone`);
  }
  return objects;
}

async function within<T>(doing: string, build: () => Promise<T>): Promise<T> {
  try {
    return await build();
  } catch (error) {
    throw wrap('helm/build', doing, error);
  }
}

function cannotGoOn(previous: ReleaseRecord | undefined, { texts }: Session): string {
  return previous === undefined ? texts.cannotInstall : texts.cannotUpdate;
}

function adopt(
  target: readonly ManifestObject[],
  old: readonly ManifestObject[],
  known: {
    readonly live: LiveObjects;
    readonly options: PrepareOptions;
    readonly previous: ReleaseRecord | undefined;
  },
  session: Session,
): readonly ManifestObject[] {
  const owned = new Set(old.map(({ ref }) => versionedKey(ref)));
  const added = target.filter(({ ref }) => !owned.has(versionedKey(ref)));
  const mustTake = known.options.apply.mustTakeOwnership === true;
  try {
    return checkAdoption(added, known.live, session.release, mustTake);
  } catch (error) {
    throw wrap('helm/ownership', cannotGoOn(known.previous, session), error);
  }
}

function planPolicyOf(
  { apply, method, isRollback }: PrepareOptions,
  previous: ReleaseRecord | undefined,
): PlanPolicy {
  const isServer = method === 'server';
  return {
    method,
    fieldManager: apply.fieldManager,
    mustReplace: apply.mustReplace === true,
    mustForceConflicts: apply.mustForceConflicts === true,
    isThreeWayForCustom: previous === undefined && apply.mustTakeOwnership === true,
    mustMigrate:
      isServer && (previous === undefined || isRollback === true || previous.applyMethod !== 'ssa'),
  };
}
