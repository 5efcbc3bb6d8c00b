// SPDX-License-Identifier: Apache-2.0

import type { ChartReference } from '@helm-operator/api';
import type { ChartHandle } from '@helm-operator/helm';

/** Brings the chart a reference names. */
export interface ChartSource {
  /** @throws an error with `retry`: the chart cannot be had */
  fetch(reference: ChartReference, signal: AbortSignal): Promise<ChartHandle>;
}

/** A kind of source that cannot be fetched from yet. */
export class UnsupportedSourceError extends Error {
  readonly code = 'operator/unsupported-source';
  readonly retry = 'terminal';
}
