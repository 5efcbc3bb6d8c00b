// SPDX-License-Identifier: Apache-2.0

/** Prints one value under one verb. Source: Go 1.26 fmt/print.go (printArg, printValue, handleMethods, badVerb). */

import { quote } from '../strconv/quote.ts';
import { decodeUtf8, encodeUtf8 } from '../text/text.ts';
import {
  calendarOf,
  type Instant,
  MONTHS,
  NANOS_PER_SECOND,
  unixSeconds,
  ZERO_UNIX_SECONDS,
} from '../time/instant.ts';
import { instantOf, timeType } from '../time/types.ts';
import { sortedKeys } from '../value/keys.ts';
import { type GoType, Int, Typed, typeOf, types, type Value } from '../value/value.ts';
import {
  type IntegerStyle,
  layChar,
  layFloat,
  layHexBytes,
  layHexString,
  layInteger,
  layQuoted,
  layQuotedChar,
  layString,
  layUnicode,
  pad,
  type Spec,
} from './layout.ts';

const STRING_VERBS = 'vsxXq';

/** Prints a value; a verb that does not fit gives `%!verb(type=value)`. */
export function printValue(spec: Spec, value: Value, verb: string): string {
  if (value === null) {
    return verb === 'v' || verb === 'T' ? pad(spec, '<nil>') : badVerb(spec, value, verb);
  }
  if (verb === 'T') return layString(spec, typeName(value));
  if (verb === 'p') return badVerb(spec, value, verb);
  return printInner(spec, value, verb, 0);
}

/** `%T` of a value. */
export function typeName(value: Value): string {
  return typeOf(value)?.name ?? '<nil>';
}

function printInner(spec: Spec, value: Value, verb: string, depth: number): string {
  if (value === null) return spec.sharpV ? 'interface {}(nil)' : '<nil>';
  switch (typeof value) {
    case 'boolean':
      return verb === 'v' || verb === 't' ? pad(spec, String(value)) : badVerb(spec, value, verb);
    case 'string':
      return printString(spec, value, verb) ?? badVerb(spec, value, verb);
    case 'number':
      return printFloat(spec, value, verb, 64) ?? badVerb(spec, value, verb);
    default:
  }
  if (value instanceof Int) return printInteger(spec, value, verb) ?? badVerb(spec, value, verb);
  if (value instanceof Typed) return printTyped(spec, value, verb, depth);
  if (Array.isArray(value)) return printList(spec, value, { verb, depth, type: '[]interface {}' });
  return printMap(spec, value, { verb, depth, type: 'map[string]interface {}' });
}

function printString(spec: Spec, text: string, verb: string): string | undefined {
  switch (verb) {
    case 'v':
      return spec.sharpV ? layQuoted({ ...spec, sharp: false }, text) : layString(spec, text);
    case 's':
      return layString(spec, text);
    case 'x':
    case 'X':
      return layHexString(spec, text, verb === 'X');
    case 'q':
      return layQuoted(spec, text);
    default:
      return undefined;
  }
}

const INTEGER_STYLES: ReadonlyMap<string, IntegerStyle> = new Map<string, IntegerStyle>([
  ['v', { base: 10 }],
  ['d', { base: 10 }],
  ['b', { base: 2 }],
  ['o', { base: 8 }],
  ['O', { base: 8, isOctalNamed: true }],
  ['x', { base: 16 }],
  ['X', { base: 16, isUpper: true }],
]);

function printInteger(spec: Spec, { kind, value }: Int, verb: string): string | undefined {
  if (verb === 'v' && spec.sharpV && kind.startsWith('u')) {
    return layInteger({ ...spec, sharp: true }, value, { base: 16 });
  }
  const style = INTEGER_STYLES.get(verb);
  if (style !== undefined) return layInteger(spec, value, style);
  if (verb === 'c') return layChar(spec, value);
  if (verb === 'q') return layQuotedChar(spec, value);
  return verb === 'U' ? layUnicode(spec, value) : undefined;
}

function printFloat(spec: Spec, value: number, verb: string, bits: 32 | 64): string | undefined {
  switch (verb) {
    case 'v':
      return layFloat(spec, value, { verb: 'g', precision: -1, bits });
    case 'b':
    case 'g':
    case 'G':
    case 'x':
    case 'X':
      return layFloat(spec, value, { verb, precision: -1, bits });
    case 'e':
    case 'E':
    case 'f':
      return layFloat(spec, value, { verb, precision: 6, bits });
    case 'F':
      return layFloat(spec, value, { verb: 'f', precision: 6, bits });
    default:
      return undefined;
  }
}

