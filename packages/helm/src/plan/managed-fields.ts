// SPDX-License-Identifier: Apache-2.0

/**
 * Moves a manager's fields from updates to server-side apply, so that apply can remove what the manifest drops.
 *
 * Source:  client-go v0.36 util/csaupgrade/upgrade.go, as helm v4.2.1 pkg/kube/client.go calls it
 * Differs: fields written under another Helm's name move too; Helm leaves them, and what the manifest drops stays.
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

/** When that manager last wrote the object itself, in milliseconds since 1970; `undefined` when it never did. */
export function lastWriteMs(object: ValueMap, manager: string): number | undefined {
  const times = managedFieldsOf(object)
    .filter((entry) => textIn(entry, 'manager') === manager && textIn(entry, 'subresource') === '')
    .map((entry) => Date.parse(textIn(entry, 'time')))
    .filter((time) => !Number.isNaN(time));
  return times.length === 0 ? undefined : Math.max(...times);
}

/** Names under which Helm and its operators write; on an object of the release their fields are the release's. */
const HELM_MANAGERS: readonly string[] = ['helm', 'helm-operator', 'helm-controller'];

/** Which fields count as the release's own. */
export interface MigrationPolicy {
  readonly fieldManager: string;
  /** The release was written by updates before: theirs are its fields, whichever Helm sent them. */
  readonly mustMigrate: boolean;
  /** Conflicts are forced: another Helm's server-side fields come along, so that what the manifest drops goes. */
  readonly mustForceConflicts: boolean;
}

function isMain(entry: ValueMap, operation: 'Apply' | 'Update'): boolean {
  return textIn(entry, 'operation') === operation && textIn(entry, 'subresource') === '';
}

/** Whether that manager has applied the object before. */
export function hasApplied(object: ValueMap, manager: string): boolean {
  const own = managedFieldsOf(object).filter((entry) => textIn(entry, 'manager') === manager);
  return (
    own.some((entry) => isMain(entry, 'Apply')) && !own.some((entry) => isMain(entry, 'Update'))
  );
}

/** Whether fields of the release are listed under an entry that apply does not look at. */
export function mustMoveFields(object: ValueMap, policy: MigrationPolicy): boolean {
  return managedFieldsOf(object).some((entry) => isForeign(entry, policy));
}

function isForeign(
  entry: ValueMap,
  { fieldManager, mustMigrate, mustForceConflicts }: MigrationPolicy,
): boolean {
  const manager = textIn(entry, 'manager');
  const isHelms = manager === fieldManager || HELM_MANAGERS.includes(manager);
  if (isHelms && mustMigrate && isMain(entry, 'Update')) return true;
  const isOther = manager !== fieldManager && HELM_MANAGERS.includes(manager);
  return isOther && mustForceConflicts && isMain(entry, 'Apply');
}

/** @returns a JSON patch; `undefined` when there is nothing to move */
export function migrationPatch(object: ValueMap, policy: MigrationPolicy): Value[] | undefined {
  const { fieldManager } = policy;
  const entries = managedFieldsOf(object);
  const moved = entries.filter((entry) => isForeign(entry, policy));
  const [first] = moved;
  if (first === undefined) return undefined;
  const applied = entries.find(
    (entry) => textIn(entry, 'manager') === fieldManager && isMain(entry, 'Apply'),
  );
  const target = applied ?? first;
  const fields = [target, ...moved]
    .map((entry) => mapIn(entry, 'fieldsV1') ?? new Map<string, Value>())
    .reduce(union);
  const merged = new Map(target)
    .set('manager', fieldManager)
    .set('operation', 'Apply')
    .set('fieldsV1', fields);
  const managedFields = entries
    .filter((entry) => entry === target || !moved.includes(entry))
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
