// SPDX-License-Identifier: Apache-2.0

import type { Dialect } from '../dialect.ts';
import { decodeHelmRelease } from './decode.ts';
import { helmReleaseCrd } from './schema.ts';
import { withOutcome } from './status.ts';

/** HelmReleases of Helm Operator 1. */
export const HELM_FLUXCD_IO_V1: Dialect = {
  apiVersion: 'helm.fluxcd.io/v1',
  kind: 'HelmRelease',
  crd: helmReleaseCrd,
  crdName: 'helmreleases.helm.fluxcd.io',
  originalConditions: ['ChartFetched', 'Deployed', 'Released', 'RolledBack', 'Tested'],
  decode: decodeHelmRelease,
  withOutcome,
};
