// SPDX-License-Identifier: Apache-2.0

/** What a chart's definition has that the cluster's, which stays as it is, has not. Pure. */

import type { Value, ValueMap } from '@helm-operator/gocompat';

/** Fields that are told one by one. */
const SHOWN = 5;
/** Schemas may be made to be deep. */
const DEEPEST = 64;

/** `version v2`, `spec.size of v1`; empty: the cluster's definition has all that the chart's has. */
export function crdGap(wanted: ValueMap, live: ValueMap): readonly string[] {
  const there = versionsOf(live);
  const gap: string[] = [];
  for (const [name, version] of versionsOf(wanted)) {
    const liveVersion = there.get(name);
    if (liveVersion === undefined) gap.push(`version ${name}`);
    else
      for (const path of missingFields(schemaOf(version), schemaOf(liveVersion), [], DEEPEST))
        gap.push(`${path.join('.')} of ${name}`);
  }
  const rest = gap.length - SHOWN;
  return rest > 0 ? [...gap.slice(0, SHOWN), `${rest} more`] : gap;
}

function versionsOf(definition: ValueMap): ReadonlyMap<string, Value> {
  const spec = definition.get('spec');
  const versions = spec instanceof Map ? spec.get('versions') : undefined;
  if (!Array.isArray(versions)) return new Map();
  return new Map(
    versions.flatMap((version) =>
      version instanceof Map ? [[String(version.get('name') ?? ''), version]] : [],
    ),
  );
}

function schemaOf(version: Value): Value {
  const schema = version instanceof Map ? (version.get('schema') ?? null) : null;
  return schema instanceof Map ? (schema.get('openAPIV3Schema') ?? null) : null;
}

/** Paths of properties; `[]` stands for the items of a list, `*` for the values of a map. */
function missingFields(
  wanted: Value,
  live: Value,
  path: readonly string[],
  depth: number,
): readonly (readonly string[])[] {
  if (!(wanted instanceof Map) || !(live instanceof Map) || depth === 0) return [];
  const missing: (readonly string[])[] = [];
  const [properties, there] = [wanted.get('properties'), live.get('properties')];
  if (properties instanceof Map) {
    for (const [name, schema] of properties) {
      const liveSchema = there instanceof Map ? there.get(name) : undefined;
      if (liveSchema === undefined) missing.push([...path, name]);
      else missing.push(...missingFields(schema, liveSchema, [...path, name], depth - 1));
    }
  }
  for (const [key, word] of [
    ['items', '[]'],
    ['additionalProperties', '*'],
  ] as const) {
    const [inner, liveInner] = [wanted.get(key) ?? null, live.get(key) ?? null];
    missing.push(...missingFields(inner, liveInner, [...path, word], depth - 1));
  }
  return missing;
}
