// SPDX-License-Identifier: Apache-2.0

/**
 * Moves a manager's fields from updates to server-side apply, so that apply can remove what the manifest drops.
 *
 * Source: client-go v0.36 util/csaupgrade/upgrade.go, as helm v4.2.1 pkg/kube/client.go calls it
 */

import type { Value, ValueMap } from '@helm-operator/gocompat';
import { mapIn, textIn } from './objects.ts';

function managedFieldsOf(object: ValueMap): readonly ValueMap[] {
  const metadata = mapIn(object, 'metadata');
  const entries = metadata?.get('managedFields');
  return Array.isArray(entries)
    ? entries.filter((entry): entry is ValueMap => entry instanceof Map)
    : [];
}

function isEntryOf(entry: ValueMap, manager: string, operation: 'Apply' | 'Update'): boolean {
  return (
    textIn(entry, 'manager') === manager &&
    textIn(entry, 'operation') === operation &&
    textIn(entry, 'subresource') === ''
  );
}

/** Whether that manager has applied the object before. */
export function hasApplied(object: ValueMap, manager: string): boolean {
  const entries = managedFieldsOf(object);
  return (
    entries.some((entry) => isEntryOf(entry, manager, 'Apply')) &&
    !entries.some((entry) => isEntryOf(entry, manager, 'Update'))
  );
}

/** @returns a JSON patch; `undefined` when the manager has no updates to move */
export function migrationPatch(object: ValueMap, manager: string): Value[] | undefined {
  const entries = managedFieldsOf(object);
  const updates = entries.filter((entry) => isEntryOf(entry, manager, 'Update'));
  const [firstUpdate] = updates;
  if (firstUpdate === undefined) return undefined;
  const applied = entries.find((entry) => isEntryOf(entry, manager, 'Apply'));
  const target = applied ?? firstUpdate;
  const fields = [target, ...updates]
    .map((entry) => mapIn(entry, 'fieldsV1') ?? new Map<string, Value>())
    .reduce(union);
  const merged = new Map(target).set('operation', 'Apply').set('fieldsV1', fields);
  const managedFields = entries
    .filter((entry) => entry === target || !updates.includes(entry))
    .map((entry) => (entry === target ? merged : entry));
  const resourceVersion = textIn(mapIn(object, 'metadata'), 'resourceVersion');
  return [
    operation('/metadata/managedFields', managedFields),
    operation('/metadata/resourceVersion', resourceVersion),
  ];
}

function operation(path: string, value: Value): ValueMap {
  return new Map<string, Value>([
    ['op', 'replace'],
    ['path', path],
    ['value', value],
  ]);
}

function union(a: ValueMap, b: ValueMap): ValueMap {
  const result: ValueMap = new Map(a);
  for (const [key, value] of b) {
    const own = result.get(key);
    result.set(key, own instanceof Map && value instanceof Map ? union(own, value) : value);
  }
  return result;
}
