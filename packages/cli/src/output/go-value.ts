// SPDX-License-Identifier: Apache-2.0

/** JSON → a Go value of a declared type, as `json.Unmarshal` fills it. */

import {
  type GoType,
  int,
  parseInstant,
  RFC3339_NANO,
  Typed,
  timeType,
  typedTime,
  types,
  type Value,
} from '@helm-operator/gocompat';

const ZERO_TIME = '0001-01-01T00:00:00Z';
const PLAIN: ReadonlySet<GoType> = new Set([types.bool, types.string, types.float64, types.any]);

/** @param json absent or of another kind: the zero value */
export function goValue(type: GoType, json: Value | undefined): Value {
  if (type.name === timeType.name) {
    return typedTime(parseInstant(RFC3339_NANO, text(json) || ZERO_TIME, 'UTC'));
  }
  switch (type.kind) {
    case 'string':
      return named(type, text(json));
    case 'bool':
      return named(type, json === true);
    case 'int':
      return int(typeof json === 'number' ? json : 0);
    case 'ptr':
      return new Typed(type, isNone(json) || !type.elem ? null : goValue(type.elem, json));
    case 'struct':
      return new Typed(type, fieldsOf(type, json));
    case 'slice':
      return new Typed(type, itemsOf(type, json));
    case 'map':
      if (!(json instanceof Map)) return new Typed(type, null);
      return type === types.map ? json : new Typed(type, json);
    default:
      return json ?? null;
  }
}

function named(type: GoType, value: Value): Value {
  return PLAIN.has(type) ? value : new Typed(type, value);
}

function fieldsOf(type: GoType, json: Value | undefined): ReadonlyMap<string, Value> {
  const members = json instanceof Map ? json : new Map<string, Value>();
  return new Map(
    (type.fields ?? []).map((field) => [
      field.name,
      goValue(field.type, members.get(field.json ?? field.name)),
    ]),
  );
}

function itemsOf(type: GoType, json: Value | undefined): Uint8Array | Value[] | null {
  const { elem } = type;
  if (elem?.kind === 'uint8') return isNone(json) ? null : Buffer.from(text(json), 'base64');
  if (!Array.isArray(json) || elem === undefined) return null;
  return json.map((item) => goValue(elem, item));
}

function text(json: Value | undefined): string {
  return typeof json === 'string' ? json : '';
}

function isNone(json: Value | undefined): boolean {
  return json === undefined || json === null;
}
