// SPDX-License-Identifier: Apache-2.0

/**
 * The objects of a release as `helm status --show-resources` prints them.
 *
 * Source:  helm v3.22.0 cmd/helm/status.go; cli-runtime v0.37.0 pkg/printers/tableprinter.go; Go text/tabwriter
 * Differs: kinds are sorted; Helm prints them in the order of a Go map.
 */

import { sprint } from '@helm-operator/gocompat';
import type { ReleaseResources } from '@helm-operator/helm';
import { type Json, type ObjectTable, type TableColumn, valueOfJson } from '@helm-operator/kube';

/** Of a column with its padding. Source: cli-runtime pkg/printers/tabwriter.go */
const MIN_WIDTH = 6;
const PADDING = 3;

export function resourceText(resources: ReleaseResources<ObjectTable>): string {
  const state: PrinterState = { columns: '', hasHeadings: false };
  return [...resources.keys()]
    .sort()
    .map((key) => {
      const tables = resources.get(key) ?? [];
      return `==> ${key}\n${tables.map((table) => tableText(table, state)).join('')}\n`;
    })
    .join('');
}

/** Headings are printed when they differ from the last ones, whatever the kind. */
interface PrinterState {
  columns: string;
  hasHeadings: boolean;
}

function tableText(table: ObjectTable, state: PrinterState): string {
  const columns = JSON.stringify(table.columns);
  const isKnown = state.hasHeadings && columns === state.columns;
  if (columns !== state.columns) Object.assign(state, { columns, hasHeadings: false });
  if (table.rows.length === 0) return '';
  state.hasHeadings = true;
  const shown = (cells: readonly string[]) => cells.filter((_, i) => isShown(table.columns[i]));
  const rows = table.rows.map((cells) => shown(cells.map(cellText)));
  const headings = shown(table.columns.map(({ name }) => name.toUpperCase()));
  return aligned(isKnown ? rows : [headings, ...rows]);
}

function isShown(column: TableColumn | undefined): boolean {
  return column?.priority === 0;
}

function cellText(cell: Json): string {
  if (cell === null) return '';
  const text = typeof cell === 'string' ? cell : sprint([valueOfJson(cell)]);
  const end = text.search(/[\f\n\r]/);
  const line = end < 0 ? text : `${text.slice(0, end)}...`;
  return line.replaceAll('\u001b', '^[');
}

/** Every cell but the last is padded to the width of its column. */
function aligned(rows: readonly (readonly string[])[]): string {
  const width = (i: number) =>
    Math.max(MIN_WIDTH, ...rows.map((cells) => length(cells[i] ?? '') + PADDING));
  return rows
    .map((cells) => {
      const padded = cells.map((cell, i) =>
        i === cells.length - 1 ? cell : cell + ' '.repeat(width(i) - length(cell)),
      );
      return `${padded.join('')}\n`;
    })
    .join('');
}

function length(text: string): number {
  return [...text].length;
}
