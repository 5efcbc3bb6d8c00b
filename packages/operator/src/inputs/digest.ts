// SPDX-License-Identifier: Apache-2.0

import { createHash } from 'node:crypto';
import type { ReleaseIntent } from '@helm-operator/api';
import type { SourcedChart } from './chart.ts';
import { chartMark } from './chart-mark.ts';

/**
 * Changes when anything a release is made of changes: chart, object, or what values come from.
 *
 * Made of versions, not of values, so that nobody can try guesses of a secret against it.
 *
 * @param versions of the values' sources, in order
 */
export function inputsDigest(
  { source, chart: reference }: ReleaseIntent,
  chart: SourcedChart,
  versions: readonly string[],
): string {
  const { metadata } = chart;
  const mark = chartMark(reference, chart);
  const parts = [source.uid, source.generation, mark, metadata.version, ...versions];
  return `sha256:${createHash('sha256').update(JSON.stringify(parts)).digest('hex')}`;
}
