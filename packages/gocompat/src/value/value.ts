// SPDX-License-Identifier: Apache-2.0

/**
 * How Go values are held: one union, shared by templates, functions, YAML, JSON and charts.
 *
 * | Go                        | here                                                       |
 * | ------------------------- | ---------------------------------------------------------- |
 * | untyped nil               | `null`                                                     |
 * | bool                      | `boolean`                                                  |
 * | string                    | `string`, invalid UTF-8 as lone surrogates (`text.ts`)     |
 * | float64                   | `number`                                                   |
 * | int, int64, uint64, ...   | `Int` (a kind and a `bigint`)                              |
 * | []interface{}             | `Value[]`                                                  |
 * | map[string]interface{}    | `Map<string, Value>`; insertion order never shows          |
 * | anything else             | `Typed`: a Go type and its data                            |
 *
 * Source: Go 1.26 reflect; Differs: no pointers but those a `Typed` declares.
 */
export type Value = null | boolean | string | number | Int | Value[] | ValueMap | Typed;

/** A Go `map[string]interface{}`. Names of users are keys of a `Map`, never of an object. */
export type ValueMap = Map<string, Value>;

/** Go's integer kinds; `uintptr` never reaches a chart. */
export type IntKind =
  | 'int'
  | 'int8'
  | 'int16'
  | 'int32'
  | 'int64'
  | 'uint'
  | 'uint8'
  | 'uint16'
  | 'uint32'
  | 'uint64';

/** The kind of a Go type, named as `reflect.Kind.String()` names it. */
export type Kind =
  | 'invalid'
  | 'bool'
  | IntKind
  | 'float32'
  | 'float64'
  | 'complex128'
  | 'string'
  | 'slice'
  | 'array'
  | 'map'
  | 'struct'
  | 'ptr'
  | 'interface'
  | 'func';

/** One exported field of a struct type, in declaration order. */
export interface StructField {
  readonly name: string;
  readonly type: GoType;
  /** The JSON name, where it differs from `name`; `-` leaves the field out. */
  readonly json?: string;
  readonly omitEmpty?: boolean;
  /** An embedded struct: its fields and methods are promoted. */
  readonly embedded?: boolean;
}

/** One exported method as a template can call it. */
export interface Method {
  readonly params: readonly GoType[];
  readonly variadic?: boolean;
  readonly result: GoType;
  /** @throws {Error} its message becomes `error calling NAME: MESSAGE` */
  readonly call: (receiver: Typed, args: readonly Value[]) => Value;
}

/** A Go type: what `%T` prints, how a template walks it. */
export interface GoType {
  readonly kind: Kind;
  /** As `%T` prints it: `map[string]interface {}`, `time.Duration`, `*semver.Version`. */
  readonly name: string;
  /** Element of a slice, array, map or pointer. */
  readonly elem?: GoType;
  /** Key of a map. */
  readonly key?: GoType;
  /** Fields of a struct. */
  readonly fields?: readonly StructField[];
  /** Methods of this type's method set, pointer receivers included where the value is addressable. */
  readonly methods?: ReadonlyMap<string, Method>;
  /** Set on the type of an addressable struct: the type of a copy, without the methods of pointer receivers. */
  readonly copied?: GoType;
}

const BITS: Readonly<Record<IntKind, number>> = {
  int: 64,
  int8: 8,
  int16: 16,
  int32: 32,
  int64: 64,
  uint: 64,
  uint8: 8,
  uint16: 16,
  uint32: 32,
  uint64: 64,
};

/** A Go integer: its kind and its value, always inside the kind's range. */
export class Int {
  readonly kind: IntKind;
  readonly value: bigint;
  constructor(kind: IntKind, value: bigint) {
    this.kind = kind;
    this.value = value;
  }

  /** In decimal, for those who put it into a text of JavaScript. */
  toString(): string {
    return this.value.toString();
  }
}

const SMALL_FROM = -256;
const SMALL_TO = 4096;

function smallInts(kind: IntKind): readonly Int[] {
  return Array.from(
    { length: SMALL_TO - SMALL_FROM },
    (_, i) => new Int(kind, BigInt(i + SMALL_FROM)),
  );
}

const smallInt = smallInts('int');
const smallInt64 = smallInts('int64');

