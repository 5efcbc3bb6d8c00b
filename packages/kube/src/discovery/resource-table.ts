// SPDX-License-Identifier: Apache-2.0

import type { ResourceInfo, ResourceTable } from '../cluster.ts';
import type { GroupVersionRows } from './decode-discovery.ts';

/**
 * The table of what is served.
 *
 * `apiVersions` lists each group version, then each `group/version/Kind` (kinds of subresources included), in discovery order.
 * Source: helm@v3.22.0 pkg/action/action.go GetVersionSet; Differs: Helm's order is that of a Go map, i.e. random.
 */
export function resourceTable(groupVersions: readonly GroupVersionRows[]): ResourceTable {
  const byKind = new Map<string, ResourceInfo>();
  const versions = new Set<string>();
  const kinds = new Set<string>();
  for (const { group, version, resources, kinds: names } of groupVersions) {
    const apiVersion = group === '' ? version : `${group}/${version}`;
    versions.add(apiVersion);
    for (const name of names) kinds.add(`${apiVersion}/${name}`);
    for (const info of resources) {
      const key = `${apiVersion}/${info.kind}`;
      if (!byKind.has(key)) byKind.set(key, info);
    }
  }
  const apiVersions = [...versions, ...kinds];
  return {
    find: (apiVersion, kind) => byKind.get(`${apiVersion}/${kind}`),
    apiVersions: () => apiVersions,
  };
}
