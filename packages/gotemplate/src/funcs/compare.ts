// SPDX-License-Identifier: Apache-2.0

import {
  compareBytes,
  deepEqual,
  type GoType,
  Int,
  sprintf,
  Typed,
  typeOf,
  type Value,
} from '@helm-operator/gocompat';

import { basicOf, copyOf, kindOf, type Result, typeName } from '../exec/reflect.ts';

/**
 * `eq ne lt le gt ge`: basic values of one kind; integers of any sign and size compare with each other.
 *
 * Source: Go 1.26 text/template/funcs.go
 */

type BasicKind = 'bool' | 'complex' | 'int' | 'float' | 'string' | undefined;

function basicKind(value: Result): BasicKind {
  switch (typeof value) {
    case 'boolean':
      return 'bool';
    case 'string':
      return 'string';
    case 'number':
      return 'float';
    default:
  }
  if (value instanceof Int) return 'int';
  if (value instanceof Typed && value.type.kind === 'complex128') return 'complex';
  const basic = basicOf(value);
  return basic === value ? undefined : basicKind(basic);
}

const BAD_TYPE = 'invalid type for comparison';

/** Is `first` equal to one of `others`? @throws {Error} with Go's text */
export function areEqual(first: Result, others: readonly Result[]): boolean {
  if (others.length === 0) throw new Error('missing argument for comparison');
  return others.some((other) => isEqual(first ?? undefined, other ?? undefined));
}

function isEqual(a: Result, b: Result): boolean {
  const kind = basicKind(a);
  if (kind !== basicKind(b)) {
    if (a !== undefined && b !== undefined) throw new Error(incompatible(a, b));
    return false;
  }
  const left = basicOf(a);
  const right = basicOf(b);
  switch (kind) {
    case 'int':
      return left instanceof Int && right instanceof Int && left.value === right.value;
    case 'bool':
    case 'float':
    case 'string':
      return left === right;
    case 'complex':
      return isComplexEqual(left, right);
    default:
      return isOtherEqual(a, b);
  }
}

function isComplexEqual(a: Result, b: Result): boolean {
  const left = a as unknown as { re: number; im: number };
  const right = b as unknown as { re: number; im: number };
  return left.re === right.re && left.im === right.im;
}

function isOtherEqual(a: Result, b: Result): boolean {
  if (a === undefined || b === undefined) return isNil(a) === isNil(b);
  if (kindOf(a) !== kindOf(b)) {
    throw new Error(
      sprintf('non-comparable types %s: %v, %s: %v', [
        copyOf(a),
        typeName(a),
        typeName(b),
        copyOf(b),
      ]),
    );
  }
  if (isNil(a) || isNil(b)) return isNil(a) === isNil(b);
  const type = typeOf(b);
  if (type !== undefined && !isComparable(type)) {
    throw new Error(sprintf('non-comparable type %s: %v', [copyOf(b), type.name]));
  }
  if (typeName(a) !== typeName(b)) return false;
  return a instanceof Typed && a.type.kind === 'ptr' ? a === b : deepEqual(a, b);
}

function isNil(value: Result): boolean {
  if (value === undefined || value === null) return true;
  if (!(value instanceof Typed)) return false;
  const { kind } = value.type;
  return (
    (kind === 'func' || kind === 'map' || kind === 'ptr' || kind === 'slice') && value.data === null
  );
}

function isComparable({ kind, elem, fields }: GoType): boolean {
  if (kind === 'slice' || kind === 'map' || kind === 'func') return false;
  if (kind === 'array') return elem === undefined || isComparable(elem);
  return (fields ?? []).every((field) => isComparable(field.type));
}

function incompatible(a: Value, b: Value): string {
  return `incompatible types for comparison: ${typeName(a)} and ${typeName(b)}`;
}

/** @throws {Error} with Go's text */
export function isLess(a: Result, b: Result): boolean {
  const kind = basicKind(a ?? undefined);
  const otherKind = basicKind(b ?? undefined);
  if (kind === undefined || otherKind === undefined) throw new Error(BAD_TYPE);
  if (kind !== otherKind) throw new Error(incompatible(a ?? null, b ?? null));
  const left = basicOf(a);
  const right = basicOf(b);
  if (left instanceof Int && right instanceof Int) return left.value < right.value;
  if (typeof left === 'string' && typeof right === 'string') return compareBytes(left, right) < 0;
  if (typeof left === 'number' && typeof right === 'number') return left < right;
  throw new Error(BAD_TYPE);
}

/** @throws {Error} with Go's text */
export function isLessOrEqual(a: Result, b: Result): boolean {
  return isLess(a, b) || areEqual(a, [b]);
}
