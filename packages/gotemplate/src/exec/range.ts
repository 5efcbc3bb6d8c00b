// SPDX-License-Identifier: Apache-2.0

import { Int, int, intOf, sortedKeys, Typed, type Value } from '@helm-operator/gocompat';
import type { Machine } from './machine.ts';
import { elementsOf, indirect, mapOf, named, type Result } from './reflect.ts';

/**
 * What `range` walks over: slices, maps in key order, integers. Strings and floats cannot be walked.
 *
 * Source: Go 1.26 text/template/exec.go walkRange
 */
export interface Cursor {
  readonly length: number;
  /** Are elements inside interfaces, as those of `[]interface{}` are? */
  readonly isBoxed: boolean;
  readonly key: (index: number) => Result;
  readonly value: (index: number) => Result;
  /** The next index. */
  at: number;
}

const NOTHING: Cursor = {
  length: 0,
  isBoxed: false,
  key: () => undefined,
  value: () => undefined,
  at: 0,
};

/** @throws {TemplateExecError} `gotemplate/exec`: the value cannot be walked */
export function cursorOf(m: Machine, value: Result, variables: number): Cursor {
  const target = indirect(value);
  if (target === undefined) return NOTHING;
  if (Array.isArray(target)) return listCursor(target, true);
  const map = mapOf(target);
  if (map !== undefined) return mapCursor(map, target);
  const elements = elementsOf(target);
  if (elements !== undefined) return typedListCursor(elements, target);
  const integer = target instanceof Typed ? target.data : target;
  if (integer instanceof Int) return intCursor(m, { integer, target, variables });
  return m.fail("range can't iterate over %v", target);
}

function listCursor(list: readonly Value[], isBoxed: boolean): Cursor {
  return { length: list.length, isBoxed, key: (i) => int(i), value: (i) => list[i], at: 0 };
}

function typedListCursor(elements: readonly Value[] | Uint8Array, list: Result): Cursor {
  if (elements instanceof Uint8Array) {
    const byte = (i: number): Value => intOf('uint8', elements[i] ?? 0);
    return { length: elements.length, isBoxed: false, key: (i) => int(i), value: byte, at: 0 };
  }
  return listCursor(elements, list instanceof Typed && list.type.elem?.kind === 'interface');
}

function mapCursor(map: ReadonlyMap<string, Value>, target: Result): Cursor {
  const keys = sortedKeys(map);
  // As in Go the elements are those at the start, whatever the body writes into the map.
  const values = keys.map((key) => map.get(key));
  const type = target instanceof Typed ? target.type : undefined;
  const keyType = type?.key;
  return {
    length: keys.length,
    isBoxed: type === undefined || type.elem?.kind === 'interface',
    key: (i) => (keyType?.kind === 'string' ? named(keyType, keys[i] ?? '') : keys[i]),
    value: (i) => values[i],
    at: 0,
  };
}

interface IntRange {
  readonly integer: Int;
  readonly target: Result;
  readonly variables: number;
}

function intCursor(m: Machine, { integer, target, variables }: IntRange): Cursor {
  if (variables > 1) {
    return m.fail("can't use %v to iterate over more than one variable", target ?? null);
  }
  const { kind, value } = integer;
  const element = (i: number): Value => {
    const index = intOf(kind, i);
    return target instanceof Typed ? new Typed(target.type, index) : index;
  };
  return {
    length: value > 0n ? Number(value) : 0,
    isBoxed: false,
    key: () => undefined,
    value: element,
    at: 0,
  };
}
