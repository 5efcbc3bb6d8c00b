// SPDX-License-Identifier: Apache-2.0

/** What subcharts hand up to their parent's defaults. Source: helm v3.22.0 pkg/chartutil/dependencies.go (processImportValues). */

import { quote, sprintValue, type Value, type ValueMap } from '@helm-operator/gocompat';
import type { ChartNode } from './chart-node.ts';
import { type CoalesceOptions, mergeTables, mergeValues } from './coalesce.ts';
import { deepCopy, isTable, tableAt } from './tables.ts';

/** Depth first: what a child imports is there when its parent imports from it. */
export function importValues(node: ChartNode, options: CoalesceOptions): void {
  for (const child of node.dependencies) importValues(child, options);
  const entries = node.requirements;
  if (entries === undefined) return;
  const values = mergeValues(node, new Map(), options);
  let imported: ValueMap = new Map();
  for (const entry of entries) {
    const pairs = entry.isImported ? [] : entry.importValues.flatMap(pairOf);
    for (const { child, parent, isExport } of pairs) {
      const table = tableAt(values, `${entry.name}.${child}`);
      if (table === undefined) {
        const from = isExport ? '' : ` from chart ${entry.name}`;
        options.warn?.(
          `Warning: ImportValues missing table${from}: ${quote(child.split('.').at(-1) ?? '')} is not a table`,
        );
      } else {
        // Helm merges from a table in place, nulls go into it, but from a copy of one that is empty.
        const source: ValueMap = table.size === 0 ? new Map() : table;
        imported = mergeTables(imported, nested(parent, source), options);
      }
    }
    entry.importValues = pairs.map(printedPair);
    entry.isImported = true;
  }
  node.values = mergeTables(deepCopy(values), imported, options);
}

interface ImportPair {
  readonly child: string;
  /** `.` is the parent's top. */
  readonly parent: string;
  /** Written as the name of an export. */
  readonly isExport: boolean;
}

/** What is neither a text nor a map is left out. */
function pairOf(item: Value): readonly ImportPair[] {
  if (typeof item === 'string') return [{ child: `exports.${item}`, parent: '.', isExport: true }];
  if (!isTable(item)) return [];
  const text = (key: string) => sprintValue(item.get(key) ?? null);
  return [{ child: text('child'), parent: text('parent'), isExport: false }];
}

function printedPair({ child, parent }: ImportPair): Value {
  return new Map<string, Value>([
    ['child', child],
    ['parent', parent],
  ]);
}

function nested(path: string, table: ValueMap): ValueMap {
  if (path === '.') return table;
  return path
    .split('.')
    .reduceRight<ValueMap>((inner, key) => new Map<string, Value>([[key, inner]]), table);
}
