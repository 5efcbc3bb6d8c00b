// SPDX-License-Identifier: Apache-2.0

import { type ActionContext, printStages } from '@helm-operator/helm';
import type { Logger } from '../logging/logger.ts';

/**
 * Logs what an action is going to change, in the words Helm Operator used for it.
 *
 * @param redact removes secrets
 */
export function logsPlan(
  log: Logger,
  redact: (text: string) => string,
): NonNullable<ActionContext['planned']> {
  return (stages) => {
    const diff = printStages(stages, { redact });
    if (diff !== '') log.info('difference detected during release comparison', { diff });
  };
}
