// SPDX-License-Identifier: Apache-2.0

import type { Clock } from '../clock.ts';
import type { CallOptions, ResourceTable } from '../cluster.ts';

/** How long a table is used without being asked to refresh. */
const TABLE_AGE_MS = 10 * 60_000;
/** An unknown kind refreshes the table, but not more often than this. */
const UNKNOWN_KIND_AGE_MS = 1_000;

interface Fetched {
  readonly table: ResourceTable;
  /** When the fetch began: what changed before that is in the table. */
  readonly sinceMs: number;
}

/** One table for all identities of a server; callers that ask together share one fetch. */
export class DiscoveryCache {
  readonly #fetch: (options: CallOptions) => Promise<ResourceTable>;
  readonly #clock: Clock;
  #latest: Fetched | undefined;
  #running: Promise<Fetched> | undefined;
  #next: Promise<Fetched> | undefined;

  constructor(fetch: (options: CallOptions) => Promise<ResourceTable>, clock: Clock) {
    this.#fetch = fetch;
    this.#clock = clock;
  }

  /** @param mustRefresh the table must have been read after this call began */
  async table(mustRefresh: boolean, signal: AbortSignal | undefined): Promise<ResourceTable> {
    signal?.throwIfAborted();
    const young = mustRefresh ? undefined : this.young();
    if (young !== undefined) return young;
    const fetched = await waitFor(mustRefresh ? this.#fresh() : this.#any(), signal);
    return fetched.table;
  }

  /** The table that is used without a request; none when it has to be read anew. */
  young(): ResourceTable | undefined {
    return this.#isYounger(TABLE_AGE_MS) ? this.#latest?.table : undefined;
  }

  /** The newest table, however old, without a request; none after `invalidate`. */
  known(): ResourceTable | undefined {
    return this.#latest?.table;
  }

  /** The table after a kind was not found in it: a newer one, unless it is brand-new already. */
  async tableAfterMiss(signal: AbortSignal | undefined): Promise<ResourceTable> {
    return this.table(!this.#isYounger(UNKNOWN_KIND_AGE_MS), signal);
  }

  /** The next call fetches anew, e.g. because a CRD changed. */
  invalidate(): void {
    this.#latest = undefined;
  }

  #isYounger(ageMs: number): boolean {
    return this.#latest !== undefined && this.#clock.elapsedMs() - this.#latest.sinceMs < ageMs;
  }

  #any(): Promise<Fetched> {
    this.#running ??= this.#start();
    return this.#running;
  }

  /** A fetch that is already running may have begun too early: then the one after it. */
  #fresh(): Promise<Fetched> {
    if (this.#running === undefined) return this.#any();
    this.#next ??= this.#running.then(
      () => this.#startNext(),
      () => this.#startNext(),
    );
    return this.#next;
  }

  #startNext(): Promise<Fetched> {
    this.#next = undefined;
    return this.#any();
  }

  /** Runs without the callers' signals: others may wait for the same table. */
  async #start(): Promise<Fetched> {
    const sinceMs = this.#clock.elapsedMs();
    try {
      const fetched = { table: await this.#fetch({}), sinceMs };
      this.#latest = fetched;
      return fetched;
    } finally {
      this.#running = undefined;
    }
  }
}

async function waitFor<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
