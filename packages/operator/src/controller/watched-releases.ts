// SPDX-License-Identifier: Apache-2.0

/** Copies of the HelmReleases of every kind that the cluster serves; metadata only. */

import type { IntentSource } from '@helm-operator/api';
import {
  type CacheChange,
  type Cluster,
  isKubeError,
  type JsonObject,
  WatchCache,
  type WatchCacheOptions,
} from '@helm-operator/kube';

const KIND = 'HelmRelease';

export interface WatchedReleasesOptions {
  readonly cluster: Pick<Cluster, 'watch'>;
  /** Watch this namespace alone; empty: all. */
  readonly namespace: string;
  readonly slim: WatchCacheOptions['slim'];
  readonly onTrouble: (error: unknown) => void;
  /** A kind may not be read: nothing waits for it, and it is watched as soon as it may be. Told once. */
  readonly onRefused: (apiVersion: string, error: Error) => void;
}

/** One HelmRelease as its watch shows it. */
export interface WatchedRelease {
  readonly apiVersion: string;
  readonly object: JsonObject;
}

type Listener = (change: CacheChange, apiVersion: string) => void;

export class WatchedReleases {
  readonly #options: WatchedReleasesOptions;
  readonly #caches = new Map<string, WatchCache>();
  readonly #running: Promise<void>[] = [];
  readonly #refused = new Set<string>();
  #onRefusal: () => void = () => undefined;
  #listener: Listener | undefined;

  constructor(options: WatchedReleasesOptions) {
    this.#options = options;
  }

  /** Watches one more kind until the signal is aborted; a kind that is watched already goes on. */
  watch(apiVersion: string, signal: AbortSignal): void {
    if (this.#caches.has(apiVersion)) return;
    const { cluster, namespace, slim, onTrouble, onRefused } = this.#options;
    const scope = namespace === '' ? {} : { namespace };
    const cache = new WatchCache({
      cluster,
      query: { apiVersion, kind: KIND, ...scope },
      isMetadataOnly: true,
      slim,
      onTrouble: (error) => {
        if (!isKubeError(error, 'kube/forbidden') || this.#refused.has(apiVersion)) return;
        this.#refused.add(apiVersion);
        onRefused(apiVersion, error);
        this.#onRefusal();
      },
    });
    this.#caches.set(apiVersion, cache);
    this.#tell(apiVersion, cache);
    this.#running.push(
      cache.run(signal).catch((error: unknown) => {
        if (!signal.aborted) onTrouble(error);
      }),
    );
  }

  /** Tells of everything that is here, as added, and of every change from now on, in kinds to come, too. */
  listen(listener: Listener): void {
    this.#listener = listener;
    for (const [apiVersion, cache] of this.#caches) this.#tell(apiVersion, cache);
  }

  get isSynced(): boolean {
    const caches = [...this.#caches];
    return (
      caches.every(([kind, { isSynced }]) => isSynced || this.#refused.has(kind)) &&
      (caches.length === 0 || caches.some(([, { isSynced }]) => isSynced))
    );
  }

  get size(): number {
    return [...this.#caches.values()].reduce((sum, cache) => sum + cache.size, 0);
  }

  /** @throws the signal's reason */
  async whenSynced(signal: AbortSignal): Promise<void> {
    // Where none may be read, there is nothing to work on until one may.
    while (!this.isSynced) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#onRefusal = resolve;
      const caches = [...this.#caches.values()].filter(({ isSynced }) => !isSynced);
      await Promise.race([promise, ...caches.map((cache) => cache.whenSynced(signal))]);
    }
  }

  get(source: Pick<IntentSource, 'apiVersion' | 'namespace' | 'name'>): JsonObject | undefined {
    return this.#caches.get(source.apiVersion)?.get(source.name, source.namespace);
  }

  list(): readonly WatchedRelease[] {
    return [...this.#caches].flatMap(([apiVersion, cache]) =>
      cache.list().map((object) => ({ apiVersion, object })),
    );
  }

  async ended(): Promise<void> {
    await Promise.all(this.#running);
  }

  #tell(apiVersion: string, cache: WatchCache): void {
    const listener = this.#listener;
    if (listener !== undefined) cache.listen((change) => listener(change, apiVersion));
  }
}
