// SPDX-License-Identifier: Apache-2.0

import type { Automation } from './automation.ts';
import type { DriftReport } from './drift-report.ts';
import type { Evidence, NextAttempt } from './evidence.ts';
import type { ChartReference } from './release-intent.ts';
import type { ReleaseMemory } from './release-memory.ts';

/** Where a reconciliation stands; each dialect writes it in its own words. */
export type OutcomePhase =
  | 'dependency-not-ready'
  /** An object of a newer kind manages the release. */
  | 'superseded'
  | 'chart-fetched'
  | 'chart-fetch-failed'
  | 'installing'
  | 'upgrading'
  | 'deployed'
  | 'deploy-failed'
  | 'testing'
  | 'tested'
  | 'test-failed'
  | 'succeeded'
  | 'failed'
  | 'rolling-back'
  | 'rolled-back'
  | 'rollback-failed'
  /** Nothing more is tried until an input changes. */
  | 'stalled'
  /** Nothing is done for now, and why; what was released stays so. */
  | 'held';

/** A dialect-free result, to be shown in an object's status. Texts are redacted before they get here. */
export interface ReleaseOutcome {
  readonly phase: OutcomePhase;
  readonly generation: number;
  readonly releaseName: string;
  readonly namespace: string;
  /** Why it failed: object, reason, mend. */
  readonly reason?: string | undefined;
  /** Chart version (or Git commit) that was tried. */
  readonly attempted?: string | undefined;
  /** Chart version (or Git commit) that is deployed. */
  readonly deployed?: string | undefined;
  /** Helm's status of the newest record. */
  readonly releaseStatus?: string | undefined;
  /** What was tried, for the next turn to know. */
  readonly memory: ReleaseMemory;
  /** Of a failure: which link broke, at which objects, why. */
  readonly evidence?: Evidence | undefined;
  /** Of a failure: when it is tried again. */
  readonly next?: NextAttempt | undefined;
  /** Of a failure: what was done about it. */
  readonly remedy?: string | undefined;
  /** What is asked of image automation. */
  readonly automation?: Automation | undefined;
  /** Where the chart comes from. */
  readonly chartKind?: ChartReference['kind'] | undefined;
  /** Live objects that are not, or were not, as the release says. */
  readonly drift?: DriftReport | undefined;
  /** The failed test may be ignored. */
  readonly canTestFail?: boolean | undefined;
}
