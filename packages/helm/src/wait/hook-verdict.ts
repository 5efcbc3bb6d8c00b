// SPDX-License-Identifier: Apache-2.0

/** Source: helm v4.2.1 internal/statusreaders */

import { type JsonObject, jobEnd, numberAt, textAt, type Verdict } from '@helm-operator/kube';

/** A job counts when it is complete, not when it runs. */
export function completedJob(object: JsonObject): Verdict {
  const parallelism = numberAt(object, 'spec.parallelism', 1);
  const completions = numberAt(object, 'spec.completions', parallelism);
  const ended = jobEnd(object);
  if (ended === 'Complete') {
    const succeeded = numberAt(object, 'status.succeeded', 0);
    const message = `Job Completed. succeeded: ${succeeded}/${completions}`;
    return { status: 'Current', reason: '', message };
  }
  if (ended === 'Failed') {
    const lost = numberAt(object, 'status.failed', 0);
    return {
      status: 'Failed',
      reason: 'JobFailed',
      message: `Job Failed. failed: ${lost}/${completions}`,
    };
  }
  return { status: 'InProgress', reason: 'JobInProgress', message: 'Job in progress' };
}

/** A pod counts when it has ended. */
export function completedPod(object: JsonObject): Verdict {
  const name = textAt(object, 'metadata.name');
  switch (textAt(object, 'status.phase')) {
    case 'Succeeded':
      return { status: 'Current', reason: '', message: `pod ${name} succeeded` };
    case 'Failed':
      return { status: 'Failed', reason: 'PodFailed', message: `pod ${name} failed` };
    default:
      return { status: 'InProgress', reason: 'PodInProgress', message: 'Pod in progress' };
  }
}
