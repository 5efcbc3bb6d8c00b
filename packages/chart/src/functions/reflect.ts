// SPDX-License-Identifier: Apache-2.0

import {
  decodeUtf8,
  type GoType,
  Int,
  intOf,
  type Kind,
  sprintf,
  Typed,
  typeOf,
  types,
  type Value,
  type ValueMap,
} from '@helm-operator/gocompat';
import { FunctionError, nilDereference } from './errors.ts';

/** `[]int`, `[][]interface{}`: result types of sequence functions. */
export const intsType: GoType = { kind: 'slice', name: '[]int', elem: types.int };
export const listsType: GoType = {
  kind: 'slice',
  name: '[][]interface {}',
  elem: types.slice,
};

/** Go's nil `[]interface{}`: prints `[]`, but is `null` in JSON and YAML. */
export const nilList: Typed = new Typed(types.slice, null);
/** Go's nil `[]string`. */
export const nilStrings: Typed = new Typed(types.strings, null);
/** Go's nil `map[string]interface{}`. */
export const nilMap: Typed = new Typed(types.map, null);

/** A Go `[]string`. */
export function strings(items: string[]): Typed {
  return new Typed(types.strings, items);
}

/** `reflect.ValueOf(v).Kind()`. */
export function kindOf(value: Value): Kind {
  return typeOf(value)?.kind ?? 'invalid';
}

/** The kind of a value that Go asks by `reflect.TypeOf(v).Kind()`: nil panics. */
export function kindOfSome(value: Value): Kind {
  if (value === null) throw nilDereference();
  return kindOf(value);
}

/** Items of a slice or array; `undefined` for every other kind. */
export function itemsOf(value: Value): readonly Value[] | undefined {
  if (Array.isArray(value)) return value;
  if (!(value instanceof Typed)) return undefined;
  if (value.type.kind !== 'slice' && value.type.kind !== 'array') return undefined;
  if (value.data === null) return [];
  if (value.data instanceof Uint8Array) return Array.from(value.data, (b) => intOf('uint8', b));
  return value.data as Value[];
}

/** Items of a list argument, or Go's complaint with the kind at its end. */
export function mustItems(value: Value, complaint: string): readonly Value[] {
  const kind = kindOfSome(value);
  const items = itemsOf(value);
  if (items === undefined) throw new FunctionError(`${complaint} ${kind}`);
  return items;
}

/** The entries of a map of any Go map type; `undefined` for other kinds, `null` for a nil map. */
export function entriesOf(value: Value): ValueMap | null | undefined {
  if (value instanceof Map) return value;
  if (!(value instanceof Typed) || value.type.kind !== 'map') return undefined;
  return value.data as ValueMap | null;
}

/** Sprig's `strval`: the text of a value. Source: Masterminds/sprig v3.3.0 strings.go strval */
export function textOf(value: Value): string {
  if (typeof value === 'string') return value;
  if (value instanceof Typed && value.data instanceof Uint8Array) return decodeUtf8(value.data);
  return sprintf('%v', [value]);
}

/** Sprig's `empty`: the zero value of its type; structs never are. Source: sprig v3.3.0 defaults.go */
export function isEmpty(value: Value): boolean {
  if (value === null) return true;
  if (typeof value === 'string' || Array.isArray(value)) return value.length === 0;
  if (typeof value === 'boolean') return !value;
  if (typeof value === 'number') return value === 0;
  if (value instanceof Int) return value.value === 0n;
  if (value instanceof Map) return value.size === 0;
  return isEmptyTyped(value);
}

function isEmptyTyped({ type, data }: Typed): boolean {
  switch (type.kind) {
    case 'struct':
      return false;
    case 'slice':
    case 'array':
      return data === null || (data as { length: number }).length === 0;
    case 'map':
      return data === null || (data as ValueMap).size === 0;
    case 'ptr':
    case 'func':
    case 'interface':
      return data === null;
    default:
      return isEmpty(data as Value);
  }
}

/** Go's text for a failed `v.(T)`. */
export function conversionError(value: Value, wanted: string): FunctionError {
  const name = typeOf(value)?.name ?? 'nil';
  return new FunctionError(`interface conversion: interface {} is ${name}, not ${wanted}`);
}