interface Complex {
  readonly re: number;
  readonly im: number;
}

function printComplex(spec: Spec, { re, im }: Complex, verb: string): string | undefined {
  const real = printFloat(spec, re, verb, 64);
  const imaginary = printFloat({ ...spec, plus: true }, im, verb, 64);
  return real === undefined || imaginary === undefined ? undefined : `(${real}${imaginary}i)`;
}

function printTyped(spec: Spec, value: Typed, verb: string, depth: number): string {
  const { type, data } = value;
  // Go prints copies of fields: the methods of their addresses are not seen.
  const { copied } = type;
  const shown = depth > 0 && copied !== undefined ? new Typed(copied, data) : value;
  const byMethod = printByMethod(spec, shown, verb);
  if (byMethod !== undefined) return byMethod;
  const place = { verb, depth, type: type.name };
  switch (type.kind) {
    case 'slice':
    case 'array':
      if (data instanceof Uint8Array) return printBytes(spec, data, place);
      if (data === null && spec.sharpV) return `${type.name}(nil)`;
      return printList(spec, (data as Value[] | null) ?? [], place);
    case 'map':
      if (data === null && spec.sharpV) return `${type.name}(nil)`;
      return printMap(spec, (data as Map<string, Value> | null) ?? new Map(), place);
    case 'struct':
      return type === timeType
        ? printStruct(spec, rawTimeType, { ...place, data: rawTime(instantOf(value)) })
        : printStruct(spec, type, { ...place, data: data as ReadonlyMap<string, Value> });
    case 'ptr':
      return printPointer(spec, data as Value, place);
    case 'float32':
      return printFloat(spec, Number(data), verb, 32) ?? badVerb(spec, value, verb);
    case 'complex128':
      return printComplex(spec, data as Complex, verb) ?? badVerb(spec, value, verb);
    case 'func':
    case 'interface':
      return badVerb(spec, value, verb);
    default:
      return printNamed(spec, data as Value, verb) ?? badVerb(spec, value, verb);
  }
}

/** The basic value of a named type. */
function printNamed(spec: Spec, data: Value, verb: string): string | undefined {
  if (data instanceof Int) return printInteger(spec, data, verb);
  if (typeof data === 'string') return printString(spec, data, verb);
  if (typeof data === 'number') return printFloat(spec, data, verb, 64);
  return verb === 'v' || verb === 't' ? pad(spec, String(data)) : undefined;
}

/** `Error` and `String` methods are what `%v`, `%s`, `%q`, `%x` and `%X` show. */
function printByMethod(spec: Spec, value: Typed, verb: string): string | undefined {
  const isGoSyntax = spec.sharpV && verb === 'v' && !spec.isError;
  if (isGoSyntax && value.type === timeType) return layString(spec, goSyntax(instantOf(value)));
  if (spec.sharpV || spec.isError || !STRING_VERBS.includes(verb)) return undefined;
  const method = value.type.methods?.get('Error') ?? value.type.methods?.get('String');
  if (method === undefined || method.params.length > 0) return undefined;
  if (value.type.kind === 'ptr' && value.data === null) return pad(spec, '<nil>');
  return printString(spec, String(method.call(value, [])), verb);
}

/** `time.Time.GoString`. */
function goSyntax(instant: Instant): string {
  const { year, month, day, hour, minute, second, nanosecond } = calendarOf(instant);
  const { zone } = instant;
  const name = typeof zone === 'string' ? zone : zone.name;
  const place = zone === 'UTC' ? 'time.UTC' : `time.Location(${quote(name)})`;
  const clock = [day, hour, minute, second, nanosecond].join(', ');
  return `time.Date(${year}, time.${MONTHS[month - 1] ?? ''}, ${clock}, ${place})`;
}

interface Place {
  readonly verb: string;
  readonly depth: number;
  /** Name of the type, for `%#v`. */
  readonly type: string;
}

function printBytes(spec: Spec, bytes: Uint8Array, place: Place): string {
  const { verb, type, depth } = place;
  switch (verb) {
    case 's':
      return layString(spec, decodeUtf8(bytes));
    case 'q':
      return layQuoted(spec, decodeUtf8(bytes));
    case 'x':
    case 'X':
      return layHexBytes(spec, bytes, verb === 'X');
    default:
  }
  const isNamedByte = spec.sharpV && verb === 'v' && depth === 0;
  const list = Array.from(bytes, (byte) => new Int('uint8', BigInt(byte)));
  return printList(
    spec,
    list,
    isNamedByte ? { ...place, type: type.replace('uint8', 'byte') } : place,
  );
}

