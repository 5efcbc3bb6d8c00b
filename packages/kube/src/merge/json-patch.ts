// SPDX-License-Identifier: Apache-2.0

/**
 * JSON patches (RFC 6902) put onto an object.
 *
 * Source: RFC 6902; texts as evanphx/json-patch v5
 */

import { deepEqual, type Value, type ValueMap } from '@helm-operator/gocompat';
import { MergeError } from './errors.ts';
import { isMap } from './lists.ts';

export interface JsonPatchOperation {
  readonly op: 'add' | 'remove' | 'replace' | 'move' | 'copy' | 'test';
  /** A JSON pointer: `/spec/replicas`. */
  readonly path: string;
  readonly from?: string | undefined;
  readonly value?: Value | undefined;
}

/**
 * @returns a new object; the argument stays as it is
 * @throws {MergeError} `kube/merge`: a path that is not there, a failed test
 */
export function applyJsonPatch(
  object: ValueMap,
  operations: readonly JsonPatchOperation[],
): ValueMap {
  let result: Value = object;
  for (const operation of operations) result = applyOne(result, operation);
  if (!isMap(result)) throw new MergeError('JSON patch does not leave an object');
  return result;
}

function applyOne(document: Value, operation: JsonPatchOperation): Value {
  const path = parsePointer(operation.path);
  switch (operation.op) {
    case 'add':
      return edit(document, path, { ...operation, value: operation.value ?? null }, 'add');
    case 'remove':
      return edit(document, path, operation, 'remove');
    case 'replace':
      find(document, path, operation);
      return edit(document, path, { ...operation, value: operation.value ?? null }, 'replace');
    case 'move': {
      const from = parsePointer(operation.from ?? '');
      const value = find(document, from, operation);
      return edit(edit(document, from, operation, 'remove'), path, { ...operation, value }, 'add');
    }
    case 'copy': {
      const value = find(document, parsePointer(operation.from ?? ''), operation);
      return edit(document, path, { ...operation, value }, 'add');
    }
    case 'test':
      if (!deepEqual(find(document, path, operation), operation.value ?? null)) {
        throw new MergeError(`testing value ${operation.path} failed: test failed`);
      }
      return document;
    default:
      throw new MergeError(`Unexpected kind: ${String(operation.op)}`);
  }
}

function parsePointer(pointer: string): readonly string[] {
  if (pointer === '') return [];
  if (!pointer.startsWith('/')) throw new MergeError(`JSON pointer "${pointer}" must start with /`);
  return pointer
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function find(document: Value, path: readonly string[], operation: JsonPatchOperation): Value {
  let value: Value | undefined = document;
  for (const part of path) {
    value = childOf(value, part);
    if (value === undefined) throw missing(operation);
  }
  return value;
}

function childOf(value: Value, part: string): Value | undefined {
  if (isMap(value)) return value.get(part);
  return Array.isArray(value) && /^\d+$/.test(part) ? value[Number(part)] : undefined;
}

function missing(operation: JsonPatchOperation): MergeError {
  return new MergeError(
    `${operation.op} operation does not apply: doc is missing path: "${operation.path}": missing value`,
  );
}

/** A copy of `document` with one place changed; the untouched parts are shared. */
function edit(
  document: Value,
  path: readonly string[],
  operation: JsonPatchOperation,
  how: 'add' | 'remove' | 'replace',
): Value {
  const [part, ...rest] = path;
  if (part === undefined) return operation.value ?? null;
  if (rest.length > 0) {
    const child = childOf(document, part);
    if (child === undefined) throw missing(operation);
    return put(document, part, edit(child, rest, operation, how), 'replace');
  }
  if (how === 'add') return put(document, part, operation.value ?? null, 'add');
  if (childOf(document, part) === undefined) throw missing(operation);
  return how === 'remove'
    ? without(document, part)
    : put(document, part, operation.value ?? null, how);
}

function put(document: Value, part: string, value: Value, how: 'add' | 'replace'): Value {
  if (isMap(document)) return new Map(document).set(part, value);
  if (!Array.isArray(document))
    throw new MergeError(`cannot set "${part}" in a value that is no object`);
  const index = part === '-' ? document.length : Number(part);
  if (!Number.isInteger(index) || index < 0 || index > document.length) {
    throw new MergeError(`Unable to access invalid index: ${part}: invalid index referenced`);
  }
  return document.toSpliced(index, how === 'add' ? 0 : 1, value);
}

function without(document: Value, part: string): Value {
  if (Array.isArray(document)) return document.toSpliced(Number(part), 1);
  const result: ValueMap = new Map(isMap(document) ? document : []);
  result.delete(part);
  return result;
}
