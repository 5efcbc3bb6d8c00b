// SPDX-License-Identifier: Apache-2.0

/** What Helm calls the parts of a chart in a registry. Source: helm v3.22.0 pkg/registry/constants.go. */
export const HELM_MEDIA_TYPES = {
  config: 'application/vnd.cncf.helm.config.v1+json',
  chart: 'application/vnd.cncf.helm.chart.content.v1.tar+gzip',
  /** Still read. */
  legacyChart: 'application/tar+gzip',
  provenance: 'application/vnd.cncf.helm.chart.provenance.v1.prov',
} as const;
