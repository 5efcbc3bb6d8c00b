// SPDX-License-Identifier: Apache-2.0

/** Lines of the log that people and tools look for; those of Helm Operator 1.4 keep their words. Source: spec helm-operator.md §7.3. */

import type { OutcomePhase, ReleaseMemory } from '@helm-operator/api';

/** What the log says of a failure. */
export function failureLine(
  phase: OutcomePhase,
  { action }: Pick<ReleaseMemory, 'action'>,
): string {
  switch (phase) {
    case 'deploy-failed':
      return action === 'install' ? 'installation failed' : 'upgrade failed';
    case 'test-failed':
      return 'test failed';
    case 'rollback-failed':
      return 'rollback failed';
    case 'chart-fetch-failed':
      return 'chart fetch failed';
    default:
      return 'release failed';
  }
}
