// SPDX-License-Identifier: Apache-2.0

/**
 * Helm's merge of a user's values with the defaults of a chart and its subcharts.
 *
 * Source: helm v3.22.0 pkg/chartutil/coalesce.go
 */

import { quote, sprintf, sprintValue, type Value, type ValueMap } from '@helm-operator/gocompat';
import { ChartError } from '../errors.ts';
import type { Profile } from '../profile.ts';
import { deepCopy, isTable } from './tables.ts';

/** Hears what Helm would log: a value that had to be skipped. */
export type Warn = (text: string) => void;

/** What coalescing needs of a chart. */
export interface ChartValues {
  readonly metadata: { readonly name: string };
  readonly values: ValueMap | undefined;
  readonly dependencies: readonly ChartValues[];
}

export interface CoalesceOptions {
  readonly warn?: Warn | undefined;
  /** `helm4` leaves out defaults that are null. Default: `helm3`. */
  readonly profile?: Profile | undefined;
}

interface Pass {
  readonly warn: Warn;
  /** Nulls stay, to be taken out by a later pass. */
  readonly isMerge: boolean;
  readonly mustDropNullDefaults: boolean;
}

/** Values for rendering: a user's null takes a default away. @throws {ChartError} `chart/values`: a subchart's values are no map */
export function coalesceValues(
  chart: ChartValues,
  values: ValueMap,
  options: CoalesceOptions = {},
): ValueMap {
  return coalesceChart(chart, deepCopy(values), passOf(options, false), '');
}

/** The same with nulls kept, for a coalescing that comes later. @throws {ChartError} `chart/values` */
export function mergeValues(
  chart: ChartValues,
  values: ValueMap,
  options: CoalesceOptions = {},
): ValueMap {
  return coalesceChart(chart, deepCopy(values), passOf(options, true), '');
}

/** Puts `source` under `target`, which it changes and returns. */
export function coalesceTables(
  target: ValueMap,
  source: ValueMap,
  options: CoalesceOptions = {},
): ValueMap {
  return coalesceInto(target, source, passOf(options, false), '');
}

/** The same with nulls kept. */
export function mergeTables(
  target: ValueMap,
  source: ValueMap,
  options: CoalesceOptions = {},
): ValueMap {
  return coalesceInto(target, source, passOf(options, true), '');
}

function passOf(options: CoalesceOptions, isMerge: boolean): Pass {
  return {
    warn: options.warn ?? (() => undefined),
    isMerge,
    mustDropNullDefaults: options.profile === 'helm4',
  };
}

function join(prefix: string, name: string): string {
  return prefix === '' ? name : `${prefix}.${name}`;
}

function coalesceChart(chart: ChartValues, target: ValueMap, pass: Pass, prefix: string): ValueMap {
  coalesceDefaults(chart, target, pass, prefix);
  for (const child of chart.dependencies) {
    const name = child.metadata.name;
    const existing = target.get(name);
    if (existing === undefined) target.set(name, new Map());
    else if (!isTable(existing)) {
      throw new ChartError('chart/values', sprintf('type mismatch on %s: %t', [name, existing]));
    }
    const table = target.get(name);
    if (!isTable(table)) continue;
    const subPrefix = join(prefix, chart.metadata.name);
    coalesceGlobals(table, target, pass, subPrefix);
    target.set(name, coalesceChart(child, table, pass, subPrefix));
  }
  return target;
}

function coalesceDefaults(chart: ChartValues, target: ValueMap, pass: Pass, prefix: string): void {
  const subPrefix = join(prefix, chart.metadata.name);
  const defaults = deepCopy(chart.values ?? new Map<string, Value>());
  const children = new Set(chart.dependencies.map(({ metadata }) => metadata.name));
  for (const [key, value] of defaults) {
    const own = target.get(key);
    if (own === undefined) {
      if (value !== null || !dropsNulls(pass)) target.set(key, withoutNulls(value, pass));
    } else if (own === null && !pass.isMerge) {
      target.delete(key);
    } else if (isTable(own)) {
      if (isTable(value)) {
        const isMerge = children.has(key) || pass.isMerge;
        const inner: Pass = { ...pass, isMerge };
        coalesceInto(own, withoutNulls(value, inner), inner, join(subPrefix, key));
      } else if (value !== null) {
        pass.warn(`warning: skipped value for ${subPrefix}.${key}: Not a table.`);
      }
    }
  }
}

function dropsNulls(pass: Pass): boolean {
  return pass.mustDropNullDefaults && !pass.isMerge;
}

/** Takes nulls out of a table of defaults, where the pass wants that. */
function withoutNulls<T extends Value>(value: T, pass: Pass): T {
  if (dropsNulls(pass) && value instanceof Map) deleteNulls(value);
  return value;
}

function deleteNulls(table: ValueMap): void {
  for (const [key, inner] of table) {
    if (inner === null) table.delete(key);
    else if (isTable(inner)) deleteNulls(inner);
  }
}

function coalesceInto(target: ValueMap, source: ValueMap, pass: Pass, prefix: string): ValueMap {
  const hadValue = new Set<string>();
  for (const [key, value] of source) if (value !== null) hadValue.add(key);
  for (const [key, value] of target) if (value === null) source.set(key, null);
  for (const [key, value] of source) {
    const full = join(prefix, key);
    const own = target.get(key);
    if (own === null && !pass.isMerge && hadValue.has(key)) target.delete(key);
    else if (own === undefined) target.set(key, value);
    else if (isTable(value)) {
      if (isTable(own)) coalesceInto(own, value, pass, full);
      else
        pass.warn(
          `warning: cannot overwrite table with non table for ${full} (${sprintValue(value)})`,
        );
    } else if (isTable(own) && value !== null) {
      pass.warn(
        `warning: destination for ${full} is a table. Ignoring non-table value (${sprintValue(value)})`,
      );
    }
  }
  return target;
}

/** Hands `global` down to a subchart: what the parent says wins. */
function coalesceGlobals(child: ValueMap, parent: ValueMap, pass: Pass, prefix: string): void {
  const own = child.get('global') ?? (child.has('global') ? null : new Map<string, Value>());
  if (!isTable(own)) {
    pass.warn('warning: skipping globals because destination global is not a table.');
    return;
  }
  const given = parent.get('global') ?? (parent.has('global') ? null : new Map<string, Value>());
  if (!isTable(given)) {
    pass.warn('warning: skipping globals because source global is not a table.');
    return;
  }
  for (const [key, value] of given) {
    const existing = own.get(key);
    if (isTable(value)) {
      const copy: ValueMap = new Map(value);
      if (existing === undefined) own.set(key, copy);
      else if (!isTable(existing)) {
        pass.warn(`Conflict: cannot merge map onto non-map for ${quote(key)}. Skipping.`);
      } else {
        own.set(key, coalesceInto(copy, existing, { ...pass, isMerge: true }, join(prefix, key)));
      }
    } else if (isTable(existing)) {
      pass.warn(`key ${key} is table. Skipping`);
    } else {
      own.set(key, value);
    }
  }
  child.set('global', own);
}
