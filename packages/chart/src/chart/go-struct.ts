// SPDX-License-Identifier: Apache-2.0

/**
 * Reads YAML into typed fields the way Go does (sigs.k8s.io/yaml into a struct): scalars that are meant for a text field are
 * turned into text, names match without regard to case, unknown fields are left out.
 *
 * Source: sigs.k8s.io/yaml v1.6.0 (convertToJSONableObject), Go 1.26 encoding/json (Unmarshal)
 */

import { decodeYaml, formatFloat, Int, type Value, type ValueMap } from '@helm-operator/gocompat';
import { ChartError } from '../errors.ts';

/** Where a value stands, for Go's error text. */
export interface FieldPlace {
  /** Name of the Go struct: `Metadata`. */
  readonly struct: string;
  readonly path: string;
}

/**
 * @param fields in lower case: of the others nothing need be kept
 * @throws {Error} with the text of sigs.k8s.io/yaml
 */
export function decodeGoYaml(text: string, fields?: ReadonlySet<string>): Value {
  if (fields === undefined) return decodeYaml(text, { numbers: 'exact' });
  const lengths = new Set([...fields].map(({ length }) => length));
  const isWanted = (key: string): boolean =>
    lengths.has(key.length) && fields.has(key.toLowerCase());
  return decodeYaml(text, { numbers: 'exact', isWanted });
}

/** The member of a map that Go's decoder would take for a field. */
export function fieldOf(map: ValueMap, name: string): Value {
  const exact = map.get(name);
  if (exact !== undefined) return exact;
  const wanted = name.toLowerCase();
  for (const [key, value] of map) if (key.toLowerCase() === wanted) return value;
  return null;
}

export function textOf(value: Value, place: FieldPlace): string {
  if (value === null) return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return String(value);
  if (value instanceof Int) return value.value.toString();
  if (typeof value === 'number') return formatFloat(value, 'g', -1, 32);
  throw mismatch(value, 'string', place);
}

export function boolOf(value: Value, place: FieldPlace): boolean {
  if (value === null) return false;
  if (typeof value === 'boolean') return value;
  throw mismatch(value, 'bool', place);
}

export function listOf<T>(
  value: Value,
  type: string,
  place: FieldPlace,
  read: (item: Value, place: FieldPlace) => T,
): T[] | undefined {
  if (value === null) return undefined;
  if (!Array.isArray(value)) throw mismatch(value, `[]${type}`, place);
  return value.map((item) => read(item, place));
}

export function mapOf(
  value: Value,
  type: string,
  place: FieldPlace | undefined,
): ValueMap | undefined {
  if (value === null) return undefined;
  if (value instanceof Map) return value;
  throw mismatch(value, type, place);
}

export function textMapOf(value: Value, place: FieldPlace): ReadonlyMap<string, string> {
  const map = mapOf(value, 'map[string]string', place) ?? new Map<string, Value>();
  return new Map([...map].map(([key, item]) => [key, textOf(item, place)]));
}

function mismatch(value: Value, type: string, place: FieldPlace | undefined): ChartError {
  const kind = kindOf(value);
  const target =
    place === undefined
      ? `Go value of type ${type}`
      : `Go struct field ${place.struct}.${place.path} of type ${type}`;
  return new ChartError(
    'chart/load',
    `error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${kind} into ${target}`,
  );
}

function kindOf(value: Value): string {
  if (typeof value === 'string') return 'string';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number' || value instanceof Int) return 'number';
  return Array.isArray(value) ? 'array' : 'object';
}
