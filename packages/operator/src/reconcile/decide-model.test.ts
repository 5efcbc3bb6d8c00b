// SPDX-License-Identifier: Apache-2.0

/** What is decided is what both originals document, turn for turn. `SEQUENCES` says how many, `SEED` which. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DecidedRelease } from '../../../../test/kit/decided-release.ts';
import { RetryModel } from '../../../../test/kit/retry-model.ts';
import type { Outcome, Rules, Strategy } from '../../../../test/kit/retry-rules.ts';
import {
  type Event,
  happen,
  type Sequence,
  sequences,
} from '../../../../test/kit/retry-sequences.ts';

const SEQUENCES = Number(process.env['SEQUENCES'] ?? 300);
const SEED = Number(process.env['SEED'] ?? 7);

/** Plays both, and compares each turn. @returns what each turn did, and how it ended */
function play({ rules, steps }: Sequence): readonly (readonly string[])[] {
  const model = new RetryModel(rules);
  const real = new DecidedRelease(rules);
  return steps.map(({ event, outcomes }, i) => {
    happen(event, model, real);
    const told = real.turn(inOrder(outcomes));
    assert.deepEqual(told, model.turn(inOrder(outcomes)), `turn ${i + 1}, ${event.kind}`);
    const { did, end, failures } = told;
    if (end === 'at-once') assert.ok(failures.install + failures.upgrade > 0, 'it makes pauses');
    if (!mayUninstall(rules)) assert.ok(!did.includes('uninstall'), 'nothing is removed unasked');
    return [...did.map((action) => action.replace(/ \d+/, '')), end];
  });
}

function mayUninstall(rules: Rules): boolean {
  if (rules.of === 'helm-operator') return !rules.keepsFailedInstall;
  const { install, upgrade } = rules;
  const canRemedy = (strategy: Strategy) => strategy.name === 'RemediateOnFailure';
  return canRemedy(install) || (canRemedy(upgrade) && upgrade.strategy === 'uninstall');
}

function inOrder<T>(outcomes: readonly T[]): () => T | 'good' {
  let at = 0;
  return () => outcomes[at++] ?? 'good';
}

/** Every action and every end that a turn can have; one action is rare, and among the cases below. */
const EVERYTHING = [
  ...['install', 'upgrade', 'test', 'rollback', 'uninstall', 'resume', 'unlock'],
  ...['done', 'wait', 'at-once', 'back-off', 'every', 'died'],
  ...['stalled RetriesExceeded', 'stalled MissingRollbackTarget'],
];

test(`${SEQUENCES} sequences of outcomes go as documented`, (context) => {
  const seen = new Set<string>();
  let turns = 0;
  const run = fc.check(
    fc.property(sequences, (sequence) => {
      const told = play(sequence);
      turns += told.length;
      for (const one of told.flat()) seen.add(one);
    }),
    { numRuns: SEQUENCES, seed: SEED },
  );
  assert.ok(!run.failed, fc.defaultReportMessage(run) ?? '');
  assert.deepEqual(
    EVERYTHING.filter((one) => !seen.has(one)),
    [],
    'each was reached',
  );
  context.diagnostic(`${turns} turns`);
});

const ROLLBACK: Rules = {
  of: 'helm-operator',
  keepsFailedInstall: false,
  rollback: { enable: true, retry: false, maxRetries: 0 },
  test: { enable: false, ignoreFailures: false },
};
const ROLLBACK_TESTED: Rules = { ...ROLLBACK, test: { enable: true, ignoreFailures: false } };
const REMEDIATE: Strategy = {
  ...{ name: 'RemediateOnFailure', retries: 0, remediateLastFailure: true },
  ...{ strategy: 'rollback', ignoreTestFailures: false },
};
const CONTROLLER: Rules = {
  ...{ of: 'helm-controller', install: REMEDIATE, upgrade: REMEDIATE },
  test: { enable: true },
};
const RESYNC: Event = { kind: 'resync' };
const BUILD: Event = { kind: 'build' };
const input = (values: string): Event => ({ kind: 'input', values });

/** What the model found, by what must not be. */
const FOUND: readonly (readonly [
  name: string,
  rules: Rules,
  ...turns: readonly (readonly [event: Event, ends: readonly Outcome[], told: string])[],
])[] = [
  [
    'new content of a chart is missed after the install before it died',
    ROLLBACK,
    [RESYNC, ['dies-after-good'], 'install, died'],
    [BUILD, [], 'upgrade, done'],
  ],
  [
    'an attempt is finished though the chart has another content by now',
    ROLLBACK,
    [RESYNC, [], 'install, done'],
    [BUILD, ['dies'], 'upgrade, died'],
    [BUILD, [], 'unlock, upgrade, done'],
  ],
  [
    'a rollback that died is begun anew',
    ROLLBACK,
    [RESYNC, [], 'install, done'],
    [input('1'), ['failed', 'dies'], 'upgrade, rollback, died'],
    [RESYNC, [], 'resume-rollback, stalled RetriesExceeded'],
  ],
  [
    'a rollback that died goes before what a person asks for',
    ROLLBACK,
    [RESYNC, [], 'install, done'],
    [BUILD, ['failed', 'dies'], 'upgrade, rollback, died'],
    [{ kind: 'ask', request: 'force' }, [], 'unlock, upgrade, done'],
  ],
  [
    'a rollback leads to a revision that was never finished',
    ROLLBACK_TESTED,
    [input('0'), ['dies'], 'install, died'],
    [input('1'), ['refused'], 'unlock, upgrade, back-off'],
    [input('0'), ['good', 'failed'], 'upgrade, test, stalled MissingRollbackTarget'],
  ],
  [
    'a rollback leads to what had been uninstalled',
    ROLLBACK,
    [RESYNC, [], 'install, done'],
    [{ kind: 'others', does: 'keep' }, ['dies-after-bad'], 'install, died'],
    [RESYNC, ['failed'], 'upgrade, stalled MissingRollbackTarget'],
  ],
  [
    'what a rollback brought back is tested',
    CONTROLLER,
    [RESYNC, [], 'install, test, done'],
    [input('1'), ['failed'], 'upgrade, rollback, stalled RetriesExceeded'],
    [input('0'), ['failed'], 'done'],
  ],
  [
    'what somebody else left failed is uninstalled for an install of ours that had failed',
    ROLLBACK,
    [RESYNC, ['failed'], 'install, uninstall, back-off'],
    [{ kind: 'others', does: 'fail' }, [], 'upgrade, done'],
  ],
];
for (const [name, rules, ...turns] of FOUND) {
  test(`never: ${name}`, () => {
    const steps = turns.map(([event, outcomes]) => ({ event, outcomes }));
    assert.deepEqual(
      play({ rules, steps }).map((told) => told.join(', ')),
      turns.map(([, , told]) => told),
    );
  });
}
