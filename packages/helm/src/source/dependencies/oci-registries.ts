// SPDX-License-Identifier: Apache-2.0

/** Registries as dependencies need them. */

import { type Credentials, parseRegistryReference } from '@helm-operator/fetch';
import type { SourceContext } from '../chart-source.ts';
import type { OciCharts } from '../oci-source.ts';
import { helmTags } from '../oci-version.ts';
import type { DependencyRegistries } from './repositories.ts';

export interface OciRegistriesOptions {
  readonly charts: OciCharts;
  /** What is known of a registry, by its URL. */
  readonly credentialsOf: (url: string) => Credentials;
  readonly context: SourceContext;
}

export function ociRegistries(options: OciRegistriesOptions): DependencyRegistries {
  const { charts, credentialsOf, context } = options;
  return {
    tags: async (url) => {
      const reference = parseRegistryReference(url);
      const client = charts.client(reference.registry, credentialsOf(url), context.fetch);
      return await helmTags(client, reference, context.signal);
    },
    pull: async (url, version, provenance) => {
      const credentials = credentialsOf(url);
      const location = { kind: 'oci' as const, url, version };
      const chart = await charts.fetch({ location, credentials, provenance }, context);
      const { bytes, fileName } = chart;
      return { bytes, fileName, provenance: chart.provenance };
    },
  };
}
