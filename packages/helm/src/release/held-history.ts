// SPDX-License-Identifier: Apache-2.0

import type { Clock } from '@helm-operator/kube';
import type { ReleaseRecord } from './record.ts';
import type { ReleaseHistory, ReleaseStorage, StorageCallOptions } from './storage.ts';

/** How long a history that was read stands for what is stored, in milliseconds; then it is read anew. */
const HELD_MS = 10_000;

interface Held {
  readonly name: string;
  readonly history: ReleaseHistory;
  readonly sinceMs: number;
}

/** A storage that remembers the history it read last, and what was written to it since. */
export interface HeldHistory extends ReleaseStorage {
  /** The next reader sees what is stored. */
  forget(): void;
}

/**
 * For one who reads a history, decides, acts and looks again, all at once: what it read need not be listed and unpacked three times.
 * Somebody else's write in between is found by the writes themselves: each has a precondition, and one that fails ends the memory.
 */
export function holdHistory(storage: ReleaseStorage, clock: Clock): HeldHistory {
  return new HoldingStorage(storage, clock);
}

class HoldingStorage implements HeldHistory {
  readonly driver: ReleaseStorage['driver'];
  readonly namespace: string;
  readonly #storage: ReleaseStorage;
  readonly #clock: Clock;
  #held: Held | undefined;

  constructor(storage: ReleaseStorage, clock: Clock) {
    this.driver = storage.driver;
    this.namespace = storage.namespace;
    this.#storage = storage;
    this.#clock = clock;
  }

  forget(): void {
    this.#held = undefined;
  }

  async history(name: string, options?: StorageCallOptions): Promise<ReleaseHistory> {
    const nowMs = this.#clock.elapsedMs();
    const held = this.#held;
    if (held?.name === name && nowMs - held.sinceMs < HELD_MS) return held.history;
    const history = await this.#storage.history(name, options);
    this.#held = { name, history, sinceMs: nowMs };
    return history;
  }

  list(options?: StorageCallOptions): Promise<ReleaseHistory> {
    return this.#storage.list(options);
  }

  get(
    name: string,
    revision: number,
    options?: StorageCallOptions,
  ): Promise<ReleaseRecord | undefined> {
    return this.#storage.get(name, revision, options);
  }

  fit(record: ReleaseRecord): Promise<ReleaseRecord> {
    return this.#storage.fit(record);
  }

  create(record: ReleaseRecord, options?: StorageCallOptions): Promise<ReleaseRecord> {
    return this.#write(record, () => this.#storage.create(record, options));
  }

  update(record: ReleaseRecord, options?: StorageCallOptions): Promise<ReleaseRecord> {
    return this.#write(record, () => this.#storage.update(record, options));
  }

  async delete(
    name: string,
    revision: number,
    options?: StorageCallOptions,
  ): Promise<'deleted' | 'absent'> {
    const before = this.#take(name);
    const result = await this.#storage.delete(name, revision, options);
    this.#put(before, without(revision, before?.history));
    return result;
  }

  async #write(
    { name, revision }: ReleaseRecord,
    write: () => Promise<ReleaseRecord>,
  ): Promise<ReleaseRecord> {
    const before = this.#take(name);
    const stored = await write();
    const { records, corrupted } = without(revision, before?.history);
    const all = [...records, stored].toSorted((a, b) => a.revision - b.revision);
    this.#put(before, { records: all, corrupted });
    return stored;
  }

  /** Takes the memory away while a write is on its way: it comes back when that ends well. */
  #take(name: string): Held | undefined {
    const held = this.#held;
    this.#held = undefined;
    return held?.name === name ? held : undefined;
  }

  #put(before: Held | undefined, history: ReleaseHistory): void {
    if (before !== undefined) this.#held = { ...before, history };
  }
}

function without(revision: number, history: ReleaseHistory | undefined): ReleaseHistory {
  const { records = [], corrupted = [] } = history ?? {};
  return {
    records: records.filter((record) => record.revision !== revision),
    corrupted: corrupted.filter((record) => record.revision !== revision),
  };
}
