// SPDX-License-Identifier: Apache-2.0

/** What the metrics show of the release of a turn that ended. */

import type { ReleaseIntent } from '@helm-operator/api';
import type { Metrics } from '../metrics/metrics.ts';
import type { TurnResult } from '../reconcile/context.ts';

/** @param before what the HelmRelease asked for at the turn before */
export function tellRelease(
  metrics: Metrics,
  before: Pick<ReleaseIntent, 'release'> | undefined,
  { intent, record, isRecordKnown, isForeign }: TurnResult,
): void {
  if (intent === undefined) return;
  const { release } = intent;
  const left = before?.release;
  if (left !== undefined && (left.name !== release.name || left.namespace !== release.namespace))
    metrics.forget(left);
  if (isForeign === true) return;
  if (record !== undefined || isRecordKnown) metrics.release(release, record);
}
