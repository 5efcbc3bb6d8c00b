// SPDX-License-Identifier: Apache-2.0

/** Random histories of one HelmRelease, played in any world: what must hold whatever happens. */

import assert from 'node:assert/strict';
import type { FailurePolicy, ReleaseIntent } from '@helm-operator/api';
import type { ReleaseRecord } from '@helm-operator/helm';
import type { JsonObject } from '@helm-operator/kube';
import type { TurnResult } from '@helm-operator/operator';
import fc from 'fast-check';
import type { AttemptEnd, AttemptScript } from './attempt-script.ts';

/** One HelmRelease somewhere, whose attempts end as they are told to. */
export interface HistoryWorld extends Pick<AttemptScript, 'ends' | 'actions'> {
  start(values: JsonObject): Promise<void>;
  edit(values: JsonObject): Promise<void>;
  /** The same version with another content. */
  changeChart(): void;
  /** Values that come from a Secret. */
  changeInput(n: number): Promise<void>;
  /** Somebody else upgrades the release behind our back. */
  upgradeByOthers(): Promise<void>;
  turn(): Promise<TurnResult | 'crashed'>;
  records(): Promise<readonly ReleaseRecord[]>;
  status(): Promise<JsonObject>;
}

type Event =
  | { readonly kind: 'values'; readonly n: number }
  | { readonly kind: 'chart' }
  | { readonly kind: 'input'; readonly n: number }
  | { readonly kind: 'others' }
  | { readonly kind: 'resync' };

export interface History {
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

export const histories: fc.Arbitrary<History> = fc.record({
  install: policy(['none', 'uninstall']),
  upgrade: policy(['none', 'rollback', 'uninstall']),
  hasTests: fc.boolean(),
  steps: fc.array(
    fc.record({
      event: fc.oneof(
        fc.record({ kind: fc.constant('values' as const), n: fc.integer({ min: 0, max: 3 }) }),
        fc.constant<Event>({ kind: 'chart' }),
        fc.record({ kind: fc.constant('input' as const), n: fc.integer({ min: 0, max: 3 }) }),
        fc.constant<Event>({ kind: 'others' }),
        fc.constant<Event>({ kind: 'resync' }),
      ),
      ends: fc.array(end, { maxLength: 4 }),
    }),
    { minLength: 1, maxLength: 6 },
  ),
});

/** The policies of a history, for the intent its world decodes. */
export function withPolicies(
  { install, upgrade, hasTests }: History,
  intent: ReleaseIntent,
): ReleaseIntent {
  return {
    ...intent,
    onFailure: { install, upgrade },
    test: { ...intent.test, isEnabled: hasTests },
  };
}

/** More turns than any history with four bad ends may take for one event. */
const MAX_TURNS = 16;

/**
 * Plays a history to its end, which is a good edit.
 *
 * @returns what each turn did and left, a line each: the same in every world
 */
export async function playHistory(history: History, world: HistoryWorld): Promise<string[]> {
  const play = new Play(history, world);
  await play.run();
  return play.trace;
}

/** Of each HelmRelease of a history: the Secret of `changeInput`. */
export const INPUTS = 'inputs';
export const VALUES_FROM_INPUTS: JsonObject = {
  valuesFrom: [{ secretKeyRef: { name: INPUTS, optional: true } }],
};

/** A record as somebody else's upgrade would leave it. */
export function othersRecord(last: ReleaseRecord): ReleaseRecord {
  const config = new Map([...(last.config ?? []), ['n', OTHERS_N] as const]);
  const info = { ...last.info, description: 'Upgrade complete' };
  const { revision } = last;
  return {
    ...last,
    revision: revision + 1,
    config,
    info,
    mark: undefined,
    resourceVersion: undefined,
  };
}
const OTHERS_N = 1_000;

class Play {
  readonly trace: string[] = [];
  /** What shall be released in the end. */
  readonly #wanted: { n: number; input: number | undefined } = { n: -1, input: undefined };
  readonly #history: History;
  readonly #world: HistoryWorld;
  /** The newest revision after the last turn. */
  #newest = 0;

  constructor(history: History, world: HistoryWorld) {
    this.#history = history;
    this.#world = world;
  }

  async run(): Promise<void> {
    await this.#world.start({ n: -1 });
    for (const { event, ends } of this.#history.steps) {
      this.trace.push(JSON.stringify(event));
      await this.#happen(event);
      this.#world.ends.push(...ends);
      await this.#settle();
    }
    // Nothing stands in the way of the last edit.
    this.#world.ends.length = 0;
    await this.#happen({ kind: 'values', n: 99 });
    await this.#settle();
    const last = (await this.#world.records()).at(-1);
    assert.equal(last?.info.status, 'deployed', 'a good edit is released');
    assert.equal(last.config?.get('n'), 99);
    const status = await this.#world.status();
    assert.equal(status['phase'], 'Succeeded');
  }

  async #happen(event: Event): Promise<void> {
    switch (event.kind) {
      case 'values':
        this.#wanted.n = event.n;
        return this.#world.edit({ n: event.n });
      case 'chart':
        return this.#world.changeChart();
      case 'input':
        this.#wanted.input = event.n;
        return this.#world.changeInput(event.n);
      case 'others':
        return this.#world.upgradeByOthers();
      case 'resync':
    }
  }

