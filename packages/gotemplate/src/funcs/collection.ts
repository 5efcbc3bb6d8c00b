// SPDX-License-Identifier: Apache-2.0

import {
  byteLength,
  byteSlice,
  encodeUtf8,
  type GoType,
  Int,
  intOf,
  Typed,
  typeOf,
  types,
  type Value,
} from '@helm-operator/gocompat';

import {
  basicOf,
  canBeNil,
  elementsOf,
  indirect,
  isNilPointer,
  kindOf,
  mapOf,
  type Result,
  typeName,
  zeroOf,
} from '../exec/reflect.ts';

/**
 * `index`, `slice` and `len`.
 *
 * Source: Go 1.26 text/template/funcs.go. Differs: a slice has no room beyond its length, so `slice` cannot grow one.
 */

/** `index x 1 2`: x[1][2]. @throws {Error} with Go's text */
export function indexInto(args: readonly Result[]): Result {
  let item: Result = args[0] ?? undefined;
  if (item === undefined) throw new Error('index of untyped nil');
  for (const index of args.slice(1)) {
    const target = indirect(item);
    if (isNilPointer(target)) throw new Error('index of nil pointer');
    item = indexOnce(target, index ?? undefined);
  }
  return item;
}

function indexOnce(target: Result, index: Result): Result {
  const map = mapOf(target);
  if (map !== undefined) return mapElement(target, map, index);
  const elements = elementsOf(target);
  if (elements !== undefined) {
    const at = indexArgument(index, elements.length);
    if (at === elements.length) throw new Error(`reflect: ${kindOf(target)} index out of range`);
    const element = elements[at];
    return typeof element === 'number' && elements instanceof Uint8Array
      ? intOf('uint8', element)
      : (element as Value);
  }
  const text = basicOf(target);
  if (typeof text !== 'string') {
    throw new Error(`can't index item of type ${target === undefined ? 'nil' : typeName(target)}`);
  }
  const bytes = encodeUtf8(text);
  const byte = bytes[indexArgument(index, bytes.length)];
  if (byte === undefined) throw new Error('reflect: string index out of range');
  return intOf('uint8', byte);
}

function mapElement(target: Result, map: ReadonlyMap<string, Value>, index: Result): Result {
  const type = target instanceof Typed ? target.type : types.map;
  const key = mapKey(index, type.key ?? types.string);
  const elem = type.elem ?? types.any;
  const value = map.get(key);
  return value === undefined || (value === null && elem.kind !== 'interface')
    ? zeroOf(elem)
    : value;
}

function mapKey(index: Result, keyType: GoType): string {
  if (index === undefined) {
    if (canBeNil(keyType)) return '';
    throw new Error(`value is nil; should be of type ${keyType.name}`);
  }
  if (keyType.kind === 'interface' || typeName(index) === keyType.name) {
    const key = basicOf(index);
    if (typeof key === 'string') return key;
  }
  throw new Error(`value has type ${typeName(index)}; should be ${keyType.name}`);
}

function indexArgument(index: Result, limit: number): number {
  if (index === undefined || index === null) throw new Error('cannot index slice/array with nil');
  const integer = basicOf(index);
  if (!(integer instanceof Int)) {
    throw new Error(`cannot index slice/array with type ${typeName(index)}`);
  }
  const at = BigInt.asIntN(64, integer.value);
  if (at < 0n || at > BigInt(limit)) throw new Error(`index out of range: ${at}`);
  return Number(at);
}

/** `slice x 1 2`: x[1:2]. @throws {Error} with Go's text */
export function sliceOf(args: readonly Result[]): Result {
  const [item, ...indexes] = args;
  if (item === undefined || item === null) throw new Error('slice of untyped nil');
  const target = indirect(item);
  if (target === undefined || isNilPointer(target)) throw new Error('slice of nil pointer');
  if (indexes.length > 3) throw new Error(`too many slice indexes: ${indexes.length}`);
  const text = basicOf(target);
  if (typeof text === 'string') {
    if (indexes.length === 3) throw new Error('cannot 3-index slice a string');
    const [from, to] = bounds(indexes, byteLength(text));
    const part = byteSlice(text, from, to);
    return target instanceof Typed ? new Typed(target.type, part) : part;
  }
  const elements = elementsOf(target);
  if (elements === undefined) throw new Error(`can't slice item of type ${typeName(target)}`);
  const [from, to] = bounds(indexes, elements.length);
  const part = elements.slice(from, to);
  return target instanceof Typed ? new Typed(target.type, part) : (part as Value[]);
}

function bounds(indexes: readonly Result[], length: number): readonly [number, number] {
  const at = [0, length, length];
  indexes.forEach((index, i) => {
    at[i] = indexArgument(index, length);
  });
  const [from = 0, to = 0, end = 0] = at;
  if (from > to) throw new Error(`invalid slice index: ${from} > ${to}`);
  if (indexes.length === 3 && to > end) throw new Error(`invalid slice index: ${to} > ${end}`);
  return [from, to];
}

/** Bytes of a string, elements of a slice or map. @throws {Error} with Go's text */
export function lengthOf(item: Result): number {
  const target = indirect(item);
  if (target === undefined) {
    throw new Error('reflect: call of reflect.Value.Type on zero Value');
  }
  if (isNilPointer(target)) throw new Error('len of nil pointer');
  const text = basicOf(target);
  if (typeof text === 'string') return byteLength(text);
  const length = elementsOf(target)?.length ?? mapOf(target)?.size;
  if (length === undefined) throw new Error(`len of type ${typeOf(target)?.name ?? 'nil'}`);
  return length;
}
