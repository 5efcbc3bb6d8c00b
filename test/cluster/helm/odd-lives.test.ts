// SPDX-License-Identifier: Apache-2.0

/**
 * Releases live odd lives twice, by real Helm and by our commands: after every line output, records and objects are the same. Where we
 * say more on purpose (evidence, warnings), only that is left out.
 */

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clusterTest } from '../../kit/shared-plane.ts';
import { type Life, liveBeside, type Peer } from './beside.ts';
import { inParallel } from './chain.ts';
import { HOOK_LIVES, isSample, writeHookChart } from './hook-lives.ts';
import { writeOddChart } from './odd-chart.ts';
import { LIVES } from './odd-lives.ts';

/** Only in `npm run test:stories`. */
const isLong = process.env['LONG'] === 'true';
/** `ODD_ONLY='helm4 adoption;helm4 atomic'`: the lives in whose names one of these stands. */
const ONLY = (process.env['ODD_ONLY'] ?? '').split(';');
/** Lives that end otherwise on purpose, and stand in docs/differences.md. */
const OTHERWISE: ReadonlySet<string> = new Set(['helm4 bad objects: generate']);
/** Most of a life is waiting. */
const AT_ONCE = 6;

function compareLives(
  helm: Peer,
  about: string,
  lives: readonly Life[],
  writeChart: (folder: string) => Promise<string>,
): void {
  const chosen = lives
    .map((life) => ({ life, title: `${helm} ${life.name}` }))
    .filter(({ title }) => !OTHERWISE.has(title) && ONLY.some((part) => title.includes(part)))
    .map(({ life }) => life);
  if (chosen.length === 0) return;
  clusterTest(`${about} by Helm and by us, as ${helm}`, async (plane) => {
    const folder = await mkdtemp(join(tmpdir(), 'helm-operator-odd-'));
    try {
      const chart = await writeChart(folder);
      const different = await inParallel(AT_ONCE, chosen, async (life) => {
        const found = await liveBeside(plane, { life, helm }, chart);
        if (isLong) process.stdout.write(`${helm} ${life.name}: ${found.length} differences\n`);
        return found;
      });
      assert.ok(different.flat().length === 0, `\n${different.flat().join('\n')}`);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
}

for (const helm of ['helm3', 'helm4'] as const) {
  if (isLong) compareLives(helm, 'odd lives', LIVES, writeOddChart);
  const lives = HOOK_LIVES.filter((life) => isLong || (helm === 'helm3' && isSample(life)));
  compareLives(helm, 'hooks that fail', lives, writeHookChart);
}
