// SPDX-License-Identifier: Apache-2.0

/** What is decided is what both originals document, turn for turn. `SEQUENCES` says how many, `SEED` which. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DecidedRelease } from '../../../../test/kit/decided-release.ts';
import { RetryModel } from '../../../../test/kit/retry-model.ts';
import {
  type Event,
  happen,
  type Sequence,
  sequences,
} from '../../../../test/kit/retry-sequences.ts';

const SEQUENCES = Number(process.env['SEQUENCES'] ?? 300);
const SEED = Number(process.env['SEED'] ?? 7);

/** Plays both, and compares each turn. @returns how the turns ended */
function play({ rules, steps }: Sequence): readonly string[] {
  const model = new RetryModel(rules);
  const real = new DecidedRelease(rules);
  return steps.map(({ event, outcomes }, i) => {
    happen(event, model, real);
    const expected = model.turn(inOrder(outcomes));
    assert.deepEqual(real.turn(inOrder(outcomes)), expected, `turn ${i + 1}, ${print(event)}`);
    return [...expected.did, expected.end].join(', ');
  });
}

function inOrder<T>(outcomes: readonly T[]): () => T | 'good' {
  let at = 0;
  return () => outcomes[at++] ?? 'good';
}

function print(event: Event): string {
  return event.kind;
}

test(`${SEQUENCES} sequences of outcomes go as documented`, () => {
  const run = fc.check(
    fc.property(sequences, (sequence) => {
      play(sequence);
    }),
    { numRuns: SEQUENCES, seed: SEED },
  );
  assert.ok(!run.failed, fc.defaultReportMessage(run) ?? '');
});
