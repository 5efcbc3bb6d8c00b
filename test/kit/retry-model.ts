// SPDX-License-Identifier: Apache-2.0

/**
 * What both original operators document of attempts, budgets, remedies and tests, told once more in their own words and
 * independently of `decide`, `observe` and `remember`: it knows what is in the cluster, they have to find out.
 *
 * Source: spec helm-operator.md §2.5, §2.6, §3; helm-controller.md §1.2, §2.4. `ours` where the originals are stuck.
 */

import {
  type Attempt,
  type Consequence,
  consequence,
  type Outcome,
  type Rules,
  type Told,
  type Wanted,
} from './retry-rules.ts';

interface Revision {
  readonly number: number;
  readonly what: string;
  readonly isOurs: boolean;
  status: 'deployed' | 'failed' | 'superseded' | 'uninstalled' | 'pending';
  doing: Attempt | 'rollback' | 'uninstall';
  since: number;
  isGood: boolean;
}

const EXCEEDED = 'stalled RetriesExceeded';
const FAMILIES = [
  ['install', 'upgrade'],
  ['rollback', 'uninstall'],
  ['resume'],
  ['unlock'],
  ['test'],
];

const NEVER = -1;
const REFUSED = -2;

class Death extends Error {}

/** What the operator knows of its attempts; what it has not written is gone when it dies. */
const NOTHING = {
  last: undefined as Attempt | undefined,
  failures: { install: 0, upgrade: 0 },
  inputs: '',
  /** Generation and build of what was released last. */
  generation: -1,
  build: NEVER,
  test: undefined as { readonly number: number; readonly isGood: boolean } | undefined,
  isForced: false,
  mustReset: false,
};

export class RetryModel {
  revisions: Revision[] = [];
  wanted: Wanted = { generation: 1, values: '0', version: 0, build: 0 };
  hour = 0;
  known: typeof NOTHING = structuredClone(NOTHING);
  readonly #rules: Rules;
  #written: typeof NOTHING = structuredClone(NOTHING);

  constructor(rules: Rules) {
    this.#rules = rules;
  }

