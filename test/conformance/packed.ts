// SPDX-License-Identifier: Apache-2.0

/** Go values as JSON that keeps their types: twin of `test/tools/oracle/packed.go`, where the forms are listed. */

import {
  decodeUtf8,
  encodeUtf8,
  formatFloat,
  formatInstant,
  Int,
  type IntKind,
  instantOf,
  intOf,
  loadZone,
  normalize,
  parseFloat as parseGoFloat,
  sortedKeys,
  Typed,
  typedDuration,
  typedTime,
  types,
  type Value,
} from '@helm-operator/gocompat';

/** `["int", "5"]`, `["list", [...]]`, `["map", [key, value, ...]]`. */
export type Packed = readonly [kind: string, ...content: (string | readonly Packed[])[]];

const INT_KINDS: ReadonlySet<string> = new Set([
  ...['int', 'int8', 'int32', 'int64', 'uint8', 'uint32', 'uint64'],
]);

export function unpackList(text: string): Value[] {
  return (JSON.parse(text) as readonly Packed[]).map(unpack);
}

export function unpackText(text: string): Value {
  return unpack(JSON.parse(text) as Packed);
}

function unpack([kind, ...content]: Packed): Value {
  const [first = '', second = '', third = ''] = content;
  if (typeof first !== 'string') return unpackMany(kind, first);
  if (INT_KINDS.has(kind)) return intOf(kind as IntKind, BigInt(first));
  switch (kind) {
    case 'nil':
      return null;
    case 'bool':
      return first === 'true';
    case 'string':
      return first;
    case 'base64':
      return decodeUtf8(Buffer.from(first, 'base64'));
    case 'bytes':
      return new Typed(types.bytes, new Uint8Array(Buffer.from(first, 'base64')));
    case 'float64':
      return parseGoFloat(first);
    case 'duration':
      return typedDuration(BigInt(first));
    case 'time':
      return typedTime({
        unixNano: BigInt(first) * 1_000_000_000n + BigInt(String(second)),
        zone: loadZone(String(third)),
      });
    default:
      throw new Error(`no such kind: ${kind}`);
  }
}

function unpackMany(kind: string, items: readonly Packed[]): Value {
  const values = items.map(unpack);
  if (kind === 'list') return values;
  if (kind === 'strings') return new Typed(types.strings, values);
  const table = new Map<string, Value>();
  for (let at = 0; at < values.length; at += 2) {
    table.set(String(values[at]), values[at + 1] ?? null);
  }
  return table;
}

/** What decoders give, as the oracle packs it. */
export function packedText(value: Value): string {
  return JSON.stringify(pack(value))
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029');
}

function packString(text: string): Packed {
  const whole = normalize(text);
  if (whole.isWellFormed()) return ['string', whole];
  return ['base64', Buffer.from(encodeUtf8(whole)).toString('base64')];
}

function pack(value: Value): Packed {
  if (value === null) return ['nil'];
  switch (typeof value) {
    case 'boolean':
      return ['bool', String(value)];
    case 'string':
      return packString(value);
    case 'number':
      return ['float64', formatFloat(value, 'g', -1)];
    default:
  }
  if (value instanceof Int) return [value.kind, value.value.toString()];
  if (Array.isArray(value)) return ['list', value.map(pack)];
  if (value instanceof Map) {
    return [
      'map',
      sortedKeys(value).flatMap((key) => [packString(key), pack(value.get(key) ?? null)]),
    ];
  }
  return packTyped(value);
}

function packTyped(value: Typed): Packed {
  if (value.type.name === 'time.Time') {
    return ['time', formatInstant(instantOf(value), '2006-01-02T15:04:05.999999999Z07:00 MST')];
  }
  if (value.type.name === '[]map[string]interface {}') {
    return ['tables', (value.data as readonly Value[]).map(pack)];
  }
  throw new Error(`decoders give no ${value.type.name}`);
}
