// SPDX-License-Identifier: Apache-2.0

import { fieldAt, type JsonObject, numberAt, textAt } from '@helm-operator/kube';
import { READY, type Readiness, type ReadyRule, waiting } from '../ready.ts';

/** The API server's default. */
const BACKOFF_LIMIT = 6;

function check(object: JsonObject): Readiness {
  const lost = numberAt(object, 'status.failed', 0);
  if (lost > numberAt(object, 'spec.backoffLimit', BACKOFF_LIMIT)) {
    const name = `${textAt(object, 'metadata.namespace')}/${textAt(object, 'metadata.name')}`;
    return { state: 'failed', message: `job is failed: ${name}` };
  }
  const completions = fieldAt(object, 'spec.completions');
  const succeeded = numberAt(object, 'status.succeeded', 0);
  return typeof completions === 'number' && succeeded < completions
    ? waiting(`Job is not completed: ${succeeded} of ${completions}`)
    : READY;
}

export const jobRule: ReadyRule = { check };
