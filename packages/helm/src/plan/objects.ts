// SPDX-License-Identifier: Apache-2.0

import type { Value, ValueMap } from '@helm-operator/gocompat';
import type { ObjectRef } from '@helm-operator/kube';

/** One object of a manifest, as the cluster would have it named. */
export interface ManifestObject {
  readonly ref: ObjectRef;
  readonly object: ValueMap;
  /** The apiVersion the manifest gives, where the cluster serves the object only under another one: its contents cannot be compared. */
  readonly mappedFrom?: string | undefined;
}

/** What the cluster has, by `objectKey`; objects that were looked for and do not exist are absent. */
export type LiveObjects = ReadonlyMap<string, ValueMap>;

function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? '' : apiVersion.slice(0, slash);
}

/** Equal for the same object in two versions of its API. Source: helm v3.22.0 pkg/kube/resource.go isMatchingInfo */
export function objectKey(ref: ObjectRef): string {
  return `${groupOf(ref.apiVersion)}/${ref.kind}/${ref.namespace ?? ''}/${ref.name}`;
}

/** Differs between versions of an API. Source: helm v3.22.0 pkg/action/upgrade.go objectKey */
export function versionedKey(ref: ObjectRef): string {
  return `${ref.apiVersion}/${ref.kind}/${ref.namespace ?? ''}/${ref.name}`;
}

/** `Deployment/default/podinfo`, for people. */
export function printedRef(ref: ObjectRef): string {
  return [ref.kind, ref.namespace, ref.name].filter((part) => part !== undefined).join('/');
}

/** The map under a key; `undefined` when it is no map. */
export function mapIn(object: ValueMap, key: string): ValueMap | undefined {
  const value = object.get(key);
  return value instanceof Map ? value : undefined;
}

/** The text under a key; `''` when it is no text. */
export function textIn(object: ValueMap | undefined, key: string): string {
  const value = object?.get(key);
  return typeof value === 'string' ? value : '';
}

/** Labels or annotations of an object; values that are no text are left out. */
export function metadataTexts(
  object: ValueMap,
  field: 'labels' | 'annotations',
): ReadonlyMap<string, string> {
  const metadata = mapIn(object, 'metadata');
  const texts = metadata === undefined ? undefined : mapIn(metadata, field);
  return new Map(
    [...(texts ?? [])].filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

/** A copy of the object with labels and annotations added over its own. */
export function withMetadata(
  object: ValueMap,
  added: {
    readonly labels: ReadonlyMap<string, string>;
    readonly annotations: ReadonlyMap<string, string>;
  },
): ValueMap {
  const metadata: ValueMap = new Map(mapIn(object, 'metadata') ?? []);
  for (const field of ['labels', 'annotations'] as const) {
    const merged: ValueMap = new Map<string, Value>([
      ...metadataTexts(object, field),
      ...added[field],
    ]);
    metadata.set(field, merged);
  }
  return new Map(object).set('metadata', metadata);
}
