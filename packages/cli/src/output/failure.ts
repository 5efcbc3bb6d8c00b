// SPDX-License-Identifier: Apache-2.0

import { accountOf, culpritsOf } from '@helm-operator/helm';

/** `Error: TEXT` as Helm prints it; below it who kept a wait from ending, and why. */
export function printFailure(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const accounts = culpritsOf(error).map((culprit) => `  ${accountOf(culprit)}\n`);
  return `Error: ${text}\n${accounts.join('')}`;
}
