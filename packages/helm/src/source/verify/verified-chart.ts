// SPDX-License-Identifier: Apache-2.0

/** A chart of a registry that is only downloaded once its image is verified. */

import type {
  ChartLocationOf,
  ChartRequest,
  FetchedChart,
  SourceContext,
} from '../chart-source.ts';
import type { OciCharts } from '../oci-source.ts';
import { type CosignPolicy, verifyCosign } from './cosign.ts';
import { type NotationPolicy, verifyNotation } from './notation.ts';

export type ImagePolicy =
  | { readonly provider: 'cosign'; readonly policy: CosignPolicy }
  | { readonly provider: 'notation'; readonly policy: NotationPolicy };

export interface VerifiedRequest {
  readonly request: ChartRequest<ChartLocationOf<'oci'>>;
  readonly image: ImagePolicy;
  readonly nowMs: number;
  /** Told what a policy lets pass. */
  readonly log?: ((line: string) => void) | undefined;
}

/**
 * Fetches a chart whose image the policy accepts; `verified` says who signed it.
 *
 * @throws {SourceError} `source/verification`: unsigned, or not as the policy wants it; nothing was downloaded
 * @throws {FetchError} @throws {SourceError} as `OciCharts.fetch`
 */
export async function fetchVerifiedChart(
  charts: OciCharts,
  { request, image, nowMs, log }: VerifiedRequest,
  context: SourceContext,
): Promise<FetchedChart> {
  const chosen = await charts.choose(request, context);
  const { client, reference } = chosen;
  const reader = { client, cache: context.fetch.cache, signal: context.signal };
  const signed = { reader, reference, digest: chosen.image.digest };
  const startMs = performance.now();
  const verified =
    image.provider === 'cosign'
      ? await verifyCosign({ image: signed, artifacts: [], policy: image.policy })
      : await verifyNotation({ image: signed, policy: image.policy, nowMs, log });
  context.onStep?.({
    step: 'verify',
    detail: verified,
    durationMs: performance.now() - startMs,
  });
  return { ...(await charts.read(chosen, request, context)), verified };
}
