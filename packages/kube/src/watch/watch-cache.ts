// SPDX-License-Identifier: Apache-2.0

import type { Cluster, JsonObject, ListQuery, WatchEvent } from '../cluster.ts';
import { metadataOf, text } from './known-objects.ts';

/** The keys under which an index finds an object. */
export type IndexKeys = (object: JsonObject) => readonly string[];

export interface WatchCacheOptions {
  readonly cluster: Pick<Cluster, 'watch'>;
  readonly query: ListQuery;
  /** Keep metadata only; asks the server for no more. */
  readonly isMetadataOnly?: boolean | undefined;
  readonly indexes?: ReadonlyMap<string, IndexKeys> | undefined;
  /** Cuts an object to what is kept. `metadata.name`, `.namespace`, `.uid` and `.resourceVersion` must stay. */
  readonly slim?: ((object: JsonObject) => JsonObject) | undefined;
  /** Told of each failure of the watch that is tried again; without it the cluster's own listener is. */
  readonly onTrouble?: ((error: Error) => void) | undefined;
}

/** What a listener of a cache sees. `before` is the form the cache held until now. */
export interface CacheChange {
  readonly type: 'added' | 'modified' | 'deleted';
  readonly object: JsonObject;
  readonly before: JsonObject | undefined;
}

export type CacheListener = (change: CacheChange) => void;

/**
 * A copy of what one watch sees, with indexes and listeners: many readers, one watch.
 *
 * Objects are shared: readers must not change them.
 */
export class WatchCache {
  readonly #options: WatchCacheOptions;
  readonly #objects = new Map<string, JsonObject>();
  readonly #indexes: ReadonlyMap<string, Index>;
  readonly #listeners = new Set<CacheListener>();
  readonly #synced = Promise.withResolvers<void>();
  #isSynced = false;
  #version = 0n;

  constructor(options: WatchCacheOptions) {
    this.#options = options;
    this.#indexes = new Map(
      [...(options.indexes ?? [])].map(([name, keys]) => [name, new Index(keys)]),
    );
  }

  /** Watches until the signal is aborted. @throws what a listener throws */
  async run(signal: AbortSignal): Promise<void> {
    const { cluster, query, isMetadataOnly = false, onTrouble } = this.#options;
    const listener = (event: WatchEvent) => this.#apply(event);
    await cluster.watch({ ...query, isMetadataOnly }, listener, signal, onTrouble);
  }

  /** Everything that existed at the start has been seen. */
  get isSynced(): boolean {
    return this.#isSynced;
  }

  get size(): number {
    return this.#objects.size;
  }

  /** The newest resource version it has heard of; 0 before the first. */
  get version(): bigint {
    return this.#version;
  }

  /** Waits for the first complete list. @throws the signal's reason */
  async whenSynced(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { promise, reject } = Promise.withResolvers<never>();
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    try {
      await Promise.race([this.#synced.promise, promise]);
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  /** @param namespace absent for cluster-scoped kinds */
  get(name: string, namespace?: string): JsonObject | undefined {
    return this.#objects.get(keyOf(namespace ?? '', name));
  }

  list(): readonly JsonObject[] {
    return [...this.#objects.values()];
  }

  /** Objects under `key` of an index. @throws {RangeError} there is no such index */
  find(index: string, key: string): readonly JsonObject[] {
    const found = this.#indexes.get(index);
    if (found === undefined) throw new RangeError(`the cache has no index "${index}"`);
    return [...found.find(key)]
      .map((objectKey) => this.#objects.get(objectKey))
      .filter((object) => object !== undefined);
  }

  /**
   * Tells `listener` of everything that is here, as added, and of every change from now on.
   *
   * @returns a function that ends it
   */
  listen(listener: CacheListener): () => void {
    for (const object of this.#objects.values()) {
      listener({ type: 'added', object, before: undefined });
    }
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #apply(event: WatchEvent): void {
    if (event.type === 'synced') {
      this.#hear(event.resourceVersion);
      this.#isSynced = true;
      this.#synced.resolve();
      return;
    }
    const metadata = metadataOf(event.object);
    this.#hear(text(metadata['resourceVersion']));
    const key = keyOf(text(metadata['namespace']), text(metadata['name']));
    const before = this.#objects.get(key);
    const isGone = event.type === 'deleted';
    const slim = this.#options.slim;
    const object = slim === undefined ? event.object : slim(event.object);
    if (isGone) this.#objects.delete(key);
    else this.#objects.set(key, object);
    for (const index of this.#indexes.values()) {
      if (before !== undefined) index.remove(key, before);
      if (!isGone) index.add(key, object);
    }
    for (const listener of [...this.#listeners]) listener({ type: event.type, object, before });
  }

  /** Versions of one cluster grow. Source: KEP-5504 */
  #hear(resourceVersion: string): void {
    if (!/^[0-9]{1,20}$/.test(resourceVersion)) return;
    const version = BigInt(resourceVersion);
    if (version > this.#version) this.#version = version;
  }
}

class Index {
  readonly #keysOf: IndexKeys;
  readonly #entries = new Map<string, Set<string>>();

  constructor(keysOf: IndexKeys) {
    this.#keysOf = keysOf;
  }

  find(key: string): ReadonlySet<string> {
    return this.#entries.get(key) ?? new Set();
  }

  add(objectKey: string, object: JsonObject): void {
    for (const key of this.#keysOf(object)) {
      const entry = this.#entries.get(key);
      if (entry === undefined) this.#entries.set(key, new Set([objectKey]));
      else entry.add(objectKey);
    }
  }

  remove(objectKey: string, object: JsonObject): void {
    for (const key of this.#keysOf(object)) {
      const entry = this.#entries.get(key);
      entry?.delete(objectKey);
      if (entry?.size === 0) this.#entries.delete(key);
    }
  }
}

function keyOf(namespace: string, name: string): string {
  return `${namespace}/${name}`;
}
