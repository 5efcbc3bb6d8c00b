// SPDX-License-Identifier: Apache-2.0

/** What a story measured; `npm run test:stories` puts it on file. */

import { appendFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';

/** One measurement: numbers with their units in their names. */
export type Figures = Readonly<Record<string, number | string | Readonly<Record<string, number>>>>;

/** Prints figures, and appends them to the file that `FIGURES_FILE` names. */
export function tellFigures(story: string, figures: Figures): void {
  const load = loadavg().map((value) => Math.round(value * 10) / 10);
  const line = { story, date: new Date().toISOString(), cores: cpus().length, load, ...figures };
  process.stdout.write(`# ${JSON.stringify(line)}\n`);
  const file = process.env['FIGURES_FILE'];
  if (file !== undefined) appendFileSync(file, `${JSON.stringify(line)}\n`);
}

export function round(value: number, digits = 1): number {
  return Number(value.toFixed(digits));
}
