// SPDX-License-Identifier: Apache-2.0

import type { ReleaseRecord } from './record.ts';

/** A storage object that could not be read; it never hides the others. */
export interface CorruptedRecord {
  /** Name of the storage object: `sh.helm.release.v1.podinfo.v3`. */
  readonly key: string;
  /** From the object's labels, where they are readable. */
  readonly revision: number | undefined;
  readonly reason: string;
}

export interface ReleaseHistory {
  /** Oldest revision first. */
  readonly records: readonly ReleaseRecord[];
  readonly corrupted: readonly CorruptedRecord[];
}

export interface StorageCallOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * Where records live. One file for each driver in `drivers/`; one contract test over their list.
 *
 * Source: helm v3.22.0 pkg/storage/driver/driver.go
 * Differs: an update has the record's `resourceVersion` as precondition; unreadable objects are reported.
 */
export interface ReleaseStorage {
  /** As `HELM_DRIVER` names it. */
  readonly driver: 'secret' | 'configmap' | 'memory';
  readonly namespace: string;
  /** All revisions of one release; empty when there are none. */
  history(name: string, options?: StorageCallOptions): Promise<ReleaseHistory>;
  /** Every release of the namespace (all namespaces when `namespace` is `''`). */
  list(options?: StorageCallOptions): Promise<ReleaseHistory>;
  /**
   * @returns `undefined` when there is no such revision
   * @throws {HelmError} `helm/record-decode`
   */
  get(
    name: string,
    revision: number,
    options?: StorageCallOptions,
  ): Promise<ReleaseRecord | undefined>;
  /**
   * Makes a new record small enough to be stored and to grow a little; asked before anything is written.
   *
   * @returns the record itself, or one whose chart lacks its files, or its templates too
   * @throws {HelmError} `helm/record-too-large`: with the size of every part
   */
  fit(record: ReleaseRecord): Promise<ReleaseRecord>;
  /**
   * @returns the record with its new `resourceVersion`
   * @throws {HelmError} `helm/release-exists`: that revision is stored already
   * @throws {HelmError} `helm/record-too-large`
   */
  create(record: ReleaseRecord, options?: StorageCallOptions): Promise<ReleaseRecord>;
  /**
   * @returns the record with its new `resourceVersion`
   * @throws {HelmError} `helm/record-conflict`: somebody else wrote it since it was read
   */
  update(record: ReleaseRecord, options?: StorageCallOptions): Promise<ReleaseRecord>;
  /** @returns `absent` when there was nothing to delete */
  delete(
    name: string,
    revision: number,
    options?: StorageCallOptions,
  ): Promise<'deleted' | 'absent'>;
}
