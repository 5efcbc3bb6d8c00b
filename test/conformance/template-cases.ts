// SPDX-License-Identifier: Apache-2.0

/** Rows of template cases: what goes into Go's text/template and into ours, and what comes out. */

import { decodeJson } from '@helm-operator/gocompat';
import { Budget, type MissingKey, type Run, TemplateSet } from '@helm-operator/gotemplate';
import { templateFunctions } from './template-functions.ts';

export interface TemplateRow {
  /** Name and text, in the order they are parsed. */
  readonly templates: readonly (readonly [string, string])[];
  readonly main: string;
  readonly data?: unknown;
  readonly missingkey?: MissingKey;
}

/** One of the two. */
export interface TemplateAnswer {
  readonly out?: string;
  readonly err?: string;
}

/** Answers a row as the Go oracle does. */
export function answer(row: TemplateRow): TemplateAnswer {
  const set = new TemplateSet({
    functions: templateFunctions,
    missingKey: row.missingkey,
    name: 'root',
  });
  const run: Run = { budget: new Budget(), state: { set } };
  try {
    for (const [name, text] of row.templates) set.parse(name, text);
    const data = row.data === undefined ? null : decodeJson(JSON.stringify(row.data));
    // The oracle's JSON shows bytes that are no UTF-8 as U+FFFD.
    return { out: set.execute(row.main, data, run).toWellFormed() };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { err: error.message.toWellFormed() };
  }
}
