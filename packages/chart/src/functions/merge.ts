// SPDX-License-Identifier: Apache-2.0

/**
 * Merging of dictionaries as Sprig's `merge` and `mergeOverwrite` do it.
 *
 * Source:  dario.cat/mergo v1.0.1 deepMerge, the paths maps can take
 * Differs: pointers are compared, not merged into (no chart value is a pointer to a mergeable struct).
 */

import { type GoType, Typed, typeOf, type Value, type ValueMap } from '@helm-operator/gocompat';
import { FunctionError } from './errors.ts';
import { entriesOf, isEmpty, itemsOf, kindOf } from './reflect.ts';

/** Go writes a value into a map of a narrower element type only after a check. */
function assertAssignable(value: Value, elem: GoType | undefined): void {
  if (elem === undefined || elem.kind === 'interface') return;
  const name = typeOf(value)?.name;
  if (name === elem.name) return;
  throw new FunctionError(
    `reflect.Value.SetMapIndex: value of type interface {} is not assignable to type ${elem.name}`,
  );
}

function isMergedElsewhere(existing: Value, source: Value): boolean {
  if (isEmpty(existing)) return false;
  if (itemsOf(source) !== undefined) return true;
  return kindOf(source) === 'map' && kindOf(existing) === 'map';
}

function mergeStruct(existing: Value, source: Value): void {
  const kind = kindOf(source);
  if (kindOf(existing) !== 'struct' || kind === 'struct') return;
  const fields = typeOf(existing)?.fields ?? [];
  if (fields.length === 0) return;
  throw new FunctionError(`reflect: call of reflect.Value.Field on ${kind} Value`);
}

function mergeEntry(into: ValueMap, key: string, source: Value, context: MergeContext): void {
  const { mustOverwrite, elem } = context;
  const existing = into.get(key);
  if (source === null) {
    if (!mustOverwrite) return;
    assertAssignable(null, elem);
    into.set(key, null);
    return;
  }
  const sourceMap = entriesOf(source);
  if (sourceMap !== undefined && existing !== undefined && existing !== null) {
    const existingMap = entriesOf(existing);
    if (existingMap && sourceMap) {
      const narrow = existing instanceof Typed ? existing.type.elem : undefined;
      mergeMaps(existingMap, sourceMap, mustOverwrite, narrow);
    } else mergeStruct(existing, source);
  }
  if (existing !== undefined && isMergedElsewhere(existing, source)) {
    if (itemsOf(source) === undefined || !mustOverwrite) return;
  } else if (!mustOverwrite && existing !== undefined && !isEmpty(existing)) return;
  assertAssignable(source, elem);
  into.set(key, source);
}

interface MergeContext {
  readonly mustOverwrite: boolean;
  readonly elem: GoType | undefined;
}

/**
 * Merges `source` into `into`, maps recursively, everything else as a whole and by reference.
 *
 * Without `mustOverwrite` only missing and *empty* values (`nil`, `0`, `false`, `""`, empty lists and maps) are
 * filled; with it every value of `source` wins, an empty map apart.
 *
 * @param elem element type of `into` where it is narrower than `interface{}`
 */
export function mergeMaps(
  into: ValueMap,
  source: ValueMap,
  mustOverwrite: boolean,
  elem?: GoType,
): void {
  const context: MergeContext = { mustOverwrite, elem };
  for (const [key, value] of [...source]) mergeEntry(into, key, value, context);
}
