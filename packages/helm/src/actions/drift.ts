// SPDX-License-Identifier: Apache-2.0

/**
 * Live objects against the manifest of the newest revision: found, and put right without a new revision.
 *
 * Source: spec helm-controller.md §2.9
 * Differs: a difference counts when the API server, asked by a dry run, says that the manifest would change the object; fields
 * that nobody but others sets do not count. What a server normalises is no drift.
 */

import {
  compileRegexp,
  deepEqual,
  type GoRegexp,
  type Value,
  type ValueMap,
} from '@helm-operator/gocompat';
import {
  applyObject,
  isKubeError,
  type LabelSelector,
  type ObjectRef,
  parseLabelSelector,
  patchObject,
} from '@helm-operator/kube';
import { buildPreviousObjects } from '../plan/build.ts';
import { type FieldChange, fieldChanges, withoutServerFields } from '../plan/changes.ts';
import { type ManifestObject, metadataTexts, objectKey } from '../plan/objects.ts';
import { withOwnership } from '../plan/ownership.ts';
import { type Operation, type Plan, planInTurns } from '../plan/plan.ts';
import type { ReleaseRecord } from '../release/record.ts';
import { nothingApplied, updateAll } from './apply-plan.ts';
import type { ActionContext } from './context.ts';
import type { ApplyPolicy, Profile, ReleaseIdentity } from './options.ts';
import { readLive } from './read-live.ts';
import { openSession, type Session } from './session.ts';

/** Fields whose drift does not count. */
export interface DriftIgnore {
  /** JSON pointers (RFC 6901); `""` is the whole object. */
  readonly paths: readonly string[];
  /** Objects the rule is for; each text is a regular expression (RE2) on the whole value, or a selector. */
  readonly target?: DriftTarget | undefined;
}

export interface DriftTarget {
  readonly group?: string | undefined;
  readonly version?: string | undefined;
  readonly kind?: string | undefined;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly annotationSelector?: string | undefined;
}

export interface DriftOptions {
  readonly profile: Profile;
  readonly release: ReleaseIdentity;
  readonly timeoutMs: number;
  readonly apply: ApplyPolicy;
  readonly ignore: readonly DriftIgnore[];
  /** Told what will be looked at, before it is. */
  readonly onObjects?: ((objects: readonly ObjectRef[]) => Promise<void>) | undefined;
}

/** One object that is not as the manifest says. */
export interface DriftedObject {
  readonly ref: ObjectRef;
  readonly kind: 'removed' | 'changed';
  /** What would be put right; contents of Secrets are masked. */
  readonly changes: readonly FieldChange[];
}

/** What was found, and the plan that puts it right. */
export interface Drift {
  readonly objects: readonly DriftedObject[];
  readonly plan: Plan;
}

/** Of an object, in its manifest or live: it may drift. */
const EXCLUDED = 'helm.toolkit.fluxcd.io/driftDetection';

/**
 * Reads the live objects; writes nothing.
 *
 * @throws {HelmError} `helm/build`, `helm/apply` @throws {KubeError} the API server refuses a dry run
 * @throws {SelectorError} {RegexpError} a rule of `ignore` cannot be read
 */
export async function findDrift(
  record: ReleaseRecord,
  options: DriftOptions,
  context: ActionContext,
): Promise<Drift> {
  const session = openDrift(options, context);
  const rules = options.ignore.map(compileRule);
  const { objects } = await buildPreviousObjects(
    record.manifest,
    options.release.namespace,
    context,
  );
  const manifest = withOwnership(objects, options.release);
  await options.onObjects?.(manifest.map(({ ref }) => ref));
  const live = await readLive(manifest, session);
  const target = manifest.flatMap((item) => ignoring(item, live.get(objectKey(item.ref)), rules));
  const method = record.applyMethod === 'ssa' ? 'server' : 'client';
  const { operations } = await planInTurns({
    target,
    previous: target,
    live,
    policy: {
      method,
      fieldManager: options.apply.fieldManager,
      mustReplace: false,
      mustForceConflicts: true,
      isThreeWayForCustom: true,
      mustMigrate: false,
    },
  });
  const found: DriftedObject[] = [];
  const wanted: Operation[] = [];
  for (const operation of operations) {
    const object = await driftOf(operation, live.get(objectKey(operation.ref)), session, options);
    if (object === undefined) continue;
    found.push(object);
    wanted.push(operation);
  }
  return { objects: found, plan: { operations: wanted } };
}

/** Creates what is missing and mends what differs, in the order of the manifest. @throws {HelmError} `helm/apply` */
export async function correctDrift(
  drift: Drift,
  options: DriftOptions,
  context: ActionContext,
): Promise<void> {
  const session = openDrift(options, context);
  await updateAll(drift.plan, options.apply, nothingApplied(), session);
}

function openDrift(options: DriftOptions, context: ActionContext): Session {
  return openSession('drift', { ...options, hooks: {}, wait: { strategy: 'none' } }, context);
}

