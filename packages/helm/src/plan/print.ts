// SPDX-License-Identifier: Apache-2.0

import { encodeYaml } from '@helm-operator/gocompat';
import { printedRef } from './objects.ts';
import type { Operation, Plan } from './plan.ts';

/** A plan as people read it. Secrets pass through `redact`, and contents of Secrets are never shown. */
export function printPlan(plan: Plan, redact: (text: string) => string): string {
  return plan.operations.map((operation) => redact(printOperation(operation))).join('\n');
}

function printOperation(operation: Operation): string {
  const line = `${operation.verb} ${printedRef(operation.ref)}: ${operation.reason}`;
  if (operation.verb === 'refuse') return `${line}\n  ${operation.message}`;
  if (operation.verb !== 'patch' || operation.ref.kind === 'Secret') return line;
  const body = encodeYaml(operation.patch.body).trimEnd();
  return `${line}\n${body.replaceAll(/^/gm, '  ')}`;
}
