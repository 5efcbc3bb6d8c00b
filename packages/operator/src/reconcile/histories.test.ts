// SPDX-License-Identifier: Apache-2.0

/** Random histories of one HelmRelease: what must hold whatever happens. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FailurePolicy, ReleaseIntent } from '@helm-operator/api';
import fc from 'fast-check';
import { type AttemptEnd, ReconcileWorld } from '../../../../test/kit/reconcile-world.ts';

type Event =
  | { readonly kind: 'values'; readonly n: number }
  | { readonly kind: 'chart' }
  | { readonly kind: 'resync' };

interface History {
  readonly install: FailurePolicy;
  readonly upgrade: FailurePolicy;
  readonly hasTests: boolean;
  readonly steps: readonly { readonly event: Event; readonly ends: readonly AttemptEnd[] }[];
}

const pace = fc.constantFrom<FailurePolicy['pace']>({ kind: 'at-once' }, { kind: 'back-off' });
const policy = (remedies: readonly FailurePolicy['remedy'][]): fc.Arbitrary<FailurePolicy> =>
  fc.record({
    remedy: fc.constantFrom(...remedies),
    retries: fc.constantFrom(0, 1, 2, Infinity),
    mustRemedyLast: fc.boolean(),
    pace,
  });
const end = fc.oneof(
  { weight: 3, arbitrary: fc.constant<AttemptEnd>('good') },
  fc.constantFrom<AttemptEnd>('bad-render', 'bad-apply', 'bad-test'),
  fc.record({ crashAt: fc.integer({ min: 1, max: 14 }) }),
);
const history: fc.Arbitrary<History> = fc.record({
  install: policy(['none', 'uninstall']),
  upgrade: policy(['none', 'rollback', 'uninstall']),
  hasTests: fc.boolean(),
  steps: fc.array(
    fc.record({
      event: fc.oneof(
        fc.record({ kind: fc.constant('values' as const), n: fc.integer({ min: 0, max: 3 }) }),
        fc.constant<Event>({ kind: 'chart' }),
        fc.constant<Event>({ kind: 'resync' }),
      ),
      ends: fc.array(end, { maxLength: 4 }),
    }),
    { minLength: 1, maxLength: 6 },
  ),
});

/** More turns than any history with four bad ends may take for one event. */
const MAX_TURNS = 16;

class Play {
  readonly #history: History;
  readonly #world: ReconcileWorld;

  constructor(given: History) {
    this.#history = given;
    const { install, upgrade, hasTests } = given;
    this.#world = new ReconcileWorld({
      intent: (intent: ReleaseIntent) => ({
        ...intent,
        onFailure: { install, upgrade },
        test: { ...intent.test, isEnabled: hasTests },
      }),
    });
  }

  async run(): Promise<void> {
    await this.#world.start({ n: -1 });
    for (const { event, ends } of this.#history.steps) {
      if (event.kind === 'values') await this.#world.edit({ n: event.n });
      if (event.kind === 'chart') this.#world.changeChart();
      this.#world.ends.push(...ends);
      await this.#settle();
    }
    // Nothing stands in the way of the last edit.
    this.#world.ends.length = 0;
    await this.#world.edit({ n: 99 });
    await this.#settle();
    const last = (await this.#world.records()).at(-1);
    assert.equal(last?.info.status, 'deployed', 'a good edit is released');
    assert.equal(last.config?.get('n'), 99);
    const status = await this.#world.status();
    assert.equal(status['phase'], 'Succeeded');
  }

  async #settle(): Promise<void> {
    for (let turns = 0; turns < MAX_TURNS; turns++) {
      const before = this.#world.actions.length;
      const result = await this.#world.turn();
      await this.#check(this.#world.actions.slice(before), result);
      if (result !== 'crashed' && result.next.kind === 'rest') return;
    }
    assert.fail('it never comes to rest');
  }

  async #check(
    actions: readonly string[],
    result: Awaited<ReturnType<ReconcileWorld['turn']>>,
  ): Promise<void> {
    const records = await this.#world.records();
    const deployed = records.filter(({ info }) => info.status === 'deployed');
    assert.ok(deployed.length <= 1 || result === 'crashed', 'one revision is deployed at most');
    const revisions = records.map(({ revision }) => revision);
    assert.deepEqual(revisions, [...new Set(revisions)], 'no revision twice');
    for (const family of [['install', 'upgrade'], ['rollback', 'uninstall'], ['test']]) {
      const count = actions.filter((action) => family.includes(action)).length;
      assert.ok(count <= 1, `${actions.join(', ')}: each family once a turn`);
    }
    const { install, upgrade } = this.#history;
    const mayUninstall = install.remedy === 'uninstall' || upgrade.remedy === 'uninstall';
    if (!mayUninstall) assert.ok(!actions.includes('uninstall'), 'nothing is removed unasked');
    if (upgrade.remedy !== 'rollback') assert.ok(!actions.includes('rollback'));
    if (result === 'crashed') return;
    assert.ok(!records.some(({ info }) => info.status.startsWith('pending-')), 'nothing is left');
    await this.#checkRollback(actions, result.next.kind);
  }

  /** A rollback that is due happens in the turn of the failure. Source: fluxcd/flux2#5916. */
  async #checkRollback(actions: readonly string[], next: string): Promise<void> {
    const { upgrade } = this.#history;
    const records = await this.#world.records();
    const last = records.at(-1);
    const hasGood = records
      .slice(0, -1)
      .some(({ info }) => info.status === 'superseded' && info.description.endsWith('complete'));
    if (last?.info.status !== 'failed' || !actions.includes('upgrade') || !hasGood) return;
    if (upgrade.remedy !== 'rollback') return;
    const { attempt = {} } = (await this.#world.status()) as {
      attempt?: { action?: string; upgradeFailures?: number };
    };
    const isLast = (attempt.upgradeFailures ?? 0) > upgrade.retries;
    assert.ok(
      isLast && !upgrade.mustRemedyLast,
      `a rollback was due: ${actions.join(', ')}, ${next}`,
    );
  }
}

const RUNS = Number(process.env['HISTORIES'] ?? 150);
test(`${RUNS} random histories end as they should`, async () => {
  await fc.assert(
    fc.asyncProperty(history, (given) => new Play(given).run()),
    { numRuns: RUNS, seed: Number(process.env['SEED'] ?? 42) },
  );
});
