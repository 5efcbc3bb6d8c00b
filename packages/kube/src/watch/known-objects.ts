// SPDX-License-Identifier: Apache-2.0

import type { Json, JsonObject, WatchEvent } from '../cluster.ts';

interface Known {
  readonly uid: string;
  readonly resourceVersion: string;
  /** The object without its content: what is told when it turns out to be gone. */
  readonly stub: JsonObject;
}

/** What a watch has announced so far; turns lists and events into the differences. */
export class KnownObjects {
  readonly #emit: (event: WatchEvent) => void;
  readonly #known = new Map<string, Known>();

  constructor(emit: (event: WatchEvent) => void) {
    this.#emit = emit;
  }

  get size(): number {
    return this.#known.size;
  }

  /** The object exists in this form. @returns its key */
  put(object: JsonObject): string {
    const metadata = metadataOf(object);
    const key = keyOf(metadata);
    const [uid, resourceVersion] = [text(metadata['uid']), text(metadata['resourceVersion'])];
    const before = this.#known.get(key);
    if (before?.uid === uid && before.resourceVersion === resourceVersion) return key;
    this.#known.set(key, { uid, resourceVersion, stub: stubOf(object, metadata) });
    if (before !== undefined && before.uid !== uid) {
      this.#emit({ type: 'deleted', object: before.stub });
    }
    const isSame = before?.uid === uid;
    this.#emit({ type: isSame ? 'modified' : 'added', object });
    return key;
  }

  /** The object was deleted; `object` is its last form. */
  remove(object: JsonObject): void {
    if (this.#known.delete(keyOf(metadataOf(object)))) this.#emit({ type: 'deleted', object });
  }

  /** A list is complete: what it did not name is gone. */
  keepOnly(keys: ReadonlySet<string>): void {
    for (const [key, { stub }] of this.#known) {
      if (keys.has(key)) continue;
      this.#known.delete(key);
      this.#emit({ type: 'deleted', object: stub });
    }
  }
}

function stubOf(object: JsonObject, metadata: JsonObject): JsonObject {
  return { apiVersion: object['apiVersion'] ?? '', kind: object['kind'] ?? '', metadata };
}

function keyOf(metadata: JsonObject): string {
  return `${text(metadata['namespace'])}/${text(metadata['name'])}`;
}

export function metadataOf(object: JsonObject): JsonObject {
  const metadata = object['metadata'];
  return typeof metadata === 'object' && metadata !== null && !Array.isArray(metadata)
    ? metadata
    : {};
}

export function text(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}