function printList(spec: Spec, items: readonly Value[], { verb, depth, type }: Place): string {
  const parts = items.map((item) => printInner(spec, item, verb, depth + 1));
  return spec.sharpV ? `${type}{${parts.join(', ')}}` : `[${parts.join(' ')}]`;
}

function printMap(
  spec: Spec,
  map: ReadonlyMap<string, Value>,
  { verb, depth, type }: Place,
): string {
  const parts = sortedKeys(map).map((key) => {
    const name = printInner(spec, key, verb, depth + 1);
    return `${name}:${printInner(spec, map.get(key) ?? null, verb, depth + 1)}`;
  });
  return spec.sharpV ? `${type}{${parts.join(', ')}}` : `map[${parts.join(' ')}]`;
}

const locationType: GoType = { kind: 'ptr', name: '*time.Location' };

/** The fields that Go's `time.Time` hides, and prints where its methods do not count. */
const rawTimeType: GoType = {
  kind: 'struct',
  name: 'time.Time',
  fields: [
    { name: 'wall', type: types.uint64 },
    { name: 'ext', type: types.int64 },
    { name: 'loc', type: locationType },
  ],
};

function rawTime(instant: Instant): ReadonlyMap<string, Value> {
  const seconds = unixSeconds(instant);
  return new Map<string, Value>([
    ['wall', new Int('uint64', instant.unixNano - seconds * NANOS_PER_SECOND)],
    ['ext', new Int('int64', seconds - ZERO_UNIX_SECONDS)],
    ['loc', new Typed(locationType, null)],
  ]);
}

function printStruct(
  spec: Spec,
  type: GoType,
  { verb, depth, data }: Place & { readonly data: ReadonlyMap<string, Value> },
): string {
  const isNamed = spec.plusV || spec.sharpV;
  const parts = (type.fields ?? []).map(({ name, type: fieldType }) => {
    const value = data.get(name) ?? null;
    const text =
      value === null && fieldType.kind !== 'interface'
        ? printZero(spec, fieldType, verb)
        : printInner(spec, value, verb, depth + 1);
    return isNamed ? `${name}:${text}` : text;
  });
  return spec.sharpV ? `${type.name}{${parts.join(', ')}}` : `{${parts.join(' ')}}`;
}

/** What a field that holds nothing prints: the zero value of its type. */
function printZero(spec: Spec, type: GoType, verb: string): string {
  switch (type.kind) {
    case 'string':
      return printInner(spec, '', verb, 1);
    case 'bool':
      return printInner(spec, false, verb, 1);
    case 'slice':
      return spec.sharpV ? `${type.name}(nil)` : '[]';
    case 'map':
      return spec.sharpV ? `${type.name}(nil)` : 'map[]';
    case 'ptr':
      return spec.sharpV ? `(${type.name})(nil)` : pad(spec, '<nil>');
    default:
      return printInner(spec, null, verb, 1);
  }
}

/** A pointer shows what it points to at the top, and an address below: a fixed one, since ours are no addresses. */
function printPointer(spec: Spec, target: Value, { verb, depth, type }: Place): string {
  if (target === null && spec.sharpV) return `(${type})(nil)`;
  if (target === null) return printNilPointer(spec, verb, type);
  if (depth > 0 && !spec.sharpV) return pad(spec, '0xc000012345');
  return `&${printInner(spec, target, verb, depth + 1)}`;
}

function printNilPointer(spec: Spec, verb: string, type: string): string {
  const style = INTEGER_STYLES.get(verb);
  if (verb === 'v') return pad(spec, '<nil>');
  return style === undefined || verb === 'O'
    ? `%!${verb}(${type}=${pad(spec, '<nil>')})`
    : layInteger(spec, 0n, style);
}

/** `%!verb(type=value)`; flags, width and precision go on. */
export function badVerb(spec: Spec, value: Value, verb: string): string {
  if (value === null) return `%!${verb}(<nil>)`;
  const shown = printInner({ ...spec, isError: true }, value, 'v', 0);
  return `%!${verb}(${typeName(value)}=${shown})`;
}

/** The bytes of a value that is text or bytes; `undefined` for others. */
export function bytesOf(value: Value): Uint8Array | undefined {
  if (typeof value === 'string') return encodeUtf8(value);
  return value instanceof Typed && value.data instanceof Uint8Array ? value.data : undefined;
}
