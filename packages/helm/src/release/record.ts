// SPDX-License-Identifier: Apache-2.0

import type { ValueMap } from '@helm-operator/gocompat';

/** Every status Helm writes. Source: helm v3.22.0 pkg/release/status.go. */
export type ReleaseStatus =
  | 'unknown'
  | 'deployed'
  | 'uninstalled'
  | 'superseded'
  | 'failed'
  | 'uninstalling'
  | 'pending-install'
  | 'pending-upgrade'
  | 'pending-rollback';

export type HookEvent =
  | 'pre-install'
  | 'post-install'
  | 'pre-delete'
  | 'post-delete'
  | 'pre-upgrade'
  | 'post-upgrade'
  | 'pre-rollback'
  | 'post-rollback'
  | 'test';

export type HookPhase = '' | 'Unknown' | 'Running' | 'Succeeded' | 'Failed';

/** Times are RFC 3339 texts with nanoseconds; `''` is Go's zero time. */
export interface HookRun {
  readonly startedAt: string;
  readonly completedAt: string;
  readonly phase: HookPhase;
}

export interface HookRecord {
  readonly name: string;
  readonly kind: string;
  /** The template it came from: `podinfo/templates/tests/fail.yaml`. */
  readonly path: string;
  readonly manifest: string;
  readonly events: readonly HookEvent[];
  readonly lastRun: HookRun;
  readonly weight: number;
  readonly deletePolicies: readonly string[];
  readonly outputLogPolicies: readonly string[];
}

/** Times are RFC 3339 texts with nanoseconds; `''` is Go's zero time. */
export interface ReleaseInfo {
  readonly firstDeployed: string;
  readonly lastDeployed: string;
  readonly deleted: string;
  readonly description: string;
  readonly status: ReleaseStatus;
  readonly notes: string;
}

/** The few facts of a stored chart that people ask for. */
export interface StoredChartFacts {
  readonly name: string;
  readonly version: string;
  readonly appVersion: string;
}

/**
 * A chart as a record holds it. The JSON text is kept as it was written, so that rewriting a record
 * changes nothing it did not mean to change.
 */
export interface StoredChart {
  /** The value of the record's `chart` field. */
  readonly json: string;
  readonly facts: StoredChartFacts;
}

/** Who runs an operation on a release; rides in an annotation of the record. */
export interface OperationMark {
  /** Identity of the process, unique per start: `pod-name_uid`. */
  readonly holder: string;
  /** The last step reached when the record was written. */
  readonly step: string;
  /** How long the operation may take, in milliseconds: a foreign record is given this time and a minute. */
  readonly timeoutMs: number;
  /** Hooks of these events have finished. */
  readonly finishedEvents: readonly HookEvent[];
}

/**
 * One stored revision of a release.
 *
 * Source: helm v3.22.0 pkg/release/release.go; field `version` of the storage is `revision` here.
 */
export interface ReleaseRecord {
  readonly name: string;
  readonly namespace: string;
  readonly revision: number;
  readonly info: ReleaseInfo;
  readonly chart: StoredChart | undefined;
  /** The user's values as merged; `undefined` when there were none. */
  readonly config: ValueMap | undefined;
  readonly manifest: string;
  readonly hooks: readonly HookRecord[];
  /** The user's labels, without the six of the system. */
  readonly labels: ReadonlyMap<string, string>;
  /** The label that tells when the storage object was written, as it was read: its name, and seconds since 1970. */
  readonly timeLabel?: readonly [name: string, seconds: string] | undefined;
  /** Helm 4 only: how objects were written; `''` is Helm 3 (`csa`). */
  readonly applyMethod: '' | 'ssa' | 'csa';
  readonly mark: OperationMark | undefined;
  /** Version of the storage object as it was read or written; the precondition of an update. */
  readonly resourceVersion: string | undefined;
}

/** Whether a record says that somebody works on the release. */
export function isPending(status: ReleaseStatus): boolean {
  return (
    status === 'pending-install' || status === 'pending-upgrade' || status === 'pending-rollback'
  );
}
