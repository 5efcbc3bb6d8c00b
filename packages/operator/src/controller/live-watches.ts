// SPDX-License-Identifier: Apache-2.0

/** Watches on the kinds of objects that releases are made of, so that drift is noticed when it happens. Metadata only. */

import { type Cluster, type JsonObject, type ObjectRef, WatchCache } from '@helm-operator/kube';
import { metadataOf, textAt } from './fingerprint.ts';

/** Helm puts it on every object of a release. */
const MANAGED = 'app.kubernetes.io/managed-by=Helm';
const RELEASE = 'meta.helm.sh/release-name';
const RELEASE_NAMESPACE = 'meta.helm.sh/release-namespace';
/** Controllers write these; a change of them is no drift. */
const NOISE: ReadonlySet<string> = new Set(['deployment.kubernetes.io/revision']);
/** A kind that cannot be watched (RBAC) is waited for no longer, in milliseconds. */
const SYNC_WITHIN_MS = 5_000;

export interface LiveWatchesOptions {
  readonly cluster: Pick<Cluster, 'watch'>;
  /** Watch this namespace alone; empty: all. */
  readonly namespace: string;
  readonly signal: AbortSignal;
  /** An object of that release changed. */
  readonly onChange: (release: { readonly name: string; readonly namespace: string }) => void;
  readonly onTrouble: (error: unknown, kind: string) => void;
}

export class LiveWatches {
  readonly #options: LiveWatchesOptions;
  readonly #caches = new Map<string, WatchCache>();
  readonly #running: Promise<void>[] = [];

  constructor(options: LiveWatchesOptions) {
    this.#options = options;
  }

  /** Begins the watches that are missing for these objects, and waits until they show what is there. */
  async watch(objects: readonly ObjectRef[]): Promise<void> {
    const { signal } = this.#options;
    const caches = objects.map((ref) => this.#cacheOf(ref)).filter(({ isSynced }) => !isSynced);
    const limit = AbortSignal.any([signal, AbortSignal.timeout(SYNC_WITHIN_MS)]);
    await Promise.allSettled([...new Set(caches)].map((cache) => cache.whenSynced(limit)));
  }

  /** Changes when one of the objects does; `undefined` while that cannot be seen. */
  versionOf(objects: readonly ObjectRef[]): string | undefined {
    const parts: string[] = [];
    for (const ref of objects) {
      const cache = this.#caches.get(kindOf(ref));
      if (cache?.isSynced !== true) return undefined;
      const object = cache.get(ref.name, ref.namespace);
      parts.push(object === undefined ? '-' : versionOf(object));
    }
    return parts.join(' ');
  }

  async ended(): Promise<void> {
    await Promise.all(this.#running);
  }

  #cacheOf(ref: ObjectRef): WatchCache {
    const key = kindOf(ref);
    const known = this.#caches.get(key);
    if (known !== undefined) return known;
    const { cluster, namespace, signal, onTrouble } = this.#options;
    const isScoped = namespace !== '' && ref.namespace !== undefined;
    const cache = new WatchCache({
      cluster,
      query: {
        apiVersion: ref.apiVersion,
        kind: ref.kind,
        labelSelector: MANAGED,
        ...(isScoped ? { namespace: ref.namespace } : {}),
      },
      isMetadataOnly: true,
      slim,
    });
    this.#caches.set(key, cache);
    cache.listen(({ object, before }) => {
      if (!cache.isSynced) return;
      if (before !== undefined && versionOf(before) === versionOf(object)) return;
      const annotations = annotationsOf(object);
      const name = textAt(annotations, RELEASE);
      if (name !== '') {
        this.#options.onChange({ name, namespace: textAt(annotations, RELEASE_NAMESPACE) });
      }
    });
    const run = cache.run(signal).catch((error: unknown) => {
      if (signal.aborted) return;
      this.#caches.delete(key);
      onTrouble(error, key);
    });
    this.#running.push(run);
    return cache;
  }
}

function kindOf({ apiVersion, kind, namespace }: ObjectRef): string {
  return `${apiVersion}/${kind}${namespace === undefined ? '' : ' in namespaces'}`;
}

function annotationsOf(object: JsonObject): JsonObject {
  return (metadataOf(object)['annotations'] ?? {}) as JsonObject;
}

/** Kinds with a spec count its changes; others have nothing but their version. */
function versionOf(object: JsonObject): string {
  const metadata = metadataOf(object);
  const { generation, resourceVersion, uid } = metadata;
  if (generation === undefined) return `${String(uid)}@${String(resourceVersion)}`;
  return `${String(uid)}#${String(generation)}${JSON.stringify([metadata['labels'], metadata['annotations']])}`;
}

function slim(object: JsonObject): JsonObject {
  const metadata = metadataOf(object);
  const annotations = Object.entries(annotationsOf(object)).filter(([name]) => !NOISE.has(name));
  const { name, namespace, uid, resourceVersion, generation, labels } = metadata;
  return {
    metadata: {
      ...{ name: name ?? '', uid: uid ?? '', resourceVersion: resourceVersion ?? '' },
      ...(namespace === undefined ? {} : { namespace }),
      ...(generation === undefined ? {} : { generation }),
      ...(labels === undefined ? {} : { labels }),
      annotations: Object.fromEntries(annotations),
    },
  };
}
