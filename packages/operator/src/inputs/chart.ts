// SPDX-License-Identifier: Apache-2.0

import type { ChartReference } from '@helm-operator/api';
import type { ChartHandle } from '@helm-operator/helm';
import type { Cluster } from '@helm-operator/kube';

/** A chart, and by what its source knows its content. */
export interface SourcedChart extends ChartHandle {
  readonly identity?: string | undefined;
  /** Of the source: a commit; empty where versions are all there is. */
  readonly revision?: string | undefined;
}

/** Reads the Secrets that references name, as whom they may be read. */
export type SecretReader = Pick<Cluster, 'get'>;

/** Brings the chart a reference names. */
export interface ChartSource {
  /**
   * @param secrets for the credentials that the reference names; default: as the operator
   * @throws an error with `retry`: the chart cannot be had
   */
  fetch(
    reference: ChartReference,
    signal: AbortSignal,
    secrets?: SecretReader,
  ): Promise<SourcedChart>;
  /** Whether a source has something else by now than what was fetched. @throws as `fetch` */
  hasChanged?(
    reference: ChartReference,
    chart: FetchedFacts,
    signal: AbortSignal,
    secrets?: SecretReader,
  ): Promise<boolean>;
  /** Whatever was learned a moment ago is asked for again. */
  forgetListings?(): void;
  /** What `externalSourceRef` names. @throws as `fetch` */
  document?(url: string, signal: AbortSignal): Promise<SourcedDocument>;
}

/** A text that a URL of a HelmRelease gives, and what changes with it. */
export interface SourcedDocument {
  readonly text: string;
  readonly version: string;
}

/** What is remembered of a chart that was fetched. */
export interface FetchedFacts {
  readonly digest: string;
  readonly identity: string | undefined;
  /** Of the source, where it has one. */
  readonly revision?: string | undefined;
}
