// SPDX-License-Identifier: Apache-2.0

/** What an install would do with the files of `crds/`, and a cluster that serves their kinds already. */

import type { ValueMap } from '@helm-operator/gocompat';
import type { Cluster, ResourceInfo, ResourceTable } from '@helm-operator/kube';
import { buildObjects, parseManifest } from '../plan/build.ts';
import { fieldChanges, fieldsOf } from '../plan/changes.ts';
import { mapIn, textIn } from '../plan/objects.ts';
import type { PlannedItem } from '../plan/release-plan.ts';
import type { CrdFile } from '../render-host/port.ts';
import type { CrdPolicy } from './options.ts';
import type { Session } from './session.ts';

export async function planCrds(
  files: readonly CrdFile[],
  { mode }: CrdPolicy,
  session: Session,
): Promise<readonly PlannedItem[]> {
  const { cluster, signal } = session.context;
  const items: PlannedItem[] = [];
  for (const file of mode === 'skip' ? [] : files) {
    for (const { ref, object } of await buildObjects(file.text, '', session.context)) {
      const live = await cluster.get(ref, { signal });
      if (live === undefined) {
        const reason = `the cluster does not have it (${file.name})`;
        const item = { ref, reason, changes: [], isExact: false };
        items.push({ ...item, verb: 'create', object: fieldsOf(object) });
      } else if (mode === 'create') {
        const reason = 'it is there already, and is left as it is';
        items.push({ verb: 'keep', ref, reason, changes: [], isExact: true });
      } else {
        const changes = fieldChanges(live, object);
        const verb = changes.length === 0 ? 'keep' : 'change';
        items.push({ verb, ref, reason: file.name, changes, isExact: false });
      }
    }
  }
  return items;
}

/** The session with a cluster that knows the kinds of those definitions; objects of new kinds are not there yet. */
export async function withKindsOf(files: readonly CrdFile[], session: Session): Promise<Session> {
  const parsed = await Promise.all(files.map(({ text }) => parseManifest(text)));
  const kinds = new Map(
    parsed
      .flat()
      .flatMap(servedKinds)
      .map((info) => [`${info.group}/${info.version}/${info.kind}`, info]),
  );
  if (kinds.size === 0) return session;
  const { cluster } = session.context;
  return { ...session, context: { ...session.context, cluster: expanded(cluster, kinds) } };
}

function servedKinds(object: ValueMap): readonly ResourceInfo[] {
  const spec = mapIn(object, 'spec');
  if (textIn(object, 'kind') !== 'CustomResourceDefinition' || spec === undefined) return [];
  const names = mapIn(spec, 'names');
  const versions = spec.get('versions');
  const listed = Array.isArray(versions) ? versions.filter((item) => item instanceof Map) : [];
  const served = listed.filter((version) => version.get('served') === true);
  const old = textIn(spec, 'version');
  return [...served.map((version) => textIn(version, 'name')), ...(old === '' ? [] : [old])].map(
    (version) => ({
      group: textIn(spec, 'group'),
      version,
      kind: textIn(names, 'kind'),
      resource: textIn(names, 'plural'),
      isNamespaced: textIn(spec, 'scope') !== 'Cluster',
      verbs: [],
      shortNames: [],
      subresources: [],
    }),
  );
}

function expanded(cluster: Cluster, kinds: ReadonlyMap<string, ResourceInfo>): Cluster {
  const added = (apiVersion: string, kind: string): ResourceInfo | undefined =>
    kinds.get(`${apiVersion}/${kind}`);
  const isNew = (table: ResourceTable, apiVersion: string, kind: string): boolean =>
    table.find(apiVersion, kind) === undefined && added(apiVersion, kind) !== undefined;
  return {
    server: cluster.server,
    resources: async (options) => {
      const table = await cluster.resources(options);
      return {
        find: (apiVersion, kind) => table.find(apiVersion, kind) ?? added(apiVersion, kind),
        apiVersions: () => table.apiVersions(),
      };
    },
    get: async (ref, options) =>
      isNew(await cluster.resources(options), ref.apiVersion, ref.kind)
        ? undefined
        : cluster.get(ref, options),
    getJson: (ref, options) => cluster.getJson(ref, options),
    version: (options) => cluster.version(options),
    list: (query, options) => cluster.list(query, options),
    listJson: (query, options) => cluster.listJson(query, options),
    table: (of, options) => cluster.table(of, options),
    create: (object, options) => cluster.create(object, options),
    replace: (object, options) => cluster.replace(object, options),
    patch: (ref, kind, body, options) => cluster.patch(ref, kind, body, options),
    delete: (ref, options) => cluster.delete(ref, options),
    watch: (query, onEvent, signal) => cluster.watch(query, onEvent, signal),
    podLogs: (namespace, pod, options) => cluster.podLogs(namespace, pod, options),
    as: (identity) => cluster.as(identity),
  };
}
