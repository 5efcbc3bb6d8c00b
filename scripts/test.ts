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

/** Tier → its files. Each tier is one process. */
const TIERS: ReadonlyMap<string, string> = new Map([
  ['house', 'test/house/**/*.test.ts'],
  ['unit', 'packages/*/{src,test}/**/*.test.ts'],
  ['conformance', 'test/conformance/**/*.test.ts'],
  ['cluster', 'test/{cluster,faults}/**/*.test.ts'],
]);

async function main(): Promise<void> {
  const wanted = process.argv.slice(2);
  const total: Counts = { passed: 0, failed: 0, skipped: 0 };
  let isBroken = false;
  for (const [tier, files] of choose(wanted)) {
    const startedMs = Date.now();
    process.stdout.write(`${tier}: ${files.length} files\n`);
    const counts = await runTests(files);
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

function choose(wanted: readonly string[]): [string, string[]][] {
  const find = (pattern: string) => globSync(pattern, { cwd: root }).sort();
  if (wanted.length === 0) return [...TIERS].map(([tier, pattern]) => [tier, find(pattern)]);
  return wanted.map((name) => {
    const pattern = TIERS.get(name) ?? (name.endsWith('.ts') ? name : `${name}/**/*.test.ts`);
    return [name, find(pattern)];
  });
}

await main();
