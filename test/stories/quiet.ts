// SPDX-License-Identifier: Apache-2.0

/** When an operator has nothing left to do, by what it asks of the API server. */

import { type AuditEvent, auditSince, markAudit } from '../kit/audit.ts';
import { until } from '../kit/helm-release.ts';

/** User agent of the operator, as the audit log has it. */
export const AGENT = 'helm-operator';
const QUIET_MS = 5_000;
const LOOK_EVERY_MS = 500;

/** What an operator asks when it has nothing to do. */
export function isRenewal({ verb, resource }: AuditEvent): boolean {
  return verb === 'watch' || resource === 'leases';
}

/**
 * Waits until nothing but renewals was asked for five seconds.
 *
 * @returns all that was asked since the mark
 */
export async function untilQuiet(
  auditLog: string,
  mark: number,
  withinMs: number,
): Promise<readonly AuditEvent[]> {
  const events: AuditEvent[] = [];
  let from = mark;
  let sinceMs = Date.now();
  await until(
    'the operator is quiet',
    async () => {
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
      // What comes between the two is counted by the next look.
      const next = await markAudit(auditLog);
      const fresh = await auditSince(auditLog, from, AGENT, next);
      from = next;
      events.push(...fresh);
      if (fresh.some((event) => !isRenewal(event))) sinceMs = Date.now();
      return Date.now() - sinceMs >= QUIET_MS;
    },
    withinMs,
  );
  return events;
}
