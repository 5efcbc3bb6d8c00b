// SPDX-License-Identifier: Apache-2.0

/**
 * Watches on the kinds of objects that releases are made of, so that drift and health are noticed when they happen.
 *
 * Of kinds that can be unready a verdict is kept, of all others metadata alone.
 */

import {
  type Clock,
  type Cluster,
  type JsonObject,
  type ObjectRef,
  readinessOf,
  type Verdict,
  WatchCache,
} from '@helm-operator/kube';
import { metadataOf, textAt } from './fingerprint.ts';
import { canBeUnready } from './release-health.ts';

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
  /** Told when an object of that release is ready, or no longer is. */
  readonly onVerdict?:
    | ((release: { readonly name: string; readonly namespace: string }) => void)
    | undefined;
  readonly clock: Pick<Clock, 'nowMs'>;
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

  /** `undefined`: it cannot be seen. */
  verdictOf(ref: ObjectRef): Verdict | undefined {
    const cache = this.#caches.get(kindOf(ref));
    if (cache?.isSynced !== true) return undefined;
    const object = cache.get(ref.name, ref.namespace);
    if (object === undefined) return NOT_FOUND;
    return verdictIn(object);
  }

  async ended(): Promise<void> {
    await Promise.all(this.#running);
  }

  /** Items of lists do not say what they are. */
  #judged(object: JsonObject, { apiVersion, kind }: ObjectRef): JsonObject {
    const verdict = readinessOf({ ...object, apiVersion, kind }, this.#options.clock.nowMs());
    return { ...slim(object), verdict: JSON.stringify(verdict) };
  }

  #cacheOf(ref: ObjectRef): WatchCache {
    const key = kindOf(ref);
    const known = this.#caches.get(key);
    if (known !== undefined) return known;
    const { cluster, namespace, signal, onChange, onVerdict, onTrouble } = this.#options;
    const isScoped = namespace !== '' && ref.namespace !== undefined;
    const cache = new WatchCache({
      cluster,
      query: {
        apiVersion: ref.apiVersion,
        kind: ref.kind,
        labelSelector: MANAGED,
        ...(isScoped ? { namespace: ref.namespace } : {}),
      },
      isMetadataOnly: !canBeUnready(ref),
      slim: canBeUnready(ref) ? (object) => this.#judged(object, ref) : slim,
    });
    this.#caches.set(key, cache);
    cache.listen(({ type, object, before }) => {
      if (!cache.isSynced) return;
      const annotations = annotationsOf(object);
      const name = textAt(annotations, RELEASE);
      if (name === '') return;
      const release = { name, namespace: textAt(annotations, RELEASE_NAMESPACE) };
      const isGone = type === 'deleted';
      if (isGone || before === undefined || versionOf(before) !== versionOf(object))
        onChange(release);
      if (isGone || before?.['verdict'] !== object['verdict']) onVerdict?.(release);
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

/** An object as far as it is kept, and how it is. */
function verdictIn(object: JsonObject): Verdict | undefined {
  const text = object['verdict'];
  return typeof text === 'string' ? (JSON.parse(text) as Verdict) : undefined;
}

const NOT_FOUND: Verdict = { status: 'NotFound', message: 'it does not exist', reason: 'NotFound' };

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
