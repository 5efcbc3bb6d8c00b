// SPDX-License-Identifier: Apache-2.0

/** Figures of a run, for the file that keeps them. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../results/', import.meta.url));
const figures: Record<string, unknown> = {};

/** @param values what was measured, with its unit in the names */
export function record(bench: string, values: unknown): void {
  figures[bench] = values;
}

/** Writes what was recorded to `test/results/NAME-DATE.json`. */
export function writeFigures(name: string): void {
  const date = new Date().toISOString();
  const machine = { processors: cpus().length, load1: Number(loadavg()[0]?.toFixed(1)) };
  const text = JSON.stringify({ date, machine, ...figures }, null, 2);
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}${name}-${date.slice(0, 10)}.json`, `${text}\n`);
}
