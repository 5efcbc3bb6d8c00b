// SPDX-License-Identifier: Apache-2.0

import { performance } from 'node:perf_hooks';
import type { FetchStep } from '@helm-operator/fetch';
import type { SourceContext } from './chart-source.ts';

/** Does one step and tells of it; one that fails is told by its error. */
export async function step<T>(
  context: SourceContext,
  name: FetchStep,
  work: () => Promise<T>,
  detail: (result: T) => string,
): Promise<T> {
  const startMs = performance.now();
  const result = await work();
  const durationMs = Math.round(performance.now() - startMs);
  context.onStep?.({ step: name, detail: detail(result), durationMs });
  return result;
}
