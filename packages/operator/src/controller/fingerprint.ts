// SPDX-License-Identifier: Apache-2.0

/** What can be seen of a HelmRelease's inputs without asking: when it is as the last turn saw it, there is nothing to do. */

import { type ReleaseIntent, watchedAnnotations } from '@helm-operator/api';
import { type ReleaseRecord, recordKey } from '@helm-operator/helm';
import type { JsonObject, WatchCache } from '@helm-operator/kube';
import type { WatchedReleases } from './watched-releases.ts';

/** Copies of what the watches see. Secrets and ConfigMaps are metadata only. */
export interface InputCaches {
  readonly releases: Pick<WatchedReleases, 'get'>;
  readonly secrets: WatchCache;
  readonly configMaps: WatchCache;
}

/** Index of the Secrets cache: `NAMESPACE/RELEASE` → its records. */
export const RECORDS_INDEX = 'records';

export function metadataOf(object: JsonObject): JsonObject {
  return (object['metadata'] ?? {}) as JsonObject;
}

export function textAt(object: JsonObject, name: string): string {
  const value = object[name];
  return typeof value === 'string' ? value : '';
}

/** The release a Secret is a record of, as `NAMESPACE/NAME`; none for other Secrets. */
export function recordIndexKeys(secret: JsonObject): readonly string[] {
  const metadata = metadataOf(secret);
  const labels = (metadata['labels'] ?? {}) as JsonObject;
  if (labels['owner'] !== 'helm' || typeof labels['name'] !== 'string') return [];
  return [`${textAt(metadata, 'namespace')}/${labels['name']}`];
}

/** What a turn depends on, each in the version that was seen. */
export interface InputVersions {
  /** The HelmRelease: what of it can ask for a turn. */
  readonly object: string;
  /** Of Secrets and ConfigMaps it refers to. */
  readonly referred: string;
  /** The newest record, as `KEY@VERSION`; empty: there is none. */
  readonly record: string;
  /** Of the live objects whose changes matter. */
  readonly live: string;
}

export function areSame(one: InputVersions, other: InputVersions): boolean {
  return (
    one.object === other.object &&
    one.referred === other.referred &&
    one.record === other.record &&
    one.live === other.live
  );
}

/** Nothing tells that a document somewhere changed: a turn must look. */
export function isAllWatched({ values }: ReleaseIntent): boolean {
  return !values.some(({ kind }) => kind === 'url');
}

/** @param metadata of a HelmRelease; what the operator itself writes elsewhere in it does not count */
export function objectVersion(metadata: JsonObject): string {
  const annotations = (metadata['annotations'] ?? {}) as JsonObject;
  return JSON.stringify([
    metadata['uid'] ?? '',
    metadata['generation'] ?? '',
    metadata['deletionTimestamp'] ?? '',
    metadata['finalizers'] ?? [],
    watchedAnnotations(annotations),
  ]);
}

export function referredVersion(intent: ReleaseIntent, caches: InputCaches): string {
  return referredObjects(intent)
    .map(({ kind, name, namespace }) =>
      versionOf(kind === 'Secret' ? caches.secrets : caches.configMaps, name, namespace),
    )
    .join(' ');
}

export function recordVersion(
  { release }: ReleaseIntent,
  record: ReleaseRecord | undefined,
): string {
  if (record === undefined) return '';
  return `${recordKey(release.name, record.revision)}@${record.resourceVersion}`;
}

/** @param known as it was last seen elsewhere: it counts until the cache has come so far */
export function watchedRecordVersion(
  { storageNamespace, release }: ReleaseIntent,
  { secrets }: InputCaches,
  known: string,
): string {
  const version = BigInt(/@([0-9]+)$/.exec(known)?.[1] ?? '0');
  if (secrets.version < version) return known;
  return newestRecord(secrets, `${storageNamespace}/${release.name}`);
}

/** An object that a HelmRelease names. */
export interface ReferredObject {
  readonly kind: 'Secret' | 'ConfigMap';
  readonly namespace: string;
  readonly name: string;
}

/** Where values and the chart's credentials are. */
export function referredObjects(intent: ReleaseIntent): readonly ReferredObject[] {
  const referred: ReferredObject[] = [];
  for (const source of intent.values) {
    if (source.kind === 'Secret' || source.kind === 'ConfigMap') referred.push(source);
  }
  const { chart } = intent;
  if ('secret' in chart && chart.secret !== undefined)
    referred.push({ kind: 'Secret', ...chart.secret });
  return referred;
}

function versionOf(cache: WatchCache, name: string, namespace: string): string {
  const object = cache.get(name, namespace);
  return object === undefined ? '-' : textAt(metadataOf(object), 'resourceVersion');
}

/** `KEY@VERSION` of the newest revision that the cache has; empty for none. */
function newestRecord(secrets: WatchCache, release: string): string {
  let newest = '';
  let highest = 0;
  for (const secret of secrets.find(RECORDS_INDEX, release)) {
    const metadata = metadataOf(secret);
    const labels = (metadata['labels'] ?? {}) as JsonObject;
    const revision = Number(labels['version'] ?? 0);
    if (revision < highest) continue;
    highest = revision;
    newest = `${textAt(metadata, 'name')}@${textAt(metadata, 'resourceVersion')}`;
  }
  return newest;
}