  get #newest(): Revision | undefined {
    return this.revisions.at(-1);
  }

  get what(): string {
    const { values, version, build } = this.wanted;
    return `${version}.${build} ${values}`;
  }

  /** A person asks; the newest request is the one that counts. */
  ask(request: 'force' | 'reset'): void {
    for (const known of [this.known, this.#written]) {
      known.isForced = request === 'force';
      known.mustReset = request === 'reset';
    }
  }

  /** A revision as somebody else leaves it. */
  addByOthers(what: string, status: 'deployed' | 'failed' | 'pending'): void {
    const number = (this.#newest?.number ?? 0) + 1;
    const own = { number, what, isOurs: false, doing: 'upgrade', since: this.hour } as const;
    this.revisions.push({ ...own, status: 'pending', isGood: false });
    if (status !== 'pending') this.#settle(status);
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
      this.known = structuredClone(this.#written);
    }
    return { did, end, failures: { ...this.known.failures } };
  }

  /** Each type of action at most once; a remedy ends the turn. Source: hc §2.4 (loop rules) */
  #run(did: string[], next: () => Outcome): string {
    const { known } = this;
    const inputs = JSON.stringify(this.wanted);
    if (known.mustReset || (known.inputs !== '' && known.inputs !== inputs))
      known.failures = { install: 0, upgrade: 0 };
    const isSame = known.inputs === inputs;
    Object.assign(known, { inputs, mustReset: false });
    for (;;) {
      const action = this.#nextAction(isSame);
      const [kind = ''] = action.split(' ');
      const family = FAMILIES.find((kinds) => kinds.includes(kind));
      if (family === undefined) return this.#rest(action);
      if (did.some((one) => family.includes(one.split(' ')[0] ?? ''))) return this.#later();
      did.push(action);
      const end = this.#do(action, kind === 'unlock' ? 'good' : next());
      if (end !== undefined) return end;
    }
  }

  #rest(end: string): string {
    // ho §3.1: a success forgets; hc: "Failure-counter reset" names no success.
    const forgets = end === 'done' && this.#rules.of === 'helm-operator';
    if (forgets) this.known.failures = { install: 0, upgrade: 0 };
    return end;
  }

  /** The same type is due again. */
  #later(): string {
    const { failures } = this.known;
    if (this.#isOver()) return EXCEEDED;
    return failures.install + failures.upgrade > 0 ? this.#consequence().pace : 'back-off';
  }

  #consequence(attempt: Attempt = this.known.last ?? 'upgrade'): Consequence {
    return consequence(this.#rules, attempt, this.known.failures[attempt]);
  }

  #isOver(attempt: Attempt = this.known.last ?? 'upgrade'): boolean {
    return this.known.failures[attempt] > 0 && this.#consequence(attempt).isOver;
  }

  /** Source: ho §2.5; hc §2.4 (state determination, next action) */
  #nextAction(isSame: boolean): string {
    const newest = this.#newest;
    const { isForced } = this.known;
    if (newest === undefined || newest.status === 'uninstalled')
      return this.#isOver('install') && !isForced ? EXCEEDED : 'install';
    if (newest.status === 'pending') return this.#whenPending(newest, isSame);
    const isUnmanaged = this.#rules.of === 'helm-controller' && !newest.isOurs;
    if (isUnmanaged || newest.status === 'superseded') return 'upgrade';
    if (newest.status === 'failed') return this.#whenFailed(newest);
    if (this.#differs(newest)) return this.#isOver('upgrade') && !isForced ? EXCEEDED : 'upgrade';
    if (isForced) return 'upgrade';
    return this.#whenTestable(newest);
  }

  /** ho §3.2: after each install and upgrade, not after a rollback; hc: Untested, then Failed. */
  #whenTestable(newest: Revision): string {
    const { test, last } = this.known;
    if (!this.#rules.test.enable || last === undefined) return 'done';
    if (test === undefined) return 'test';
    if (test.isGood || this.#ignoresTests()) return 'done';
    return test.number === newest.number ? this.#whenFailed(newest) : 'test';
  }

  /** ours: what is ours is finished if it is still wanted; hc: Locked; ours for ho: others get their time. */
  #whenPending({ isOurs, doing, what, since }: Revision, isSame: boolean): string {
    const isWanted = doing === 'uninstall' || (isSame && what === this.what);
    if (isOurs) return isWanted ? 'resume' : 'unlock';
    return this.#rules.of === 'helm-controller' || this.hour > since ? 'unlock' : 'wait';
  }

  #whenFailed({ number }: Revision): string {
    const { last, failures, isForced } = this.known;
    if (last === undefined || failures[last] === 0 || isForced) return 'upgrade';
    const { undo, isOver } = this.#consequence();
    if (undo === 'nothing') return isOver ? EXCEEDED : 'upgrade';
    if (undo === 'uninstall') return 'uninstall';
    const target = this.revisions.findLast(
      (one) => one.number < number && one.isGood && one.status !== 'uninstalled',
    );
    return target === undefined ? 'stalled MissingRollbackTarget' : `rollback ${target.number}`;
  }

  /** ho §2.5.5: an edit is a change; hc: chart or values. */
  #differs({ what }: Revision): boolean {
    const { last, generation, build } = this.known;
    const isEdited = this.#rules.of === 'helm-operator' && generation !== this.wanted.generation;
    const isOther = build !== NEVER && build !== this.wanted.build;
    return what !== this.what || last === undefined || isEdited || isOther;
  }

  #ignoresTests(): boolean {
    const { last = 'upgrade' } = this.known;
    return this.#rules.of === 'helm-operator'
      ? this.#rules.test.ignoreFailures
      : this.#rules[last].ignoreTestFailures;
  }

  /** @returns how the turn ends, or `undefined`: it goes on */
  #do(action: string, outcome: Outcome): string | undefined {
    const [kind, number] = action.split(' ');
    switch (kind) {
      case 'install':
      case 'upgrade':
        Object.assign(this.known, { last: kind, test: undefined, isForced: false });
        this.#write();
        return this.#change(kind, this.what, outcome);
      case 'rollback': {
        const target = this.revisions.find((one) => one.number === Number(number));
        this.#write();
        return this.#change('rollback', target?.what ?? '', outcome) ?? this.#afterRemedy();
      }
      case 'uninstall':
        this.#write();
        return this.#remove(outcome) ?? this.#afterRemedy('uninstall');
      case 'test':
        this.#write();
        return this.#test(outcome);
      case 'resume':
        return this.#resume(outcome);
      default:
        return this.#settle('failed');
    }
  }

  /** A new revision, unless nothing was stored. */
  #change(doing: Attempt | 'rollback', what: string, outcome: Outcome): string | undefined {
    if (outcome === 'refused') return doing === 'rollback' ? 'back-off' : this.#refused();
    const number = (this.#newest?.number ?? 0) + 1;
    const own = { number, what, doing, isOurs: true, since: this.hour };
    this.revisions.push({ ...own, status: 'pending', isGood: false });
    return this.#end(outcome);
  }

  #refused(): string {
    const { pace } = this.#consequence();
    return pace === 'every' ? pace : 'back-off';
  }

  #resume(outcome: Outcome): string | undefined {
    const isRemoval = this.#newest?.doing === 'uninstall';
    if (isRemoval) return this.#remove(outcome);
    return outcome === 'refused' ? this.#refused() : this.#end(outcome);
  }

  /** How the pending revision ends. */
  #end(outcome: Outcome): string | undefined {
    const doing = this.#newest?.doing;
    if (outcome === 'dies') throw new Death();
    this.#settle(outcome.endsWith('good') ? 'deployed' : 'failed');
    if (doing === 'rollback' && outcome.endsWith('good')) this.#forgetRefused();
    if (outcome.startsWith('dies')) throw new Death();
    if (doing === 'rollback') return outcome === 'good' ? undefined : 'back-off';
    if (outcome === 'good') this.#released();
    else this.#count();
    return undefined;
  }

  /** ours: what tests refused and a rollback took away counts as nothing released. */
  #forgetRefused(): void {
    for (const known of [this.known, this.#written])
      if (known.test?.isGood === false) known.build = REFUSED;
  }

  #settle(status: 'deployed' | 'failed'): undefined {
    const newest = this.#newest;
    if (status === 'deployed')
      for (const one of this.revisions) if (one.status === 'deployed') one.status = 'superseded';
    if (newest !== undefined) Object.assign(newest, { status, isGood: status === 'deployed' });
  }

  #released(): void {
    const { generation, build } = this.wanted;
    Object.assign(this.known, { generation, build });
    // hc §2.4 (actions): with the retry strategy a success clears all counters.
    if (this.#consequence().pace === 'every') this.known.failures = { install: 0, upgrade: 0 };
  }

  #count(): void {
    const { last, failures } = this.known;
    if (last !== undefined) failures[last]++;
  }

  #remove(outcome: Outcome): string | undefined {
    const newest = this.#newest;
    if (outcome === 'refused' || outcome === 'failed') return 'back-off';
    if (outcome === 'good' || outcome === 'dies-after-good') this.revisions = [];
    else if (newest !== undefined) Object.assign(newest, { status: 'pending', doing: 'uninstall' });
    if (outcome !== 'good') throw new Death();
    return undefined;
  }

  #test(outcome: Outcome): string | undefined {
    const newest = this.#newest;
    if (outcome === 'refused') return 'back-off';
    if (outcome.startsWith('dies')) throw new Death();
    const isGood = outcome === 'good';
    this.known.test = { number: newest?.number ?? 0, isGood };
    if (isGood || this.#ignoresTests()) return undefined;
    if (newest !== undefined) newest.isGood = false;
    this.#count();
    return undefined;
  }

  /** hc: what was uninstalled after an upgrade is installed anew in any case. */
  #afterRemedy(remedy?: 'uninstall'): string {
    const isAnew = remedy === 'uninstall' && this.known.last === 'upgrade';
    return this.#isOver() && !isAnew ? EXCEEDED : this.#consequence().pace;
  }

  #write(): void {
    this.#written = structuredClone(this.known);
  }
}
