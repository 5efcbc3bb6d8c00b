// SPDX-License-Identifier: Apache-2.0

/**
 * The objects of a stored revision as the cluster has them now (`helm status --show-resources`).
 *
 * Source:  helm v3.22.0 pkg/action/status.go, pkg/kube/client.go Get, getSelectRelationPod
 * Differs: what cannot be read is told; objects of removed APIs are looked for under their successors.
 */

import type { ValueMap } from '@helm-operator/gocompat';
import {
  fieldAt,
  jsonOfObject,
  type ListQuery,
  type ObjectRef,
  type ObjectTable,
} from '@helm-operator/kube';
import { textOf } from '../errors.ts';
import { buildPreviousObjects } from '../plan/build.ts';
import { type ManifestObject, printedRef } from '../plan/objects.ts';
import type { ReleaseRecord } from '../release/record.ts';
import { labelsText } from '../wait/selector.ts';
import type { ActionContext } from './context.ts';

/** By `version/Kind`; pods of workloads under `v1/Pod(related)`. */
export type ReleaseResources<T> = ReadonlyMap<string, readonly T[]>;

type ResourceContext = Pick<ActionContext, 'cluster' | 'signal' | 'log'>;

const RELATED_PODS = 'v1/Pod(related)';

/**
 * The objects whole.
 *
 * @throws {HelmError} `helm/build`: the manifest cannot be read
 */
export function releaseObjects(
  record: ReleaseRecord,
  context: ResourceContext,
): Promise<ReleaseResources<ValueMap>> {
  const { cluster, signal } = context;
  return readResources(record, context, {
    one: (ref) => cluster.get(ref, { signal }),
    all: (query) => cluster.list(query, { signal }),
  });
}

/**
 * The objects as the API server shows them to people.
 *
 * @throws {HelmError} `helm/build`: the manifest cannot be read
 */
export function releaseTables(
  record: ReleaseRecord,
  context: ResourceContext,
): Promise<ReleaseResources<ObjectTable>> {
  const { cluster, signal } = context;
  return readResources(record, context, {
    one: (ref) => cluster.table(ref, { signal }),
    all: async (query) => {
      const table = await cluster.table(query, { signal });
      return table === undefined ? [] : [table];
    },
  });
}

interface Reader<T> {
  readonly one: (ref: ObjectRef) => Promise<T | undefined>;
  readonly all: (query: ListQuery) => Promise<readonly T[]>;
}

async function readResources<T>(
  record: ReleaseRecord,
  context: ResourceContext,
  reader: Reader<T>,
): Promise<ReleaseResources<T>> {
  const { objects } = await buildPreviousObjects(record.manifest, record.namespace, context);
  const found = new Map<string, T[]>();
  const add = (key: string, items: readonly T[]) => {
    if (items.length > 0) found.set(key, [...(found.get(key) ?? []), ...items]);
  };
  const selections = new Set<string>();
  for (const item of objects) {
    const { ref } = item;
    const seen = await told(context, printedRef(ref), () => reader.one(ref));
    if (seen === undefined) continue;
    add(versionAndKind(ref), [seen]);
    const labelSelector = podSelector(item);
    if (labelSelector === undefined || selections.has(labelSelector)) continue;
    selections.add(labelSelector);
    const { namespace } = ref;
    const query = { apiVersion: 'v1', kind: 'Pod', namespace, labelSelector };
    add(
      RELATED_PODS,
      (await told(context, `pods of ${printedRef(ref)}`, () => reader.all(query))) ?? [],
    );
  }
  return found;
}

/** One that cannot be read does not hide the others. */
async function told<T>(
  { log, signal }: ResourceContext,
  what: string,
  read: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    signal.throwIfAborted();
    log({ level: 'warning', message: `${what} cannot be read: ${textOf(error)}` });
    return undefined;
  }
}

function versionAndKind({ apiVersion, kind }: ObjectRef): string {
  return `${apiVersion.slice(apiVersion.indexOf('/') + 1)}/${kind}`;
}

const SELECTORS: ReadonlyMap<string, string> = new Map([
  ['DaemonSet', 'spec.selector.matchLabels'],
  ['Deployment', 'spec.selector.matchLabels'],
  ['Job', 'spec.selector.matchLabels'],
  ['ReplicaSet', 'spec.selector.matchLabels'],
  ['ReplicationController', 'spec.selector'],
  ['StatefulSet', 'spec.selector.matchLabels'],
]);

/** As the manifest selects them: a Job's own selector, which the cluster made, is not in it. */
function podSelector({ ref, object }: ManifestObject): string | undefined {
  const path = SELECTORS.get(ref.kind);
  if (path === undefined) return undefined;
  const labels = labelsText(fieldAt(jsonOfObject(object), path)).toSorted();
  return labels.length === 0 ? undefined : labels.join(',');
}
