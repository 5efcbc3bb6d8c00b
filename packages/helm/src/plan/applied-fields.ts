// SPDX-License-Identifier: Apache-2.0

/**
 * Whether a server-side apply would change anything: the API server lists for each manager the fields it applied last, so what the
 * manifest adds or drops shows there, whatever happened in between.
 *
 * Source: structured-merge-diff v6 fieldpath/serialize.go (the format `FieldsV1`)
 */

import { decodeJson, deepEqual, type Value, type ValueMap } from '@helm-operator/gocompat';
import { mapIn, textIn } from './objects.ts';

/** Fields no manager owns. */
const UNOWNED: ReadonlySet<string> = new Set(['apiVersion', 'kind']);
const UNOWNED_METADATA: ReadonlySet<string> = new Set(['name', 'namespace']);

/** Whether the manager owns exactly the fields of the manifest, and the live object has their values. */
export function isApplied(live: ValueMap, wanted: ValueMap, manager: string): boolean {
  const fields = fieldsAppliedBy(live, manager);
  if (fields === undefined) return false;
  const owned = new Map(entriesBut(wanted, UNOWNED));
  const metadata = new Map(entriesBut(mapIn(wanted, 'metadata') ?? new Map(), UNOWNED_METADATA));
  owned.delete('metadata');
  if (metadata.size > 0) owned.set('metadata', metadata);
  return isMapApplied(fields, owned, live);
}

function entriesBut(map: ValueMap, left: ReadonlySet<string>): [string, Value][] {
  return [...map].filter(([key]) => !left.has(key));
}

function fieldsAppliedBy(live: ValueMap, manager: string): ValueMap | undefined {
  const entries = mapIn(live, 'metadata')?.get('managedFields');
  if (!Array.isArray(entries)) return undefined;
  for (const entry of entries) {
    if (!(entry instanceof Map) || textIn(entry, 'manager') !== manager) continue;
    if (textIn(entry, 'operation') !== 'Apply' || textIn(entry, 'subresource') !== '') continue;
    return mapIn(entry, 'fieldsV1');
  }
  return undefined;
}

function isValueApplied(fields: ValueMap, wanted: Value, live: Value | undefined): boolean {
  if (live === undefined) return false;
  // Owned as one: a scalar, an atomic list or map, or something empty.
  if (fields.size === 0) return isSameButDefaults(wanted, live);
  if (wanted instanceof Map) return live instanceof Map && isMapApplied(fields, wanted, live);
  return Array.isArray(wanted) && Array.isArray(live) && isListApplied(fields, wanted, live);
}

/** What the API server adds inside fields that are owned as one; dropping it from the manifest would change nothing. */
const DEFAULTS: ReadonlyMap<string, Value> = new Map<string, Value>([
  ['apiVersion', 'v1'],
  ['divisor', '0'],
  ['protocol', 'TCP'],
]);

function isSameButDefaults(wanted: Value, live: Value): boolean {
  if (Array.isArray(wanted) && Array.isArray(live)) {
    return (
      wanted.length === live.length &&
      wanted.every((item, i) => isSameButDefaults(item, live[i] ?? null))
    );
  }
  if (!(wanted instanceof Map) || !(live instanceof Map)) return deepEqual(wanted, live);
  const isAdded = ([key, value]: readonly [string, Value]): boolean =>
    !wanted.has(key) && value !== DEFAULTS.get(key);
  if ([...live].some(isAdded)) return false;
  return [...wanted].every(([key, value]) => {
    const actual = live.get(key);
    return actual !== undefined && isSameButDefaults(value, actual);
  });
}

function isMapApplied(fields: ValueMap, wanted: ValueMap, live: ValueMap): boolean {
  const names = [...fields.keys()].filter((key) => key.startsWith('f:'));
  if (names.some((name) => !wanted.has(name.slice(2)))) return false;
  return [...wanted].every(([key, value]) => {
    const below = fields.get(`f:${key}`);
    return below instanceof Map && isValueApplied(below, value, live.get(key));
  });
}

function isListApplied(
  fields: ValueMap,
  wanted: readonly Value[],
  live: readonly Value[],
): boolean {
  const left = [...fields]
    .filter(([key]) => key.startsWith('k:') || key.startsWith('v:'))
    .map(([key, below]) => ({
      identity: decodeJson(key.slice(2), { numbers: 'int64orFloat64' }),
      below,
    }));
  if (left.length !== wanted.length || left.length === 0) return false;
  let last = -1;
  return wanted.every((item) => {
    const at = left.findIndex(({ identity }) => isElement(item, identity));
    const [entry] = at < 0 ? [] : left.splice(at, 1);
    if (entry === undefined) return false;
    const { identity, below } = entry;
    const place = live.findIndex((candidate) => isElement(candidate, identity));
    const actual = live[place];
    // Others' elements may stand between; the order of ours must be that of the manifest.
    if (actual === undefined || place < last) return false;
    last = place;
    if (!(identity instanceof Map)) return true;
    return below instanceof Map && isElementApplied(below, { item, actual, identity });
  });
}

/** A key the manifest leaves to its default is part of the identity all the same. */
function isElement(item: Value, identity: Value): boolean {
  if (!(identity instanceof Map)) return deepEqual(item, identity);
  if (!(item instanceof Map)) return false;
  const keys = [...identity.keys()].filter((key) => item.has(key));
  return (
    keys.length > 0 &&
    keys.every((key) => deepEqual(item.get(key) ?? null, identity.get(key) ?? null))
  );
}

function isElementApplied(
  fields: ValueMap,
  { item, actual, identity }: { item: Value; actual: Value; identity: ValueMap },
): boolean {
  if (fields.size === 0) return isSameButDefaults(item, actual);
  if (!(item instanceof Map) || !(actual instanceof Map)) return false;
  const owned = new Map(fields);
  for (const key of identity.keys()) if (!item.has(key)) owned.delete(`f:${key}`);
  return isMapApplied(owned, item, actual);
}
