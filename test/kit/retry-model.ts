// SPDX-License-Identifier: Apache-2.0

/**
 * What both original operators document of attempts, budgets, remedies and tests, told once more in their own words and
 * independently of `decide`, `observe` and `remember`: it knows what is in the cluster, they have to find out.
 *
 * Source: spec helm-operator.md (ho) §2.5, §2.6, §3; helm-controller.md (hc) §1.2, §1.3, §2.4. `ours`: where the originals are stuck.
 */

import { contentOf, Death, type Revision, StoredHistory } from './retry-history.ts';
import {
  type Attempt,
  type Consequence,
  consequence,
  type Outcome,
  type Rules,
  type Told,
  type Wanted,
} from './retry-rules.ts';

const EXCEEDED = 'stalled RetriesExceeded';
/** hc §2.4 (loop rules): types of actions. */
const FAMILIES = [
  ['install', 'upgrade'],
  ['rollback', 'uninstall', 'resume-rollback'],
  ['resume'],
  ['unlock'],
  ['test'],
];

/** What the operator knows of its attempts; what it has not written is gone when it dies. */
interface Known {
  last: Attempt | undefined;
  failures: Record<Attempt, number>;
  wanted: Wanted | undefined;
  /** Of what was released last; `refused`: tests said no, and it was rolled back. */
  released: number | 'refused';
  test: { readonly number: number; readonly isGood: boolean } | undefined;
  isForced: boolean;
  mustReset: boolean;
}

const NOTHING: Known = {
  ...{ last: undefined, failures: { install: 0, upgrade: 0 }, wanted: undefined, released: 0 },
  ...{ test: undefined, isForced: false, mustReset: false },
};

export class RetryModel {
  readonly history: StoredHistory = new StoredHistory();
  wanted: Wanted = { generation: 1, values: '0', version: 0, build: 0 };
  readonly #rules: Rules;
  #known: Known = structuredClone(NOTHING);
  #written: Known = structuredClone(NOTHING);

  constructor(rules: Rules) {
    this.#rules = rules;
  }

  /** A person asks; the newest request is the one that counts. Source: hc §1.6 */
  ask(request: 'force' | 'reset'): void {
    for (const known of [this.#known, this.#written]) {
      known.isForced = request === 'force';
      known.mustReset = request === 'reset';
    }
  }

  turn(next: () => Outcome): Told {
    const did: string[] = [];
    let end: string;
    try {
      end = this.#run(did, next);
      this.#write();
    } catch (error) {
      if (!(error instanceof Death)) throw error;
      end = 'died';
      this.#known = structuredClone(this.#written);
    }
    return { did, end, failures: { ...this.#known.failures } };
  }

  #write(): void {
    this.#written = structuredClone(this.#known);
  }

  /** Each type of action at most once, a remedy ends the turn. Source: hc §2.4 (loop rules) */
  #run(did: string[], next: () => Outcome): string {
    this.#compareInputs();
    for (;;) {
      this.#find();
      const action = this.#nextAction();
      const [kind = ''] = action.split(' ');
      const family = FAMILIES.find((kinds) => kinds.includes(kind));
      if (family === undefined) return this.#rest(action);
      if (did.some((one) => family.includes(one.split(' ')[0] ?? ''))) return this.#later();
      did.push(action);
      const end = this.#do(kind, kind === 'unlock' ? 'good' : next());
      if (end !== undefined) return end;
    }
  }

  /** hc §2.4 (failure-counter reset); ours for ho §3.1, which never resets with the spec. */
  #compareInputs(): void {
    const known = this.#known;
    const isNew = known.wanted !== undefined && !isSame(known.wanted, this.wanted);
    if (known.mustReset || isNew) known.failures = { install: 0, upgrade: 0 };
    Object.assign(known, { mustReset: false, wanted: this.wanted });
  }

