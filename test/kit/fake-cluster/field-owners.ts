// SPDX-License-Identifier: Apache-2.0

/**
 * Server-side apply, simplified: who owns which leaf.
 *
 * Lists with an identity (patches.ts) are walked by it, all others are one value. Custom kinds have no such lists here.
 */

import type { Json, JsonObject } from '@helm-operator/kube';
import { equalJson } from './json.ts';
import { elementKey, listKeys } from './patches.ts';
import { isRecord } from './selectors.ts';

type Leaves = ReadonlyMap<string, Json>;

interface Change {
  readonly before: JsonObject;
  readonly after: JsonObject;
  readonly manager: string;
}

/** Managers of one object: what each applied, or wrote otherwise. */
export class FieldOwners {
  readonly #applied = new Map<string, ReadonlySet<string>>();
  readonly #updated = new Map<string, Set<string>>();
  /** Changes nobody has asked about yet: most objects are never applied to. */
  readonly #pending: Change[] = [];

  /**
   * @returns the object after `config` was applied, or the managers and fields it is in conflict with
   */
  apply(
    before: JsonObject,
    config: JsonObject,
    manager: string,
    isForced: boolean,
  ): { readonly object: JsonObject } | { readonly conflicts: readonly string[] } {
    this.#catchUp();
    const wanted = leavesOf(owned(config));
    const live = leavesOf(before);
    const conflicts: string[] = [];
    for (const [path, value] of wanted) {
      if (equalJson(live.get(path), value)) continue;
      for (const other of this.#others(path, manager))
        conflicts.push(`conflict with "${other}": ${path}`);
    }
    if (conflicts.length > 0 && !isForced) return { conflicts };
    const gone = [...(this.#applied.get(manager) ?? [])].filter(
      (path) => !wanted.has(path) && this.#others(path, manager).length === 0,
    );
    if (isForced) this.#takeOver(wanted, live, manager);
    this.#applied.set(manager, new Set(wanted.keys()));
    return { object: mergeConfig(withoutLeaves(before, new Set(gone)), config) };
  }

  /** `manager` changed the object by other means than apply. */
  update(before: JsonObject, after: JsonObject, manager: string): void {
    this.#pending.push({ before, after, manager });
  }

  #catchUp(): void {
    for (const change of this.#pending.splice(0)) this.#note(change);
  }

  #note({ before, after, manager }: Change): void {
    const live = leavesOf(before);
    const changed = [...leavesOf(owned(after))].filter(
      ([path, value]) => !equalJson(live.get(path), value),
    );
    const mine = this.#updated.get(manager) ?? new Set();
    for (const [path] of changed) {
      for (const paths of this.#updated.values()) paths.delete(path);
      mine.add(path);
    }
    this.#updated.set(manager, mine);
  }

  /** For trial runs, which must not change who owns what. */
  copy(): FieldOwners {
    this.#catchUp();
    const copy = new FieldOwners();
    for (const [manager, paths] of this.#applied) copy.#applied.set(manager, new Set(paths));
    for (const [manager, paths] of this.#updated) copy.#updated.set(manager, new Set(paths));
    return copy;
  }

  #others(path: string, manager: string): string[] {
    const appliers = [...this.#applied].filter(
      ([name, paths]) => name !== manager && paths.has(path),
    );
    const updaters = [...this.#updated].filter(([, paths]) => paths.has(path));
    return [...appliers, ...updaters].map(([name]) => name);
  }

  #takeOver(wanted: Leaves, live: Leaves, manager: string): void {
    for (const [path, value] of wanted) {
      if (equalJson(live.get(path), value)) continue;
      for (const paths of this.#updated.values()) paths.delete(path);
      for (const [name, paths] of this.#applied) {
        if (name === manager) continue;
        this.#applied.set(name, new Set([...paths].filter((other) => other !== path)));
      }
    }
  }
}

/** What names an object is nobody's field. */
function owned(object: JsonObject): JsonObject {
  const { apiVersion: _apiVersion, kind: _kind, ...rest } = object;
  const metadata = isRecord(rest['metadata']) ? rest['metadata'] : {};
  const { labels, annotations, ownerReferences, finalizers } = metadata;
  const kept = Object.entries({ labels, annotations, ownerReferences, finalizers }).filter(
    (entry): entry is [string, Json] => entry[1] !== undefined,
  );
  const { metadata: _metadata, ...content } = rest;
  return kept.length === 0 ? content : { ...content, metadata: Object.fromEntries(kept) };
}

function leavesOf(object: JsonObject): Leaves {
  const leaves = new Map<string, Json>();
  const walk = (value: Json, path: string, name: string): void => {
    if (isRecord(value) && Object.keys(value).length > 0) {
      for (const [key, child] of Object.entries(value)) walk(child, `${path}.${key}`, key);
      return;
    }
    const keys = Array.isArray(value) ? listKeys(name, value) : undefined;
    if (!Array.isArray(value) || keys === undefined) {
      leaves.set(path, value);
      return;
    }
    for (const item of value) walk(item, `${path}[${elementKey(item, keys)}]`, '');
  };
  walk(object, '', '');
  return leaves;
}

function withoutLeaves(object: JsonObject, gone: ReadonlySet<string>): JsonObject {
  const walk = (value: Json, path: string, name: string): Json | undefined => {
    if (gone.has(path)) return undefined;
    if (isRecord(value)) {
      const kept = Object.entries(value)
        .map(([key, child]): [string, Json | undefined] => [
          key,
          walk(child, `${path}.${key}`, key),
        ])
        .filter((entry): entry is [string, Json] => entry[1] !== undefined);
      const isEmptied = kept.length === 0 && Object.keys(value).length > 0 && path !== '';
      return isEmptied ? undefined : Object.fromEntries(kept);
    }
    const keys = Array.isArray(value) ? listKeys(name, value) : undefined;
    if (!Array.isArray(value) || keys === undefined) return value;
    const kept = value
      .map((item) => walk(item, `${path}[${elementKey(item, keys)}]`, ''))
      .filter((item) => item !== undefined);
    return kept.length === 0 ? undefined : kept;
  };
  const result = walk(object, '', '');
  return isRecord(result) ? result : {};
}

function mergeConfig(live: JsonObject, config: JsonObject): JsonObject {
  const merge = (before: Json | undefined, wanted: Json, name: string): Json => {
    if (isRecord(wanted) && isRecord(before)) {
      const result = { ...before };
      for (const [key, value] of Object.entries(wanted))
        result[key] = merge(before[key], value, key);
      return result;
    }
    const keys = Array.isArray(wanted) ? listKeys(name, wanted) : undefined;
    if (!Array.isArray(wanted) || !Array.isArray(before) || keys === undefined) return wanted;
    const items = new Map(before.map((item) => [elementKey(item, keys), item]));
    for (const item of wanted) {
      const key = elementKey(item, keys);
      items.set(key, merge(items.get(key), item, ''));
    }
    return [...items.values()];
  };
  const result = merge(live, config, '');
  return isRecord(result) ? result : {};
}
