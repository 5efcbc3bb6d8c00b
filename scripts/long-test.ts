// SPDX-License-Identifier: Apache-2.0

/**
 * The long tiers: `npm run test:stories` (every story on a real control plane), `npm run test:faults` (every fault at every step).
 * Each writes what it found to `test/results/TIER-DATE.json`.
 */

import { globSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runTests, summary } from './run-tests.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Tier → its files. `LONG=true` makes the stories run all their rows. */
const TIERS: ReadonlyMap<string, readonly string[]> = new Map([
  ['stories', ['test/cluster/**/*.test.ts', 'test/stories/**/*.test.ts']],
  [
    'faults',
    [
      'test/faults/**/*.test.ts',
      'test/cluster/operator/leader.test.ts',
      'packages/helm/src/actions/recover.test.ts',
    ],
  ],
]);

const [tier = ''] = process.argv.slice(2);
const patterns = TIERS.get(tier);
if (patterns === undefined) {
  process.stderr.write(`usage: long-test.ts ${[...TIERS.keys()].join('|')}\n`);
  process.exit(2);
}
const startedMs = Date.now();
const files = patterns.flatMap((pattern) => globSync(pattern, { cwd: root }).sort());
const counts = await runTests(files, { LONG: 'true' });
const result = {
  tier,
  date: new Date(startedMs).toISOString(),
  seconds: Math.round((Date.now() - startedMs) / 1000),
  node: process.version,
  files,
  counts: counts ?? 'the test process died',
};
const folder = join(root, 'test/results');
mkdirSync(folder, { recursive: true });
writeFileSync(
  join(folder, `${tier}-${result.date.slice(0, 10)}.json`),
  `${JSON.stringify(result, null, 2)}\n`,
);
process.stdout.write(`${counts === undefined ? 'the test process died' : summary(counts)}\n`);
process.exitCode = counts !== undefined && counts.failed === 0 && counts.passed > 0 ? 0 : 1;