/** A Go `int`; wraps on overflow as Go does. */
export function int(value: number | bigint): Int {
  if (typeof value === 'number' && value >= SMALL_FROM && value < SMALL_TO) {
    const hit = smallInt[value - SMALL_FROM];
    if (hit !== undefined) return hit;
  }
  return intOf('int', value);
}

/** A Go `int64`; wraps on overflow as Go does. */
export function int64(value: number | bigint): Int {
  if (typeof value === 'number' && value >= SMALL_FROM && value < SMALL_TO) {
    const hit = smallInt64[value - SMALL_FROM];
    if (hit !== undefined) return hit;
  }
  return intOf('int64', value);
}

/** A Go integer of any kind; wraps on overflow as a Go conversion does. `value` must be integral. */
export function intOf(kind: IntKind, value: number | bigint): Int {
  const big = typeof value === 'bigint' ? value : BigInt(value);
  const bits = BITS[kind];
  return new Int(kind, kind.startsWith('u') ? BigInt.asUintN(bits, big) : BigInt.asIntN(bits, big));
}

/**
 * A value of any other Go type.
 *
 * `data` by kind: slice/array → `Value[]` (`Uint8Array` for `[]byte`), or `null` for a nil slice; map → `Map<string, Value>`
 * (shared by reference: a `chartutil.Values` and the plain map under it are two views of one `Map`), or `null`; struct →
 * `ReadonlyMap<string, Value>` of its fields, or whatever its methods understand; ptr → the pointed-to `Typed`, or `null`;
 * a named basic type (`time.Duration`) → the basic `Value`; complex128 → `{re, im}`.
 */
export class Typed {
  readonly type: GoType;
  readonly data: unknown;
  constructor(type: GoType, data: unknown) {
    this.type = type;
    this.data = data;
  }
}

/** Go's predeclared types and the composite ones every chart meets. */
export const types: Readonly<
  Record<
    | 'bool'
    | 'int'
    | 'int32'
    | 'int64'
    | 'uint64'
    | 'uint8'
    | 'float32'
    | 'float64'
    | 'string'
    | 'any'
    | 'error'
    | 'slice'
    | 'strings'
    | 'bytes'
    | 'map'
    | 'stringMap',
    GoType
  >
> = {
  bool: { kind: 'bool', name: 'bool' },
  int: { kind: 'int', name: 'int' },
  int32: { kind: 'int32', name: 'int32' },
  int64: { kind: 'int64', name: 'int64' },
  uint64: { kind: 'uint64', name: 'uint64' },
  uint8: { kind: 'uint8', name: 'uint8' },
  float32: { kind: 'float32', name: 'float32' },
  float64: { kind: 'float64', name: 'float64' },
  string: { kind: 'string', name: 'string' },
  any: { kind: 'interface', name: 'interface {}' },
  error: { kind: 'interface', name: 'error' },
  slice: {
    kind: 'slice',
    name: '[]interface {}',
    elem: { kind: 'interface', name: 'interface {}' },
  },
  strings: { kind: 'slice', name: '[]string', elem: { kind: 'string', name: 'string' } },
  bytes: { kind: 'slice', name: '[]uint8', elem: { kind: 'uint8', name: 'uint8' } },
  map: {
    kind: 'map',
    name: 'map[string]interface {}',
    key: { kind: 'string', name: 'string' },
    elem: { kind: 'interface', name: 'interface {}' },
  },
  stringMap: {
    kind: 'map',
    name: 'map[string]string',
    key: { kind: 'string', name: 'string' },
    elem: { kind: 'string', name: 'string' },
  },
};

const INT_TYPES = new Map<IntKind, GoType>(
  (Object.keys(BITS) as IntKind[]).map((kind) => [kind, { kind, name: kind }]),
);

/** The Go type of a value; `undefined` for untyped nil, which has none. */
export function typeOf(value: Value): GoType | undefined {
  if (value === null) return undefined;
  switch (typeof value) {
    case 'boolean':
      return types.bool;
    case 'string':
      return types.string;
    case 'number':
      return types.float64;
    default:
  }
  if (value instanceof Int) return INT_TYPES.get(value.kind);
  if (value instanceof Typed) return value.type;
  return Array.isArray(value) ? types.slice : types.map;
}
