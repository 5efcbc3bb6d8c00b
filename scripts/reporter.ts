// SPDX-License-Identifier: Apache-2.0

/** A quiet reporter for node:test: failures and skips with their reasons, then one JSON line with the counts. */

import type { TestEvent } from 'node:test/reporters';
import { inspect } from 'node:util';

/** What the last line holds. */
export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

export const COUNTS_PREFIX = '#counts ';

/** @returns the text to print, piece by piece */
async function* report(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const counts: Counts = { passed: 0, failed: 0, skipped: 0 };
  for await (const event of source) {
    if (event.type === 'test:pass' && event.data.details.type !== 'suite') {
      if (event.data.skip !== undefined && event.data.skip !== false) {
        counts.skipped++;
        yield `skipped: ${event.data.name} (${event.data.skip === true ? 'no reason given' : event.data.skip})\n`;
      } else {
        counts.passed++;
      }
    } else if (event.type === 'test:fail') {
      const { details, file, line, name } = event.data;
      if ('failureType' in details.error && details.error.failureType === 'subtestsFailed')
        continue;
      counts.failed++;
      yield `FAILED: ${name} (${file ?? ''}:${line ?? ''})\n${inspect(details.error.cause ?? details.error)}\n`;
    } else if (event.type === 'test:stderr' || event.type === 'test:stdout') {
      yield event.data.message;
    }
  }
  yield `${COUNTS_PREFIX}${JSON.stringify(counts)}\n`;
}

// biome-ignore lint/style/noDefaultExport: node:test takes a reporter as the default export
export default report;
