// SPDX-License-Identifier: Apache-2.0

/**
 * Whose object is it? Marks on objects, and what Helm says when they are missing.
 *
 * Source: helm v3.22.0 pkg/action/validate.go
 */

import { quote, type ValueMap } from '@helm-operator/gocompat';
import type { ObjectRef } from '@helm-operator/kube';
import type { ReleaseIdentity } from '../actions/options.ts';
import { HelmError } from '../errors.ts';
import {
  type LiveObjects,
  type ManifestObject,
  mapIn,
  metadataTexts,
  objectKey,
  withMetadata,
} from './objects.ts';

const MANAGED_BY_LABEL = 'app.kubernetes.io/managed-by';
const NAME_ANNOTATION = 'meta.helm.sh/release-name';
const NAMESPACE_ANNOTATION = 'meta.helm.sh/release-namespace';

/**
 * The objects as they are sent: with the release's marks, which the stored manifest has not.
 *
 * @param more annotations beside them
 */
export function withOwnership(
  objects: readonly ManifestObject[],
  release: ReleaseIdentity,
  more: ReadonlyMap<string, string> = new Map(),
): readonly ManifestObject[] {
  const labels = new Map([[MANAGED_BY_LABEL, 'Helm']]);
  const annotations = new Map([
    ...more,
    [NAME_ANNOTATION, release.name],
    [NAMESPACE_ANNOTATION, release.namespace],
  ]);
  return objects.map(({ ref, object }) => ({
    ref,
    object: withMetadata(object, { labels, annotations }),
  }));
}

/** The object without the marks of any release. */
export function withoutMarks(object: ValueMap): ValueMap {
  const metadata: ValueMap = new Map(mapIn(object, 'metadata') ?? []);
  const marks = {
    labels: [MANAGED_BY_LABEL],
    annotations: [NAME_ANNOTATION, NAMESPACE_ANNOTATION],
  };
  for (const field of ['labels', 'annotations'] as const) {
    const kept: ValueMap = new Map(mapIn(metadata, field) ?? []);
    for (const key of marks[field]) kept.delete(key);
    if (kept.size > 0) metadata.set(field, kept);
    else metadata.delete(field);
  }
  return new Map(object).set('metadata', metadata);
}

/**
 * Which of the objects exist already and may be adopted.
 *
 * @param live must have been looked up for every object
 * @throws {HelmError} `helm/ownership`: the first object that belongs to somebody else
 */
export function checkAdoption(
  objects: readonly ManifestObject[],
  live: LiveObjects,
  release: ReleaseIdentity,
  mustTakeOwnership: boolean,
): readonly ManifestObject[] {
  const adopted: ManifestObject[] = [];
  for (const item of objects) {
    const existing = live.get(objectKey(item.ref));
    if (existing === undefined) continue;
    const problem = mustTakeOwnership ? undefined : ownershipProblem(existing, release);
    if (problem !== undefined) {
      throw new HelmError(
        'helm/ownership',
        `${describe(item.ref)} exists and cannot be imported into the current release: ${problem}`,
      );
    }
    adopted.push(item);
  }
  return adopted;
}

/** `Service "web" in namespace "default"` */
export function describe(ref: ObjectRef): string {
  return `${ref.kind} ${quote(ref.name)} in namespace ${quote(ref.namespace ?? '')}`;
}

/** @returns Helm's text for every mark that is missing or wrong; `undefined` when the release owns the object */
export function ownershipProblem(object: ValueMap, release: ReleaseIdentity): string | undefined {
  const labels = metadataTexts(object, 'labels');
  const annotations = metadataTexts(object, 'annotations');
  const problems = [
    mismatch('label', labels, MANAGED_BY_LABEL, 'Helm'),
    mismatch('annotation', annotations, NAME_ANNOTATION, release.name),
    mismatch('annotation', annotations, NAMESPACE_ANNOTATION, release.namespace),
  ].filter((problem) => problem !== undefined);
  return problems.length === 0 ? undefined : ['invalid ownership metadata', ...problems].join('; ');
}

function mismatch(
  what: 'label' | 'annotation',
  actual: ReadonlyMap<string, string>,
  key: string,
  wanted: string,
): string | undefined {
  const value = actual.get(key);
  if (value === wanted) return undefined;
  const problem =
    value === undefined
      ? `missing key ${quote(key)}: must be set to ${quote(wanted)}`
      : `key ${quote(key)} must equal ${quote(wanted)}: current value is ${quote(value)}`;
  return `${what} validation error: ${problem}`;
}
