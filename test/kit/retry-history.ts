// SPDX-License-Identifier: Apache-2.0

/** What attempts leave in Helm's storage, whether or not their operator lives to tell. */

import type { Attempt, Outcome, Wanted } from './retry-rules.ts';

export interface Revision {
  readonly number: number;
  /** Its content. */
  readonly what: string;
  /** Which one it was released for. */
  readonly generation: number;
  readonly isOurs: boolean;
  /** Helm counts anew, or not, after an uninstall; what was before is another release. */
  readonly installation: number;
  readonly since: number;
  status: 'deployed' | 'failed' | 'superseded' | 'uninstalled' | 'pending';
  doing: Attempt | 'rollback' | 'uninstall';
  isGood: boolean;
  hasFailedTests: boolean;
  /** Its failure was counted. */
  isCounted: boolean;
  /** The operator knows how it ended. */
  isTold: boolean;
}

/** The operator dies. */
export class Death extends Error {}

export class StoredHistory {
  revisions: Revision[] = [];
  hour = 0;
  #installations = 0;

  get newest(): Revision | undefined {
    return this.revisions.at(-1);
  }

  /** Before the newest one, of the same installation. Source: hc §1.3 (Previous) */
  lastGood(canTestsFail: boolean): Revision | undefined {
    const { number = 0, installation } = this.newest ?? {};
    return this.revisions.findLast(
      (one) =>
        one.number < number &&
        one.installation === installation &&
        one.isGood &&
        (canTestsFail || !one.hasFailedTests),
    );
  }

  /** By an install or upgrade of ours, if it is still there. */
  get lastReleased(): Revision | undefined {
    const last = this.revisions.findLast(({ isOurs, doing }) => isOurs && doing !== 'rollback');
    return last?.isGood && last.status !== 'uninstalled' ? last : undefined;
  }

  begin(doing: Attempt | 'rollback', { what, generation }: Content, isOurs = true): void {
    const { newest } = this;
    if (newest === undefined || newest.status === 'uninstalled') this.#installations++;
    this.revisions.push({
      ...{
        number: (newest?.number ?? 0) + 1,
        doing,
        isOurs,
        isGood: false,
        isTold: false,
        hasFailedTests: false,
        isCounted: false,
      },
      ...{
        installation: this.#installations,
        since: this.hour,
        status: 'pending',
        what,
        generation,
      },
    });
  }

  settle(status: 'deployed' | 'failed'): void {
    const isGood = status === 'deployed';
    const former = isGood ? this.revisions.filter((one) => one.status === 'deployed') : [];
    for (const one of former) one.status = 'superseded';
    if (this.newest !== undefined) Object.assign(this.newest, { status, isGood });
  }

  /** @throws {Death} before, while or after it ended @returns whether it is good */
  end(outcome: Outcome): boolean {
    const isGood = outcome.endsWith('good');
    if (outcome !== 'dies') this.settle(isGood ? 'deployed' : 'failed');
    if (outcome.startsWith('dies')) throw new Death();
    return isGood;
  }

  /** @throws {Death} before, while or after it ended @returns whether it is gone */
  remove(outcome: Outcome): boolean {
    if (outcome.endsWith('good')) this.revisions = [];
    else if (this.newest !== undefined && (outcome === 'dies' || outcome === 'dies-after-bad'))
      Object.assign(this.newest, { status: 'pending', doing: 'uninstall' });
    if (outcome.startsWith('dies')) throw new Death();
    return outcome === 'good';
  }
}

export interface Content {
  readonly what: string;
  readonly generation: number;
}

export function contentOf({ values, version, build, generation }: Wanted): Content {
  return { what: `${version}.${build} ${values}`, generation };
}
