// SPDX-License-Identifier: Apache-2.0

import { HttpRepositories } from '@helm-operator/helm';
import { type ChartSource, UnsupportedSourceError } from './chart.ts';

/** Charts from every kind of source there is. @param version of this product, for the user agent */
export function createChartSource(version: string): ChartSource {
  const repositories = new HttpRepositories({ userAgent: `helm-operator/${version}` });
  return {
    fetch: async (reference, signal) => {
      switch (reference.kind) {
        case 'helm-repository':
          return await repositories.fetch(reference, signal);
        case 'git':
          throw new UnsupportedSourceError(
            `spec.chart.git ${reference.url} is not supported yet: publish the chart in a Helm repository and name it with repository, name and version`,
          );
      }
    },
  };
}
