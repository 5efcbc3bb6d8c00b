// SPDX-License-Identifier: Apache-2.0

import { HelmError } from '../../errors.ts';
import { decodeRecord } from '../decode.ts';
import { encodeRecord } from '../encode.ts';
import { byRevision } from '../history.ts';
import { recordKey } from '../names.ts';
import type { ReleaseRecord } from '../record.ts';
import type { ReleaseHistory, ReleaseStorage } from '../storage.ts';
import type { DriverOptions } from './objects.ts';

interface Slot {
  readonly payload: string;
  readonly record: ReleaseRecord;
}

/** Records in memory, written and read as the other drivers do; for tests, `template` and dry runs. */
export function createMemoryStorage(options: Omit<DriverOptions, 'cluster'>): ReleaseStorage {
  return new MemoryStorage(options);
}

class MemoryStorage implements ReleaseStorage {
  readonly driver = 'memory';
  readonly namespace: string;
  readonly #options: Omit<DriverOptions, 'cluster'>;
  readonly #slots = new Map<string, Slot>();
  #version = 0;

  constructor(options: Omit<DriverOptions, 'cluster'>) {
    this.namespace = options.namespace;
    this.#options = options;
  }

  async history(name: string): Promise<ReleaseHistory> {
    const { records } = await this.list();
    return { records: records.filter((record) => record.name === name), corrupted: [] };
  }

  async list(): Promise<ReleaseHistory> {
    const records = await Promise.all([...this.#slots.values()].map(read));
    return { records: byRevision(records), corrupted: [] };
  }

  async get(name: string, revision: number): Promise<ReleaseRecord | undefined> {
    const slot = this.#slots.get(recordKey(name, revision));
    return slot === undefined ? undefined : read(slot);
  }

  /** Memory has no limit of its own. */
  async fit(record: ReleaseRecord): Promise<ReleaseRecord> {
    return record;
  }

  async create(record: ReleaseRecord): Promise<ReleaseRecord> {
    if (this.#slots.has(recordKey(record.name, record.revision))) {
      throw new HelmError('helm/release-exists', 'release: already exists');
    }
    return this.#write(record);
  }

  async update(record: ReleaseRecord): Promise<ReleaseRecord> {
    const slot = this.#slots.get(recordKey(record.name, record.revision));
    if (slot === undefined) {
      throw new HelmError('helm/storage', 'update: failed to update: release: not found');
    }
    const wanted = record.resourceVersion;
    if (wanted !== undefined && wanted !== slot.record.resourceVersion) {
      const text = 'update: failed to update: the record was written by somebody else';
      throw new HelmError('helm/record-conflict', text);
    }
    return this.#write(record);
  }

  async delete(name: string, revision: number): Promise<'deleted' | 'absent'> {
    return this.#slots.delete(recordKey(name, revision)) ? 'deleted' : 'absent';
  }

  async #write(record: ReleaseRecord): Promise<ReleaseRecord> {
    const stored = { ...record, resourceVersion: String(++this.#version) };
    const payload = await encodeRecord(record, this.#options.profile);
    this.#slots.set(recordKey(record.name, record.revision), { payload, record: stored });
    return stored;
  }
}

async function read({ payload, record }: Slot): Promise<ReleaseRecord> {
  const { labels, mark, resourceVersion } = record;
  return decodeRecord(payload, { labels, mark, resourceVersion });
}
