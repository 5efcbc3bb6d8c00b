// SPDX-License-Identifier: Apache-2.0

import type { JsonObject } from '../cluster.ts';
import { conditionsOf, numberAt, textAt } from './fields.ts';
import { current, failed, inProgress, type Verdict } from './verdict.ts';

/** Source: fluxcd/cli-utils v1.2.1 pkg/kstatus/status/core.go jobConditions */
export function jobReadiness(object: JsonObject): Verdict {
  const parallelism = numberAt(object, 'spec.parallelism', 1);
  const completions = numberAt(object, 'spec.completions', parallelism);
  const succeeded = numberAt(object, 'status.succeeded', 0);
  const active = numberAt(object, 'status.active', 0);
  const lost = numberAt(object, 'status.failed', 0);
  const ended = jobEnd(object);
  if (ended === 'Complete') {
    return current(`Job Completed. succeeded: ${succeeded}/${completions}`);
  }
  if (ended === 'Failed') return failed('JobFailed', `Job Failed. failed: ${lost}/${completions}`);
  if (textAt(object, 'status.startTime') === '')
    return inProgress('JobNotStarted', 'Job not started');
  return current(`Job in progress. success:${succeeded}, active: ${active}, failed: ${lost}`);
}

/** The first condition that says how it ended. */
export function jobEnd(object: JsonObject): 'Complete' | 'Failed' | undefined {
  for (const { type, status } of conditionsOf(object)) {
    if (status === 'True' && (type === 'Complete' || type === 'Failed')) return type;
  }
  return undefined;
}