async function driftOf(
  operation: Operation,
  live: ValueMap | undefined,
  session: Session,
  { apply }: DriftOptions,
): Promise<DriftedObject | undefined> {
  const { ref } = operation;
  if (live === undefined) {
    const isMissing = operation.verb === 'create' || operation.verb === 'apply';
    return isMissing ? { ref, kind: 'removed', changes: [] } : undefined;
  }
  const mended = await dryRun(operation, session, apply);
  if (mended === undefined) return undefined;
  if (deepEqual(withoutServerFields(live), withoutServerFields(mended))) return undefined;
  return { ref, kind: 'changed', changes: fieldChanges(live, mended) };
}

/** What the object would become. */
async function dryRun(
  operation: Operation,
  { context }: Session,
  { fieldManager }: ApplyPolicy,
): Promise<ValueMap | undefined> {
  const options = { fieldManager, isDryRun: true };
  try {
    if (operation.verb === 'patch')
      return await patchObject(operation.ref, operation.patch, options, context);
    if (operation.verb === 'apply')
      return await applyObject(
        operation.ref,
        operation.object,
        { ...options, isForced: true },
        context,
      );
    return undefined;
  } catch (error) {
    // Gone since it was read: the next look finds it missing.
    if (isKubeError(error, 'kube/not-found')) return undefined;
    throw error;
  }
}

interface Rule {
  readonly pointers: readonly (readonly string[])[];
  readonly matches: (item: ManifestObject) => boolean;
}

function compileRule({ paths, target = {} }: DriftIgnore): Rule {
  const labels = compileSelector(target.labelSelector);
  const annotations = compileSelector(target.annotationSelector);
  const tests: readonly (readonly [GoRegexp | undefined, (item: ManifestObject) => string])[] = [
    [compileWhole(target.group), ({ ref }) => groupAndVersion(ref)[0]],
    [compileWhole(target.version), ({ ref }) => groupAndVersion(ref)[1]],
    [compileWhole(target.kind), ({ ref }) => ref.kind],
    [compileWhole(target.namespace), ({ ref }) => ref.namespace ?? ''],
    [compileWhole(target.name), ({ ref }) => ref.name],
  ];
  return {
    pointers: paths.map(parsePointer),
    matches: (item) =>
      tests.every(([regexp, read]) => regexp === undefined || regexp.matchString(read(item))) &&
      labels(metadataTexts(item.object, 'labels')) &&
      annotations(metadataTexts(item.object, 'annotations')),
  };
}

function compileWhole(pattern: string | undefined): GoRegexp | undefined {
  return pattern === undefined || pattern === '' ? undefined : compileRegexp(`^(?:${pattern})$`);
}

function compileSelector(text: string | undefined): LabelSelector {
  return parseLabelSelector(text ?? '');
}

function groupAndVersion({ apiVersion }: ObjectRef): readonly [group: string, version: string] {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? ['', apiVersion] : [apiVersion.slice(0, slash), apiVersion.slice(slash + 1)];
}

function parsePointer(pointer: string): readonly string[] {
  if (pointer === '') return [];
  return pointer
    .replace(/^\//, '')
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The object with what may drift taken from the live one; none when the whole of it may. */
function ignoring(
  item: ManifestObject,
  live: ValueMap | undefined,
  rules: readonly Rule[],
): readonly ManifestObject[] {
  if (isExcluded(item.object) || (live !== undefined && isExcluded(live))) return [];
  const pointers = rules.filter((rule) => rule.matches(item)).flatMap(({ pointers: all }) => all);
  if (pointers.some((pointer) => pointer.length === 0)) return [];
  if (live === undefined || pointers.length === 0) return [item];
  const object = pointers.reduce<Value>(
    (wanted, pointer) => takenFrom(live, wanted, pointer),
    item.object,
  );
  return [{ ref: item.ref, object: object as ValueMap }];
}

function isExcluded(object: ValueMap): boolean {
  return (['labels', 'annotations'] as const).some(
    (field) => metadataTexts(object, field).get(EXCLUDED) === 'disabled',
  );
}

/** A copy of `wanted` whose value at a path is that of `live`. */
function takenFrom(
  live: Value | undefined,
  wanted: Value,
  [head, ...rest]: readonly string[],
): Value {
  if (head === undefined) return live ?? null;
  if (wanted instanceof Map) {
    const copy: ValueMap = new Map(wanted);
    const source = live instanceof Map ? live.get(head) : undefined;
    const inner = copy.get(head);
    if (rest.length === 0) {
      if (source === undefined) copy.delete(head);
      else copy.set(head, source);
    } else if (inner !== undefined) copy.set(head, takenFrom(source, inner, rest));
    return copy;
  }
  if (Array.isArray(wanted)) {
    const index = Number(head);
    const source = Array.isArray(live) ? live[index] : undefined;
    if (source === undefined) return wanted;
    return wanted.map((value: Value, i) => (i === index ? takenFrom(source, value, rest) : value));
  }
  return wanted;
}

/** `Deployment/default/web changed (spec.replicas)`, for people. */
export function printDrift({ ref, kind, changes }: DriftedObject): string {
  const name = [ref.kind, ref.namespace, ref.name].filter((part) => part !== undefined).join('/');
  const fields = changes.map(({ path }) => path);
  const shown = fields.slice(0, 3).join(', ');
  const more = fields.length > 3 ? `, and ${fields.length - 3} more` : '';
  return kind === 'removed' || shown === ''
    ? `${name} ${kind}`
    : `${name} ${kind} (${shown}${more})`;
}
