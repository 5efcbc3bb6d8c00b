// SPDX-License-Identifier: Apache-2.0

export interface TableOptions {
  /** Longer cells are cut, with an ellipsis; 0 or absent: they are not. */
  readonly maxColumnWidth?: number | undefined;
}

/**
 * A table as Helm prints it: cells padded to the width of their column, a tab between columns.
 *
 * Source: helm v3.22.0 prints with gosuri/uitable v0.0.4.
 *
 * @param rows the first one holds the headings; line breaks inside a cell start a new line of the row, and a cell whose lines are
 *   together wider than its column is cut, as Helm does
 * @returns text that ends in a line break; empty for no rows
 */
export function printTable(
  rows: readonly (readonly string[])[],
  { maxColumnWidth = 0 }: TableOptions = {},
): string {
  const widths: number[] = [];
  const limit = maxColumnWidth === 0 ? Number.POSITIVE_INFINITY : maxColumnWidth;
  for (const row of rows) {
    for (const [column, cell] of row.entries()) {
      const width = Math.min(limit, Math.max(...cell.split('\n').map(displayWidth)));
      widths[column] = Math.max(widths[column] ?? 0, width);
    }
  }
  return rows.map((row) => `${printRow(row, widths)}\n`).join('');
}

function printRow(row: readonly string[], widths: readonly number[]): string {
  const cells = row.map((cell, column) => cut(cell, widths[column] ?? 0).split('\n'));
  const height = Math.max(1, ...cells.map((lines) => lines.length));
  return Array.from({ length: height }, (_, line) =>
    cells.map((lines, column) => fit(lines[line] ?? '', widths[column] ?? 0)).join('\t'),
  ).join('\n');
}

function fit(text: string, width: number): string {
  const line = cut(text, width);
  return line + ' '.repeat(Math.max(0, width - displayWidth(line)));
}

function cut(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  let kept = '';
  for (const char of text) {
    const before = displayWidth(kept);
    kept += char;
    if (before + displayWidth(char) >= width - 3) break;
  }
  return `${kept}...`;
}

const NO_WIDTH = /[\p{Cc}\p{Mn}\p{Me}]/u;
const WIDE =
  /[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6]/;

/** Columns of a terminal that a text takes: East Asian wide characters and emoji take two, controls and marks none. */
function displayWidth(text: string): number {
  let width = 0;
  for (const char of text) {
    if (!NO_WIDTH.test(char)) width += char.length === 2 || WIDE.test(char) ? 2 : 1;
  }
  return width;
}
