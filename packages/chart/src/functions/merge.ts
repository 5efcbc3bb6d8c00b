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

/** How two maps are merged; element types where one is narrower than `interface{}`. */
interface MergeContext {
  readonly mustOverwrite: boolean;
  readonly elem: GoType | undefined;
  readonly sourceElem: GoType | undefined;
}

function isNarrow(elem: GoType | undefined): elem is GoType {
  return elem !== undefined && elem.kind !== 'interface';
}

/** Go writes into a map of a narrower element type only what has that type. */
function notAssignable(given: string, elem: GoType): FunctionError {
  return new FunctionError(
    `reflect.Value.SetMapIndex: value of type ${given} is not assignable to type ${elem.name}`,
  );
}

function put(into: ValueMap, key: string, value: Value, { elem, sourceElem }: MergeContext): void {
  if (isNarrow(elem) && sourceElem?.name !== elem.name) throw notAssignable('interface {}', elem);
  into.set(key, value);
}

/** Lists are written early, by their own type. */
function checkList(existing: Value | undefined, list: Value, { elem }: MergeContext): void {
  if (!isNarrow(elem)) return;
  if (existing === undefined) throw notAssignable(typeOf(list)?.name ?? '', elem);
  throw new FunctionError(`reflect: call of reflect.Value.IsNil on ${elem.kind} Value`);
}

function elemOf(map: Value): GoType | undefined {
  return map instanceof Typed ? map.type.elem : undefined;
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

/** Merges a map of the source into what is there already. */
function mergeInner(existing: Value, source: Value, mustOverwrite: boolean): void {
  const [into, from] = [entriesOf(existing), entriesOf(source)];
  if (!into || !from) {
    mergeStruct(existing, source);
    return;
  }
  mergeEntries(into, from, {
    mustOverwrite,
    elem: elemOf(existing),
    sourceElem: elemOf(source),
  });
}

function mergeEntry(into: ValueMap, key: string, source: Value, context: MergeContext): void {
  const { mustOverwrite } = context;
  const existing = into.get(key);
  if (source === null) {
    if (mustOverwrite) put(into, key, null, context);
    return;
  }
  const isList = itemsOf(source) !== undefined;
  if (isList) checkList(existing, source, context);
  const isMap = entriesOf(source) !== undefined;
  if (isMap && existing !== undefined && existing !== null) {
    mergeInner(existing, source, mustOverwrite);
  }
  if (existing !== undefined && isMergedElsewhere(existing, source)) {
    if (!isList || !mustOverwrite) return;
  } else if (!mustOverwrite && existing !== undefined && !isEmpty(existing)) return;
  put(into, key, source, context);
}

function mergeEntries(into: ValueMap, source: ValueMap, context: MergeContext): void {
  for (const [key, value] of [...source]) mergeEntry(into, key, value, context);
}

/**
 * Merges `source` into `into`, maps recursively, everything else as a whole and by reference.
 *
 * Without `mustOverwrite` only missing and *empty* values (`nil`, `0`, `false`, `""`, empty lists and maps) are
 * filled; with it every value of `source` wins, an empty map apart.
 */
export function mergeMaps(into: ValueMap, source: ValueMap, mustOverwrite: boolean): void {
  mergeEntries(into, source, { mustOverwrite, elem: undefined, sourceElem: undefined });
}
