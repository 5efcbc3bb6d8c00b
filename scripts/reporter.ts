// SPDX-License-Identifier: Apache-2.0

/** A quiet reporter for node:test: failures and skips with their reasons, the tests that took long, then one JSON line with the counts. */

import type { TestEvent } from 'node:test/reporters';
import { inspect } from 'node:util';

/** What the last line holds. */
export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

export const COUNTS_PREFIX = '#counts ';

/** What takes longer is named at the end, the longest first. In milliseconds. */
const LONG_MS = 20_000;
const MOST_NAMED = 8;

interface Timed {
  readonly name: string;
  readonly ms: number;
}

/** @returns the text to print, piece by piece */
async function* report(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const counts: Counts = { passed: 0, failed: 0, skipped: 0 };
  const timed: Timed[] = [];
  for await (const event of source) {
    if (event.type === 'test:pass')
      timed.push({ name: event.data.name, ms: event.data.details.duration_ms });
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
  yield* longest(timed);
  yield `${COUNTS_PREFIX}${JSON.stringify(counts)}\n`;
}

function* longest(timed: readonly Timed[]): Generator<string> {
  const long = timed.filter(({ ms }) => ms > LONG_MS).sort((a, b) => b.ms - a.ms);
  for (const { name, ms } of long.slice(0, MOST_NAMED))
    yield `${(ms / 1000).toFixed(0).padStart(5)} s  ${name}\n`;
}

// biome-ignore lint/style/noDefaultExport: node:test takes a reporter as the default export
export default report;
