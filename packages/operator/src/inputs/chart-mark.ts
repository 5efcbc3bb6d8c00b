// SPDX-License-Identifier: Apache-2.0

/** What is remembered of a released chart, and whether what is there now is another one. Pure. */

import type { ChartReference } from '@helm-operator/api';
import type { SourcedChart } from './chart.ts';

const REVISION = 'revision:';

/** The chart's digest; where every revision of the source counts, that revision. */
export function chartMark(
  { trigger }: ChartReference,
  { digest, revision = '' }: ChartFacts,
): string {
  return trigger === 'revision' && revision !== '' ? `${REVISION}${revision}` : digest;
}

type ChartFacts = Pick<SourcedChart, 'digest' | 'revision'>;

/** A mark of the kind that was remembered is compared: another trigger alone is no other chart. Names and versions are compared elsewhere. */
export function isOtherChart(
  { trigger }: ChartReference,
  mark: string,
  { digest, revision = '' }: ChartFacts,
): boolean {
  if (trigger === 'version') return false;
  return mark !== (mark.startsWith(REVISION) ? `${REVISION}${revision}` : digest);
}
