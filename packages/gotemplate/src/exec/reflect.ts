// SPDX-License-Identifier: Apache-2.0

import { type GoType, Int, Typed, typeOf, types, type Value } from '@helm-operator/gocompat';

/** What Go's `reflect` tells about values. Source: Go 1.26 reflect, text/template/exec.go */

/** A value during execution; `undefined` is Go's invalid `reflect.Value`, `null` an interface that holds nil. */
export type Result = Value | undefined;

/** Parameters of builtins that take any value as it is, nil or not: Go's `reflect.Value`. */
export const reflectValue: GoType = { kind: 'struct', name: 'reflect.Value' };

export function isEmptyInterface(type: GoType): boolean {
  return type.kind === 'interface' && type.name === types.any.name;
}

/** Go's name of the type of what is inside; `interface {}` for nil. */
export function typeName(value: Value): string {
  return typeOf(value)?.name ?? types.any.name;
}

export function kindOf(value: Result): GoType['kind'] {
  return value === undefined ? 'invalid' : (typeOf(value)?.kind ?? 'interface');
}

/** Can an untyped nil be assigned to the type? */
export function canBeNil(type: GoType): boolean {
  switch (type.kind) {
    case 'func':
    case 'interface':
    case 'map':
    case 'ptr':
    case 'slice':
      return true;
    default:
      return type === reflectValue;
  }
}

/** The zero value of a type. */
export function zeroOf(type: GoType): Result {
  switch (type.kind) {
    case 'interface':
      return null;
    case 'bool':
      return named(type, false);
    case 'string':
      return named(type, '');
    case 'float64':
      return named(type, 0);
    case 'float32':
      return new Typed(type, 0);
    case 'complex128':
      return new Typed(type, { re: 0, im: 0 });
    case 'struct':
      return type === reflectValue ? undefined : zeroStruct(type);
    case 'array':
    case 'func':
    case 'map':
    case 'ptr':
    case 'slice':
    case 'invalid':
      return new Typed(type, null);
    default:
      return named(type, new Int(type.kind, 0n));
  }
}

function zeroStruct(type: GoType): Typed {
  return new Typed(
    type,
    new Map((type.fields ?? []).map((field) => [field.name, zeroOf(field.type) ?? null])),
  );
}

/** A basic value under its type: `Typed` where the type has a name of its own. */
export function named(type: GoType, value: boolean | string | number | Int): Value {
  return type.name === type.kind ? value : new Typed(type, value);
}

/** The basic value under a named basic type, other values as they are. */
export function basicOf(value: Result): Result {
  if (!(value instanceof Typed)) return value;
  switch (value.type.kind) {
    case 'interface':
    case 'ptr':
    case 'func':
    case 'map':
    case 'struct':
    case 'slice':
    case 'array':
      return value;
    default:
      return value.data as Value;
  }
}

/** Follows pointers to their end; a nil pointer and nil stay. */
export function indirect(value: Result): Result {
  let at = value;
  while (at instanceof Typed && at.type.kind === 'ptr' && isValue(at.data)) at = at.data;
  return at;
}

export function isNilPointer(value: Result): value is Typed | null {
  return (
    value === null || (value instanceof Typed && value.type.kind === 'ptr' && value.data === null)
  );
}

/** Elements of a slice or array; `undefined` for every other kind. */
export function elementsOf(value: Result): readonly Value[] | Uint8Array | undefined {
  if (Array.isArray(value)) return value;
  if (!(value instanceof Typed)) return undefined;
  if (value.type.kind !== 'slice' && value.type.kind !== 'array') return undefined;
  return (value.data ?? []) as readonly Value[] | Uint8Array;
}

/** The map inside; an empty one for a nil map; `undefined` for every other kind. */
export function mapOf(value: Result): ReadonlyMap<string, Value> | undefined {
  if (value instanceof Map) return value;
  if (!(value instanceof Typed) || value.type.kind !== 'map') return undefined;
  return (value.data ?? new Map()) as ReadonlyMap<string, Value>;
}

/** Truth as `if` sees it: everything but zero and empty; structs are always true. */
export function isTrue(value: Result): boolean {
  switch (typeof value) {
    case 'undefined':
      return false;
    case 'boolean':
      return value;
    case 'string':
      return value !== '';
    case 'number':
      return value !== 0;
    default:
  }
  if (value === null) return false;
  if (value instanceof Map) return value.size > 0;
  if (Array.isArray(value)) return value.length > 0;
  if (value instanceof Int) return value.value !== 0n;
  return isTypedTrue(value);
}

function isTypedTrue(value: Typed): boolean {
  switch (value.type.kind) {
    case 'struct':
      return true;
    case 'map':
      return (mapOf(value)?.size ?? 0) > 0;
    case 'slice':
    case 'array':
      return (elementsOf(value)?.length ?? 0) > 0;
    case 'complex128': {
      const { re, im } = value.data as { re: number; im: number };
      return re !== 0 || im !== 0;
    }
    case 'ptr':
    case 'func':
    case 'interface':
      return value.data !== null;
    default:
      return isTrue(value.data as Value);
  }
}

/** What a call or a message receives: a copy, which has lost the methods of its address. */
export function copyOf(value: Value): Value {
  return value instanceof Typed && value.type.copied !== undefined
    ? new Typed(value.type.copied, value.data)
    : value;
}

/** The value that printing shows: what a pointer points to, unless the pointer itself knows how to print. */
export function printableOf(value: Typed): Value {
  if (value.type.kind !== 'ptr') return value;
  const target = indirect(value);
  if (!(target instanceof Typed) || printsItself(value.type)) return value;
  return target;
}

function printsItself({ methods }: GoType): boolean {
  return methods?.has('String') === true || methods?.has('Error') === true;
}

/** False for a nil pointer and for data that only the methods of a type understand. */
function isValue(data: unknown): data is Value {
  if (typeof data === 'object') {
    return (
      data instanceof Typed || data instanceof Map || Array.isArray(data) || data instanceof Int
    );
  }
  return typeof data === 'string' || typeof data === 'number' || typeof data === 'boolean';
}
