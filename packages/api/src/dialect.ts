// SPDX-License-Identifier: Apache-2.0

import type { ValueMap } from '@helm-operator/gocompat';
import type { HelmReleaseStatus } from './helm-fluxcd-io-v1/status.ts';
import type { ReleaseIntent } from './release-intent.ts';
import type { ReleaseOutcome } from './release-outcome.ts';
import type { Schema } from './schema.ts';

/** One kind HelmRelease: how its objects are read, and how they tell what came of them. */
export interface Dialect {
  readonly apiVersion: string;
  readonly kind: 'HelmRelease';
  readonly crd: Schema;
  /** Name of its CustomResourceDefinition. */
  readonly crdName: string;
  /** Condition types that the definition of the one who had the kind before us knows. */
  readonly originalConditions: readonly string[];
  /** @throws {DecodeError} `api/decode` */
  readonly decode: (object: ValueMap) => ReleaseIntent;
  /**
   * The status after an outcome; deeply equal to `status` when nothing changed but times.
   *
   * @param nowIso RFC 3339
   */
  readonly withOutcome: (
    status: HelmReleaseStatus,
    outcome: ReleaseOutcome,
    nowIso: string,
  ) => HelmReleaseStatus;
}
