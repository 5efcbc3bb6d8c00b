// SPDX-License-Identifier: Apache-2.0

/**
 * Discovery documents → rows. One row is one resource or subresource of one group version.
 *
 * Source: kubernetes@v1.36.3 client-go/discovery/aggregated_discovery.go, api/apidiscovery/v2
 */

import type { Json, JsonObject, ResourceInfo } from '../cluster.ts';

/** What one group version serves. */
export interface GroupVersionRows {
  readonly group: string;
  readonly version: string;
  readonly resources: readonly ResourceInfo[];
  /** Kinds of resources and subresources, as `.Capabilities.APIVersions` shows them. */
  readonly kinds: readonly string[];
  /** The aggregated server behind it did not answer: its kinds are unknown. */
  readonly isStale: boolean;
}

/** Decodes an `APIGroupDiscoveryList`. */
export function decodeAggregated(document: JsonObject): readonly GroupVersionRows[] {
  return records(document['items']).flatMap((group) => {
    const name = text(record(group['metadata'])['name']);
    return records(group['versions']).map((version) => decodeVersion(name, version));
  });
}

function decodeVersion(group: string, version: JsonObject): GroupVersionRows {
  const versionName = text(version['version']);
  const isStale = version['freshness'] === 'Stale';
  const rows = isStale ? [] : records(version['resources']);
  return {
    group,
    version: versionName,
    isStale,
    resources: rows.flatMap((row) => {
      const kind = text(record(row['responseKind'])['kind']);
      if (kind === '') return [];
      return [
        {
          group,
          version: versionName,
          kind,
          resource: text(row['resource']),
          isNamespaced: row['scope'] === 'Namespaced',
          verbs: strings(row['verbs']),
          shortNames: strings(row['shortNames']),
          subresources: records(row['subresources']).map((sub) => text(sub['subresource'])),
        },
      ];
    }),
    kinds: rows
      .flatMap((row) => [row, ...records(row['subresources'])])
      .map((row) => text(record(row['responseKind'])['kind']))
      .filter((kind) => kind !== ''),
  };
}

/** The group versions of an `APIVersions` (`/api`) or `APIGroupList` (`/apis`). */
export function decodeGroups(
  document: JsonObject,
): readonly { readonly group: string; readonly version: string }[] {
  if (document['kind'] === 'APIVersions') {
    return strings(document['versions']).map((version) => ({ group: '', version }));
  }
  return records(document['groups']).flatMap((group) =>
    records(group['versions']).map((version) => ({
      group: text(group['name']),
      version: text(version['version']),
    })),
  );
}

/** Decodes an `APIResourceList`, the document of one group version. */
export function decodeResourceList(
  group: string,
  version: string,
  document: JsonObject | undefined,
): GroupVersionRows {
  const rows = records(document?.['resources'] ?? null);
  const subresources = rows.map((row) => text(row['name'])).filter((name) => name.includes('/'));
  return {
    group,
    version,
    isStale: document === undefined,
    resources: rows
      .filter((row) => !text(row['name']).includes('/') && text(row['kind']) !== '')
      .map((row) => {
        const resource = text(row['name']);
        return {
          group,
          version,
          kind: text(row['kind']),
          resource,
          isNamespaced: row['namespaced'] === true,
          verbs: strings(row['verbs']),
          shortNames: strings(row['shortNames']),
          subresources: subresources
            .filter((name) => name.startsWith(`${resource}/`))
            .map((name) => name.slice(resource.length + 1)),
        };
      }),
    kinds: rows.map((row) => text(row['kind'])).filter((kind) => kind !== ''),
  };
}

function record(value: Json | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
}

function records(value: Json | undefined): readonly JsonObject[] {
  return Array.isArray(value) ? value.map(record) : [];
}

function strings(value: Json | undefined): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

function text(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}
