// SPDX-License-Identifier: Apache-2.0

import type { Dialect } from '../dialect.ts';
import { decodeLegacyHelmRelease } from './decode.ts';
import { legacyHelmReleaseCrd } from './schema.ts';
import { withLegacyOutcome } from './status.ts';

/** HelmReleases of Helm Operator 0.5 to 0.10. */
export const FLUX_WEAVE_WORKS_V1BETA1: Dialect = {
  apiVersion: 'flux.weave.works/v1beta1',
  kind: 'HelmRelease',
  crd: legacyHelmReleaseCrd,
  crdName: 'helmreleases.flux.weave.works',
  originalConditions: ['ChartFetched', 'Released', 'RolledBack'],
  decode: decodeLegacyHelmRelease,
  withOutcome: withLegacyOutcome,
};
