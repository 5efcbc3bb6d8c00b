// SPDX-License-Identifier: Apache-2.0

/** What can be seen of a HelmRelease's inputs without asking: when it is as at the last turn, there is nothing to do. */

import type { ReleaseIntent } from '@helm-operator/api';
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

/**
 * One line for everything a turn depends on. `undefined`: something lies outside what is watched, so a turn must look.
 *
 * @param record what the last turn saw as newest; it may be newer than the cache
 * @param liveVersion of the live objects whose changes matter
 */
export function fingerprint(
  intent: ReleaseIntent,
  caches: InputCaches,
  record: ReleaseRecord | undefined,
  liveVersion: string | undefined,
): string | undefined {
  const { source, release, storageNamespace } = intent;
  const object = caches.releases.get(source);
  if (object === undefined || liveVersion === undefined) return undefined;
  // Nothing tells that a document somewhere changed.
  if (intent.values.some(({ kind }) => kind === 'url')) return undefined;
  const metadata = metadataOf(object);
  const parts = [
    textAt(metadata, 'uid'),
    String(metadata['generation'] ?? ''),
    textAt(metadata, 'deletionTimestamp'),
    JSON.stringify(metadata['finalizers'] ?? []),
    // Requests; nothing else is kept of them.
    JSON.stringify(metadata['annotations'] ?? {}),
  ];
  for (const { kind, name, namespace } of referredObjects(intent))
    parts.push(versionOf(kind === 'Secret' ? caches.secrets : caches.configMaps, name, namespace));
  const known =
    record === undefined
      ? ''
      : `${recordKey(release.name, record.revision)}@${record.resourceVersion}`;
  const seen = newestRecord(caches.secrets, `${storageNamespace}/${release.name}`);
  parts.push(isOlder(seen, known) ? known : seen, liveVersion);
  return parts.join(' ');
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

/** Whether the cache has not yet seen what the last turn wrote. Versions of one cluster grow. */
function isOlder(seen: string, known: string): boolean {
  if (known === '') return false;
  const version = (text: string) => BigInt(/@([0-9]+)$/.exec(text)?.[1] ?? '0');
  return version(seen) < version(known) && seen !== '';
}