  /** How an attempt ended is known at once, or from the newest revision after a death. */
  #find(): void {
    const known = this.#known;
    const { newest, lastReleased } = this.history;
    if (newest?.isOurs && isRolledBack(newest) && !newest.isTold) {
      newest.isTold = true;
      // ours: what tests refused and a rollback took away counts as nothing released.
      if (known.test?.isGood === false) known.released = 'refused';
      this.#write();
    }
    if (lastReleased === undefined || lastReleased.isTold) return;
    lastReleased.isTold = true;
    known.released = lastReleased.generation;
    // hc §2.4 (actions, Install): with the retry strategy a success clears all counters.
    if (this.#consequence().pace === 'every') known.failures = { install: 0, upgrade: 0 };
  }

  #rest(end: string): string {
    // ho §3.1: a success ends the count; hc §2.4 (failure-counter reset) names none.
    const mustForget = end === 'done' && this.#rules.of === 'helm-operator';
    if (mustForget) this.#known.failures = { install: 0, upgrade: 0 };
    return end;
  }

  /** hc §2.4 (loop rules): the next type already ran. */
  #later(): string {
    const { failures } = this.#known;
    if (this.#isOver()) return EXCEEDED;
    return failures.install + failures.upgrade > 0 ? this.#consequence().pace : 'back-off';
  }

  #consequence(attempt: Attempt = this.#known.last ?? 'upgrade'): Consequence {
    return consequence(this.#rules, attempt, this.#known.failures[attempt]);
  }

  #isOver(attempt: Attempt = this.#known.last ?? 'upgrade'): boolean {
    return this.#known.failures[attempt] > 0 && this.#consequence(attempt).isOver;
  }

  /** ho §2.5; hc §2.4 (state determination, next action). */
  #nextAction(): string {
    const { newest } = this.history;
    const { isForced } = this.#known;
    if (newest === undefined || newest.status === 'uninstalled')
      return this.#isOver('install') && !isForced ? EXCEEDED : 'install';
    if (newest.status === 'pending') return this.#whenPending(newest);
    const isUnmanaged = this.#rules.of === 'helm-controller' && !newest.isOurs;
    if (isUnmanaged || newest.status === 'superseded') return 'upgrade';
    if (newest.status === 'failed') return this.#whenFailed();
    if (this.#differs(newest)) return this.#isOver('upgrade') && !isForced ? EXCEEDED : 'upgrade';
    return isForced ? 'upgrade' : this.#whenTestable(newest);
  }

  /** hc Locked; ours for ho §2.5.4: others get their time, what is ours is finished while it is due. */
  #whenPending({ isOurs, doing, what, generation, since }: Revision): string {
    const isAtOnce = this.#rules.of === 'helm-controller' || this.history.hour > since;
    if (!isOurs) return isAtOnce ? 'unlock' : 'wait';
    if (doing === 'uninstall') return 'resume';
    if (doing === 'rollback') return this.#remedy() === 'rollback' ? 'resume-rollback' : 'unlock';
    const wanted = contentOf(this.wanted);
    return what === wanted.what && generation === wanted.generation ? 'resume' : 'unlock';
  }

  /** hc Failed; ho §2.6 (rollback, uninstall). */
  #whenFailed(): string {
    const remedy = this.#remedy();
    if (remedy === 'nothing') return this.#isOver() ? EXCEEDED : 'upgrade';
    if (remedy !== 'rollback') return remedy ?? 'upgrade';
    const lastGood = this.history.lastGood(this.#ignoresTests());
    return lastGood ? `rollback ${lastGood.number}` : 'stalled MissingRollbackTarget';
  }

  /** @returns `undefined`: no attempt of ours failed, or a person asked */
  #remedy(): Consequence['undo'] | undefined {
    const { last, failures, isForced } = this.#known;
    if (last === undefined || failures[last] === 0 || isForced) return undefined;
    const { undo } = this.#consequence();
    // Nothing is uninstalled but what a failed attempt is known to have left.
    return undo === 'uninstall' && !this.history.newest?.isCounted ? undefined : undo;
  }

  /** ho §2.5.5: an edit is a change; hc: chart or values. */
  #differs({ what }: Revision): boolean {
    const { last, released } = this.#known;
    const wanted = contentOf(this.wanted);
    const isEdited = this.#rules.of === 'helm-operator' && released !== wanted.generation;
    return what !== wanted.what || last === undefined || released === 'refused' || isEdited;
  }

  /** ho §3.2: not after a rollback; hc §2.4: Untested (Rollback copies the verdict), then Failed. */
  #whenTestable(newest: Revision): string {
    const { test } = this.#known;
    if (!this.#rules.test.enable) return 'done';
    const isTestable = newest.doing !== 'rollback';
    if (test === undefined) return isTestable ? 'test' : 'done';
    if (test.isGood || this.#ignoresTests()) return 'done';
    return isTestable && test.number !== newest.number ? 'test' : this.#whenFailed();
  }

  #ignoresTests(): boolean {
    const { last = 'upgrade' } = this.#known;
    return this.#rules.of === 'helm-operator'
      ? this.#rules.test.ignoreFailures
      : this.#rules[last].ignoreTestFailures;
  }

  /** @returns how the turn ends, or `undefined`: it goes on */
  #do(kind: string, outcome: Outcome): string | undefined {
    const { history } = this;
    switch (kind) {
      case 'install':
      case 'upgrade':
        Object.assign(this.#known, { last: kind, test: undefined, isForced: false });
        this.#write();
        return this.#deploy(outcome, () => history.begin(kind, contentOf(this.wanted)));
      case 'rollback':
        this.#write();
        return this.#rollBack(outcome, () =>
          history.begin(kind, history.lastGood(this.#ignoresTests()) ?? LOST),
        );
      case 'resume-rollback':
        return this.#rollBack(outcome);
      case 'uninstall':
        this.#write();
        return history.remove(outcome) ? this.#afterRemedy('uninstall') : 'back-off';
      case 'resume':
        if (history.newest?.doing !== 'uninstall') return this.#deploy(outcome);
        return history.remove(outcome) ? undefined : 'back-off';
      case 'test':
        this.#write();
        return this.#test(outcome);
      default:
        history.settle('failed');
        return undefined;
    }
  }

  /** hc §2.4 (actions, Install): what left no revision is not counted. */
  #deploy(outcome: Outcome, begin?: () => void): string | undefined {
    if (outcome === 'dies-early') throw new Death();
    if (outcome === 'refused') return this.#consequence().pace === 'every' ? 'every' : 'back-off';
    begin?.();
    if (!this.history.end(outcome)) this.#count();
    return undefined;
  }

  /** ours: one that fails is tried again. */
  #rollBack(outcome: Outcome, begin?: () => void): string {
    if (outcome === 'dies-early') throw new Death();
    if (outcome === 'refused') return 'back-off';
    begin?.();
    const isGood = this.history.end(outcome);
    this.#find();
    return isGood ? this.#afterRemedy() : 'back-off';
  }

  /** hc §2.4 (loop rules): after remediate; what was uninstalled after an upgrade is installed anew in any case. */
  #afterRemedy(remedy?: 'uninstall'): string {
    const isAnew = remedy === 'uninstall' && this.#known.last === 'upgrade';
    return this.#isOver() && !isAnew ? EXCEEDED : this.#consequence().pace;
  }

  /** hc §2.4 (actions, Test); ho §2.6 (test). */
  #test(outcome: Outcome): string | undefined {
    const { newest } = this.history;
    if (outcome === 'refused') return 'back-off';
    if (outcome.startsWith('dies')) throw new Death();
    const isGood = outcome === 'good';
    this.#known.test = { number: newest?.number ?? 0, isGood };
    if (newest !== undefined) newest.hasFailedTests = !isGood;
    if (isGood || this.#ignoresTests()) return undefined;
    this.#count();
    return undefined;
  }

  #count(): void {
    const { last, failures } = this.#known;
    if (last !== undefined) failures[last]++;
    if (this.history.newest !== undefined) this.history.newest.isCounted = true;
  }
}

const LOST = { what: '', generation: 0 };

function isSame(one: Wanted, other: Wanted): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function isRolledBack({ doing, status }: Revision): boolean {
  return doing === 'rollback' && status === 'deployed';
}
