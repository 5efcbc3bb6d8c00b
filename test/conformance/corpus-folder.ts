// SPDX-License-Identifier: Apache-2.0

/**
 * A corpus: a folder of charts, cases and what Helm made of them.
 *
 * `cases.json` lists `{id, chart, outcome, wildLines?}`; `charts/` holds the archives; `golden/ID/` holds `values.yaml` (what the
 * user gave) and either `manifest.yaml`, `hooks.yaml` and `notes.txt` or `error.txt`; an absent file is empty.
 */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Profile } from '@helm-operator/chart';
import { corpusOutput } from './corpus-render.ts';

export interface CorpusCase {
  readonly id: string;
  readonly chart: string;
  readonly outcome: 'ok' | 'error';
  /** File → lines (from 1) that differ whenever Helm runs. */
  readonly wildLines?: Readonly<Record<string, readonly number[]>>;
}

export const OUTPUT_FILES: readonly string[] = [
  'manifest.yaml',
  'hooks.yaml',
  'notes.txt',
  'error.txt',
];

export interface CaseResult {
  readonly id: string;
  readonly differences: readonly Difference[];
}

/** The first difference of one file, as lines. */
export interface Difference {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** `undefined` behind the end of the file. */
  readonly expected: string | undefined;
  readonly actual: string | undefined;
}

export function readCases(folder: string): readonly CorpusCase[] {
  return JSON.parse(readFileSync(join(folder, 'cases.json'), 'utf8')) as CorpusCase[];
}

export function readChart(folder: string, { chart }: CorpusCase): Uint8Array {
  return readFileSync(join(folder, 'charts', chart));
}

/** The user's values of a case, as YAML. */
export function readUserValues(folder: string, { id }: CorpusCase): string {
  return readOrEmpty(join(folder, 'golden', id, 'values.yaml'));
}

/** What Helm made of a case: file → text, empty where it made none. */
export function readExpected(folder: string, { id }: CorpusCase): ReadonlyMap<string, string> {
  return new Map(OUTPUT_FILES.map((file) => [file, readOrEmpty(join(folder, 'golden', id, file))]));
}

function readOrEmpty(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

/** Renders one case and says where it differs from its goldens. */
export function checkCase(folder: string, row: CorpusCase, profile: Profile = 'helm3'): CaseResult {
  const actual = corpusOutput(readChart(folder, row), readUserValues(folder, row), profile);
  return { id: row.id, differences: compareOutputs(row, readExpected(folder, row), actual) };
}

/** Where each file first differs; wild lines only have to be there. */
function compareOutputs(
  row: CorpusCase,
  expected: ReadonlyMap<string, string>,
  actual: ReadonlyMap<string, string>,
): readonly Difference[] {
  return OUTPUT_FILES.flatMap((file) => {
    const wild = new Set(row.wildLines?.[file] ?? []);
    const wanted = linesOf(expected.get(file));
    const given = linesOf(actual.get(file));
    const count = Math.max(wanted.length, given.length);
    for (let i = 0; i < count; i++) {
      const isWild = wild.has(i + 1) && i < wanted.length && i < given.length;
      if (isWild || wanted[i] === given[i]) continue;
      return [{ file, line: i + 1, expected: wanted[i], actual: given[i] }];
    }
    return [];
  });
}

function linesOf(text: string | undefined): readonly string[] {
  return (text ?? '').split('\n');
}
