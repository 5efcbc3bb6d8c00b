// SPDX-License-Identifier: Apache-2.0

/** What differs between two versions of an object, field by field. Pure. */

import {
  byteLength,
  compareBytes,
  deepEqual,
  encodeJson,
  type Value,
  type ValueMap,
} from '@helm-operator/gocompat';
import { mapIn } from './objects.ts';

/** One field that comes, goes or changes. */
export interface FieldChange {
  /** `spec.template.spec.containers[name=main].image`, keys with dots in brackets: `data["a.b"]`. */
  readonly path: string;
  /** Absent when the field is new. Contents of Secrets are replaced by their size. */
  readonly before?: Value | undefined;
  /** Absent when the field goes. */
  readonly after?: Value | undefined;
}

/** Fields of `metadata` the API server writes itself. */
const SERVER_METADATA: readonly string[] = [
  'creationTimestamp',
  'deletionGracePeriodSeconds',
  'deletionTimestamp',
  'generation',
  'managedFields',
  'resourceVersion',
  'selfLink',
  'uid',
];

/** Elements of a list are recognised by the first of these keys they all have, each with a value of its own. */
const ELEMENT_KEYS: readonly string[] = [
  'name',
  'key',
  'mountPath',
  'devicePath',
  'containerPort',
  'port',
  'ip',
  'topologyKey',
  'type',
  'uid',
  'host',
  'path',
];

/** Contents of Secrets: shown by size, never as they are. */
const SECRET_FIELDS: readonly string[] = ['data', 'stringData'];

/** What a person would call the object: without what the API server adds to it. */
export function withoutServerFields(object: ValueMap): ValueMap {
  const kept: ValueMap = new Map(object);
  kept.delete('status');
  const metadata = mapIn(object, 'metadata');
  if (metadata === undefined) return kept;
  const own: ValueMap = new Map(metadata);
  for (const field of SERVER_METADATA) own.delete(field);
  return kept.set('metadata', own);
}

/** The differences, in the order of their paths. Both objects must be of one kind. */
export function fieldChanges(before: ValueMap, after: ValueMap): readonly FieldChange[] {
  const found: FieldChange[] = [];
  compareMaps('', withoutServerFields(before), withoutServerFields(after), found);
  const changes = found.toSorted((a, b) => compareBytes(a.path, b.path));
  return after.get('kind') === 'Secret' ? changes.map(masked) : changes;
}

/** A whole object as if every field of it were new. */
export function fieldsOf(object: ValueMap): ValueMap {
  const plain = withoutServerFields(object);
  if (plain.get('kind') !== 'Secret') return plain;
  for (const field of SECRET_FIELDS) {
    const contents = mapIn(plain, field);
    if (contents === undefined) continue;
    plain.set(
      field,
      new Map([...contents].map(([key, value]) => [key, maskOf(value, field === 'data')])),
    );
  }
  return plain;
}

function masked(change: FieldChange): FieldChange {
  const isData = /^data\b/.test(change.path);
  if (!isData && !/^stringData\b|last-applied-configuration/.test(change.path)) return change;
  return {
    path: change.path,
    before: change.before === undefined ? undefined : maskOf(change.before, isData),
    after: change.after === undefined ? undefined : maskOf(change.after, isData),
  };
}

/** Only how long it is. */
function maskOf(value: Value, isBase64: boolean): Value {
  if (value instanceof Map) {
    return new Map([...value].map(([key, item]) => [key, maskOf(item, isBase64)]));
  }
  const text = typeof value === 'string' ? value : encodeJson(value);
  const bytes = isBase64 ? Math.floor((text.replace(/=+$/, '').length * 3) / 4) : byteLength(text);
  return `(hidden, ${bytes} bytes)`;
}

function compareMaps(path: string, before: ValueMap, after: ValueMap, found: FieldChange[]): void {
  for (const key of new Set([...before.keys(), ...after.keys()])) {
    compare(join(path, key), before.get(key), after.get(key), found);
  }
}

function compare(
  path: string,
  before: Value | undefined,
  after: Value | undefined,
  found: FieldChange[],
): void {
  if (before === undefined || after === undefined) {
    if (before !== after) found.push({ path, before, after });
  } else if (before instanceof Map && after instanceof Map) {
    compareMaps(path, before, after, found);
  } else if (Array.isArray(before) && Array.isArray(after)) {
    compareLists(path, before, after, found);
  } else if (!deepEqual(before, after)) {
    found.push({ path, before, after });
  }
}

function compareLists(
  path: string,
  before: readonly Value[],
  after: readonly Value[],
  found: FieldChange[],
): void {
  const key = ELEMENT_KEYS.find((name) => isIdentity(name, before) && isIdentity(name, after));
  if (key === undefined) {
    for (let i = 0; i < Math.max(before.length, after.length); i++) {
      compare(`${path}[${i}]`, before[i], after[i], found);
    }
    return;
  }
  const [old, wanted] = [byKey(key, before), byKey(key, after)];
  for (const name of new Set([...old.keys(), ...wanted.keys()])) {
    compare(`${path}[${key}=${name}]`, old.get(name), wanted.get(name), found);
  }
  const kept = [...wanted.keys()].filter((name) => old.has(name));
  const order = [...old.keys()].filter((name) => wanted.has(name));
  if (!deepEqual(kept, order)) {
    found.push({ path: `${path}[order]`, before: order.join(', '), after: kept.join(', ') });
  }
}

function isIdentity(key: string, list: readonly Value[]): boolean {
  const names = list.map((item) => (item instanceof Map ? item.get(key) : undefined));
  return names.every(isScalar) && new Set(names.map(nameOf)).size === list.length;
}

function isScalar(value: Value | undefined): value is Value {
  return value !== undefined && value !== null && !(value instanceof Map) && !Array.isArray(value);
}

function nameOf(value: Value): string {
  return typeof value === 'string' ? value : encodeJson(value);
}

function byKey(key: string, list: readonly Value[]): ReadonlyMap<string, Value> {
  return new Map(
    list.map((item) => [nameOf((item instanceof Map ? item.get(key) : undefined) ?? ''), item]),
  );
}

function join(path: string, key: string): string {
  if (!/^[A-Za-z_][-\w]*$/.test(key)) return `${path}[${encodeJson(key)}]`;
  return path === '' ? key : `${path}.${key}`;
}
