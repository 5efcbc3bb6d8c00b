// SPDX-License-Identifier: Apache-2.0

import type { ReleaseIntent } from '@helm-operator/api';
import type { SourcedChart } from './chart.ts';

/** What the status calls a chart: the commit of one from Git, else its version. Source: Helm Operator 1.4.4, status.revision. */
export function revisionOf({ chart: { kind } }: ReleaseIntent, chart: SourcedChart): string {
  const { revision = '', metadata } = chart;
  return kind === 'git' && revision !== '' ? revision : metadata.version;
}
