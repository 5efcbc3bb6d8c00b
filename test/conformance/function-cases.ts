// SPDX-License-Identifier: Apache-2.0

/** Calls of template functions and what our engine makes of them, for recorded cases and for the fuzzer. */

import { nodeFunctionPorts } from '@helm-operator/chart/node';
import { decodeJson, encodeUtf8, normalize } from '@helm-operator/gocompat';
import { Budget, type FunctionTable, TemplateSet } from '@helm-operator/gotemplate';
import { createFunctions } from '../../packages/chart/src/functions/index.ts';

/** One template and the values it is given. */
export interface FunctionRow {
  readonly template: string;
  readonly values: unknown;
}

/** The text a template gave, or the error it ended with. */
export interface FunctionAnswer {
  readonly output?: string;
  /** Base64, where the output is not UTF-8. */
  readonly outputBase64?: string;
  readonly error?: string;
}

/** Helm 3's functions with the ports of Node and `Local` in UTC. */
export const functions: FunctionTable = createFunctions('helm3', nodeFunctionPorts());

/** What our engine answers to one row. */
export function answer(
  { template, values }: FunctionRow,
  table: FunctionTable = functions,
): FunctionAnswer {
  try {
    const set = new TemplateSet({ functions: table, missingKey: 'zero' });
    set.parse('t', template);
    const run = { budget: new Budget(), state: undefined };
    const output = normalize(set.execute('t', decodeJson(JSON.stringify(values)), run));
    if (output.isWellFormed()) return { output };
    return { outputBase64: Buffer.from(encodeUtf8(output)).toString('base64') };
  } catch (error) {
    // JSON holds no invalid bytes: the recorded texts have U+FFFD for each.
    return {
      error: normalize(error instanceof Error ? error.message : String(error)).toWellFormed(),
    };
  }
}