  async #settle(): Promise<void> {
    for (let turns = 0; turns < MAX_TURNS; turns++) {
      const before = this.#world.actions.length;
      const result = await this.#world.turn();
      await this.#check(this.#world.actions.slice(before), result);
      if (result !== 'crashed' && result.next.kind === 'rest') return this.#checkRest();
    }
    assert.fail('it never comes to rest');
  }

  /** What is called a success is one. */
  async #checkRest(): Promise<void> {
    const { phase } = (await this.#world.status()) as StatusFacts;
    if (phase !== 'Succeeded') return;
    const last = (await this.#world.records()).at(-1);
    const is = { n: last?.config?.get('n'), input: last?.config?.get('input') };
    assert.deepEqual(is, this.#wanted, 'what is wanted is released');
    assert.equal(last?.info.status, 'deployed');
  }

  /** Counters never pass what the policies allow, and what left no revision is not tried again at once. */
  #checkPace(
    actions: readonly string[],
    { next }: TurnResult,
    { attempt = {} }: StatusFacts,
  ): void {
    const { install, upgrade } = this.#history;
    assert.ok((attempt.installFailures ?? 0) <= install.retries + 1, 'installs are counted');
    // No dialect has both: an install that failed is kept and upgraded, and that upgrade is uninstalled, in turns.
    const isInTurns = install.remedy === 'none' && upgrade.remedy === 'uninstall';
    if (!isInTurns)
      assert.ok((attempt.upgradeFailures ?? 0) <= upgrade.retries + 1, 'upgrades are counted');
    const isAtOnce = next.kind === 'later' && next.afterMs === 0;
    const hasCounted = (attempt.installFailures ?? 0) + (attempt.upgradeFailures ?? 0) > 0;
    if (isAtOnce) assert.ok(hasCounted || actions.length === 0, 'it backs off');
  }

  async #check(actions: readonly string[], result: TurnResult | 'crashed'): Promise<void> {
    const records = await this.#world.records();
    const status = (await this.#world.status()) as StatusFacts;
    this.trace.push(traceLine(actions, result, records, status));
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
    const newest = records.at(-1)?.revision ?? 0;
    const isNew = newest > this.#newest;
    this.#newest = newest;
    if (result === 'crashed') return;
    this.#checkPace(actions, result, status);
    assert.ok(!records.some(({ info }) => info.status.startsWith('pending-')), 'nothing is left');
    // An upgrade that left no revision leaves nothing to roll back.
    if (isNew) this.#checkRollback(actions, records, status);
  }

  /** A rollback that is due happens in the turn of the failure. Source: fluxcd/flux2#5916. */
  #checkRollback(
    actions: readonly string[],
    records: readonly ReleaseRecord[],
    { attempt = {} }: StatusFacts,
  ): void {
    const { upgrade } = this.#history;
    const last = records.at(-1);
    const hasGood = records
      .slice(0, -1)
      .some(
        ({ info, hooks }) =>
          info.status === 'superseded' &&
          info.description.endsWith('complete') &&
          !hooks.some(
            ({ events, lastRun }) => events.includes('test') && lastRun.phase === 'Failed',
          ),
      );
    if (last?.info.status !== 'failed' || !actions.includes('upgrade') || !hasGood) return;
    if (upgrade.remedy !== 'rollback') return;
    const isLast = (attempt.upgradeFailures ?? 0) > upgrade.retries;
    assert.ok(isLast && !upgrade.mustRemedyLast, `a rollback was due: ${actions.join(', ')}`);
  }
}

interface StatusFacts {
  readonly phase?: string;
  readonly attempt?: {
    readonly action?: string;
    readonly installFailures?: number;
    readonly upgradeFailures?: number;
  };
}

function traceLine(
  actions: readonly string[],
  result: TurnResult | 'crashed',
  records: readonly ReleaseRecord[],
  { phase = '', attempt = {} }: StatusFacts,
): string {
  const end = result === 'crashed' ? result : result.next.kind;
  const kept = records.map(({ revision, info }) => `${revision} ${info.status}`).join(', ');
  const { installFailures = 0, upgradeFailures = 0 } = attempt;
  return `${actions.join(', ')} → ${end}; ${kept}; ${phase} ${installFailures}/${upgradeFailures}`;
}
