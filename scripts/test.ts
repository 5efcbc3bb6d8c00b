// SPDX-License-Identifier: Apache-2.0

/**
 * Runs the tests and closes with `N passed, N failed, N skipped`.
 *
 * `npm test` runs every tier; `npm test -- unit` (or conformance, cluster, house) one of them; `npm test -- PATH...` files or folders.
 */

import { globSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Counts } from './reporter.ts';
import { runTests, summary } from './run-tests.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

interface Tier {
  readonly pattern: string;
  /** So many processes share its files: what waits more than it computes gains by a second one. */
  readonly lanes: number;
}

const TIERS: ReadonlyMap<string, Tier> = new Map([
  ['house', { pattern: 'test/house/**/*.test.ts', lanes: 1 }],
  ['unit', { pattern: 'packages/*/{src,test}/**/*.test.ts', lanes: 1 }],
  ['conformance', { pattern: 'test/conformance/**/*.test.ts', lanes: 1 }],
  ['cluster', { pattern: 'test/{cluster/**/*,faults/**/*,stories/histories}.test.ts', lanes: 2 }],
]);

async function main(): Promise<void> {
  const wanted = process.argv.slice(2);
  const total: Counts = { passed: 0, failed: 0, skipped: 0 };
  let isBroken = false;
  for (const { name: tier, files, lanes } of choose(wanted)) {
    const startedMs = Date.now();
    process.stdout.write(`${tier}: ${files.length} files\n`);
    const counts = await runInLanes(files, lanes);
    if (counts === undefined) isBroken = true;
    else {
      total.passed += counts.passed;
      total.failed += counts.failed;
      total.skipped += counts.skipped;
    }
    const result = counts === undefined ? 'the test process died' : summary(counts);
    process.stdout.write(
      `${tier}: ${result} in ${((Date.now() - startedMs) / 1000).toFixed(1)} s\n`,
    );
  }
  if (isBroken) total.failed++;
  process.stdout.write(`${summary(total)}\n`);
  process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;
}

interface Chosen {
  readonly name: string;
  readonly files: readonly string[];
  readonly lanes: number;
}

function choose(wanted: readonly string[]): Chosen[] {
  const find = (pattern: string) => globSync(pattern, { cwd: root }).sort();
  const chosen = (name: string, { pattern, lanes }: Tier) => ({
    name,
    files: find(pattern),
    lanes,
  });
  if (wanted.length === 0) return [...TIERS].map(([name, tier]) => chosen(name, tier));
  return wanted.map((name) => {
    const pattern = name.endsWith('.ts') ? name : `${name}/**/*.test.ts`;
    return chosen(name, TIERS.get(name) ?? { pattern, lanes: 1 });
  });
}

/** Deals the files out in turn. @returns `undefined` when a process died before it could count */
async function runInLanes(files: readonly string[], lanes: number): Promise<Counts | undefined> {
  const counted = await Promise.all(
    Array.from({ length: lanes }, (_, lane) =>
      runTests(files.filter((_file, place) => place % lanes === lane)),
    ),
  );
  const sum: Counts = { passed: 0, failed: 0, skipped: 0 };
  for (const counts of counted) {
    if (counts === undefined) return undefined;
    sum.passed += counts.passed;
    sum.failed += counts.failed;
    sum.skipped += counts.skipped;
  }
  return sum;
}

await main();
