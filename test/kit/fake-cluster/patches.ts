// SPDX-License-Identifier: Apache-2.0

/**
 * Patches of the fake cluster, written apart from the product's own so that the two can disagree.
 *
 * Strategic merge knows the lists of `LIST_KEYS`, `$patch: delete | replace` and `$retainKeys`; `$setElementOrder` is read past, and
 * `$deleteFromPrimitiveList` is refused.
 */

import type { Json, JsonObject } from '@helm-operator/kube';
import { copyJson, equalJson } from './json.ts';
import { isRecord } from './selectors.ts';

/** Names of lists whose elements have an identity, and the fields that make it. */
const LIST_KEYS: ReadonlyMap<string, readonly string[]> = new Map([
  ['containers', ['name']],
  ['initContainers', ['name']],
  ['ephemeralContainers', ['name']],
  ['volumes', ['name']],
  ['env', ['name']],
  ['imagePullSecrets', ['name']],
  ['secrets', ['name']],
  ['volumeMounts', ['mountPath']],
  ['volumeDevices', ['devicePath']],
  ['hostAliases', ['ip']],
  ['ownerReferences', ['uid']],
  ['conditions', ['type']],
  ['webhooks', ['name']],
  ['topologySpreadConstraints', ['topologyKey', 'whenUnsatisfiable']],
]);

/** The fields that identify the elements of a list; `undefined` for a list that is one value. */
export function listKeys(name: string, items: readonly Json[]): readonly string[] | undefined {
  if (!items.every(isRecord) || items.length === 0) return undefined;
  if (name !== 'ports') return LIST_KEYS.get(name);
  return items.every((item) => 'containerPort' in item)
    ? ['containerPort', 'protocol']
    : ['port', 'protocol'];
}

/** The identity of a list's element. A protocol that is not given is TCP. */
export function elementKey(item: Json, keys: readonly string[]): string {
  const record = isRecord(item) ? item : {};
  return JSON.stringify(keys.map((key) => record[key] ?? (key === 'protocol' ? 'TCP' : null)));
}

export class PatchError extends Error {
  override readonly name: string = 'PatchError';
  readonly status: 400 | 422;
  constructor(status: 400 | 422, message: string) {
    super(message);
    this.status = status;
  }
}

/** RFC 7386. */
export function mergePatch(target: Json, patch: Json): Json {
  if (!isRecord(patch)) return patch;
  const result: JsonObject = isRecord(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete result[name];
    else result[name] = mergePatch(result[name] ?? null, value);
  }
  return result;
}

/** RFC 6902. @throws {PatchError} */
export function jsonPatch(target: JsonObject, operations: Json): Json {
  if (!Array.isArray(operations)) throw new PatchError(400, 'a JSON patch is a list');
  return operations.reduce<Json>((document, operation) => {
    if (!isRecord(operation)) throw new PatchError(400, 'an operation is an object');
    return patchOnce(document, operation);
  }, copyJson(target));
}

function patchOnce(document: Json, operation: JsonObject): Json {
  const path = pointer(operation['path']);
  const value = copyJson(operation['value'] ?? null);
  switch (operation['op']) {
    case 'add':
      return write(document, path, value, 'add');
    case 'replace':
      read(document, path);
      return write(document, path, value, 'replace');
    case 'remove':
      return remove(document, path);
    case 'copy':
      return write(document, path, copyJson(read(document, pointer(operation['from']))), 'add');
    case 'move': {
      const from = pointer(operation['from']);
      const moved = read(document, from);
      return write(remove(document, from), path, moved, 'add');
    }
    case 'test':
      if (!equalJson(read(document, path), value)) {
        throw new PatchError(422, `testing path ${String(operation['path'])} failed`);
      }
      return document;
    default:
      throw new PatchError(400, `unknown operation ${String(operation['op'])}`);
  }
}

function pointer(path: Json | undefined): string[] {
  if (typeof path !== 'string') throw new PatchError(400, 'an operation needs a path');
  const parts = path.split('/').slice(1);
  return parts.map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function read(document: Json, path: readonly string[]): Json {
  return path.reduce<Json>((value, part) => {
    const next = Array.isArray(value)
      ? value[Number(part)]
      : isRecord(value) && Object.hasOwn(value, part)
        ? value[part]
        : undefined;
    if (next === undefined) throw new PatchError(422, `nothing at /${path.join('/')}`);
    return next;
  }, document);
}

function write(document: Json, path: readonly string[], value: Json, how: 'add' | 'replace'): Json {
  const last = path.at(-1);
  if (last === undefined) return value;
  const parent = read(document, path.slice(0, -1));
  if (isRecord(parent)) {
    parent[last] = value;
    return document;
  }
  if (!Array.isArray(parent)) throw new PatchError(422, `nothing at /${path.join('/')}`);
  const index = last === '-' ? parent.length : Number(last);
  if (!(index >= 0 && index <= parent.length)) throw new PatchError(422, `no index ${last}`);
  parent.splice(index, how === 'replace' ? 1 : 0, value);
  return document;
}

function remove(document: Json, path: readonly string[]): Json {
  read(document, path);
  const last = path.at(-1) ?? '';
  const parent = read(document, path.slice(0, -1));
  if (Array.isArray(parent)) parent.splice(Number(last), 1);
  else if (isRecord(parent)) delete parent[last];
  return document;
}

/** @throws {PatchError} */
export function strategicPatch(target: Json, patch: Json, name = ''): Json {
  if (Array.isArray(patch)) return strategicList(target, patch, name);
  if (!isRecord(patch)) return patch;
  if (patch['$patch'] === 'delete') return {};
  const before = isRecord(target) ? target : {};
  if (patch['$patch'] === 'replace') return withoutDirectives(patch);
  const retained = patch['$retainKeys'];
  const result: JsonObject = Object.fromEntries(
    Object.entries(before).filter(([key]) => !Array.isArray(retained) || retained.includes(key)),
  );
  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith('$deleteFromPrimitiveList')) {
      throw new PatchError(400, `the fake cluster does not know ${key}`);
    }
    if (key.startsWith('$')) continue;
    if (value === null) delete result[key];
    else result[key] = strategicPatch(result[key] ?? null, value, key);
  }
  return result;
}

function strategicList(target: Json, patch: readonly Json[], name: string): Json {
  const before = Array.isArray(target) ? target : [];
  const isReplace = patch.some(
    (item) => isRecord(item) && item['$patch'] === 'replace' && Object.keys(item).length === 1,
  );
  const items = patch.map((item) => (isRecord(item) ? withoutDirectives(item) : item));
  const keys = isReplace
    ? undefined
    : (listKeys(name, items) ?? (items.length === 0 ? [] : undefined));
  if (keys === undefined) {
    return items.filter((_, index) => !(isReplace && isDirective(patch[index])));
  }
  const result = new Map(before.map((item) => [elementKey(item, keys), item]));
  for (const item of patch) {
    const key = elementKey(item, keys);
    if (isRecord(item) && item['$patch'] === 'delete') result.delete(key);
    else result.set(key, strategicPatch(result.get(key) ?? null, item));
  }
  return [...result.values()];
}

function isDirective(item: Json | undefined): boolean {
  return isRecord(item) && Object.keys(item).every((key) => key.startsWith('$'));
}

function withoutDirectives(record: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(record).filter(([key]) => !key.startsWith('$')));
}
