// SPDX-License-Identifier: Apache-2.0

/** Live objects that are not, or were not, as their release says. Redacted and bounded; contents of Secrets by their size. */

export interface DriftReport {
  readonly isCorrected: boolean;
  readonly objects: readonly DriftEntry[];
  /** How many objects there are beside those. */
  readonly more: number;
}

export interface DriftEntry {
  /** `Deployment apps/web` */
  readonly object: string;
  readonly change: 'removed' | 'changed';
  /** `spec.replicas: 5 instead of 2` */
  readonly fields: readonly string[];
}
