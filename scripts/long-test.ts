// SPDX-License-Identifier: Apache-2.0

/**
 * The long tiers: `npm run test:stories` (every story on a real control plane), `npm run test:faults` (every fault at every step).
 * Each writes what it found to `test/results/TIER-DATE.json`, with what the stories measured (`figures`). Paths after the tier's name run
 * those files alone and leave the counts of the whole tier on file as they are.
 */

import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runBuild } from './run-build.ts';
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

interface Result {
  readonly [field: string]: unknown;
  readonly figures?: readonly { readonly story: string }[] | undefined;
}

/** What stories measured now in the place of what they measured before. */
function merged(before: Result, result: Result, isWhole: boolean): Result {
  const { figures = [] } = result;
  const told = new Set(figures.map(({ story }) => story));
  const kept = (before.figures ?? []).filter(({ story }) => !told.has(story));
  const base = isWhole ? result : before;
  return { ...base, figures: [...kept, ...figures] };
}

const [tier = '', ...only] = process.argv.slice(2);
const patterns = TIERS.get(tier);
if (patterns === undefined) {
  process.stderr.write(`usage: long-test.ts ${[...TIERS.keys()].join('|')} [FILE...]\n`);
  process.exit(2);
}
runBuild();
const startedMs = Date.now();
const files =
  only.length > 0 ? only : patterns.flatMap((pattern) => globSync(pattern, { cwd: root }).sort());
const scratch = mkdtempSync(join(tmpdir(), 'helm-operator-figures-'));
const figuresFile = join(scratch, 'figures.jsonl');
writeFileSync(figuresFile, '');
const counts = await runTests(files, { LONG: 'true', FIGURES_FILE: figuresFile });
const figures = readFileSync(figuresFile, 'utf8')
  .split('\n')
  .filter(Boolean)
  .map((line) => JSON.parse(line) as { story: string });
rmSync(scratch, { recursive: true });
const date = new Date(startedMs).toISOString();
const result = {
  tier,
  date,
  seconds: Math.round((Date.now() - startedMs) / 1000),
  node: process.version,
  files,
  counts: counts ?? 'the test process died',
  ...(figures.length > 0 ? { figures } : {}),
};
const file = join(root, `test/results/${tier}-${date.slice(0, 10)}.json`);
mkdirSync(dirname(file), { recursive: true });
const before = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Result) : result;
writeFileSync(file, `${JSON.stringify(merged(before, result, only.length === 0), null, 2)}\n`);
process.stdout.write(`${counts === undefined ? 'the test process died' : summary(counts)}\n`);
process.exitCode = counts !== undefined && counts.failed === 0 && counts.passed > 0 ? 0 : 1;
