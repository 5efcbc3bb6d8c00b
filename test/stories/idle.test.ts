// SPDX-License-Identifier: Apache-2.0

/**
 * An operator with 500 releases and nothing to do asks the API server for nothing but its Lease and its watches, for ten minutes.
 *
 * Its periodic looks at all releases (every three minutes) fall into that time; the charts' repository is asked then, the cluster is not.
 */

import assert from 'node:assert/strict';
import { type AuditEvent, auditSince, markAudit, tally } from '../kit/audit.ts';
import { sampleUsage, usageOf } from '../kit/process-usage.ts';
import { clusterTest } from '../kit/shared-plane.ts';
import { round, tellFigures } from './figures.ts';
import { Fleet, IS_LONG, parameter } from './fleet.ts';
import { AGENT, isRenewal, untilQuiet } from './quiet.ts';

const RELEASES = parameter('RELEASES', 500, 10);
const IDLE_SECONDS = parameter('IDLE_SECONDS', 600, 10);
const ALL_WITHIN_MS = 480_000;
/** Requests that are told in full. */
const SHOWN = 40;

/** What was asked though nothing was to be done, the first ones, each with the second it came at. */
function requestLines(events: readonly AuditEvent[], startedMs: number): string {
  const shown = events.slice(0, SHOWN).map(({ atMs, verb, path, status }) => {
    const second = round((atMs - startedMs) / 1000, 1);
    return `${second} s: ${verb} ${path} → ${status}`;
  });
  return [`${events.length} requests beside renewals`, ...shown].join('\n');
}

clusterTest(`${IDLE_SECONDS} s idle with ${RELEASES} releases`, async (plane) => {
  const fleet = await Fleet.open(plane, RELEASES);
  const { namespace, repository } = fleet;
  try {
    const resync = IS_LONG ? [] : ['--charts-sync-interval=3s'];
    const operator = await fleet.operator({
      args: ['--leader-elect=true', `--leader-election-namespace=${namespace}`, ...resync],
    });
    await fleet.applyAll('first');
    await fleet.untilReleased(ALL_WITHIN_MS);
    await untilQuiet(plane.auditLog, await markAudit(plane.auditLog), ALL_WITHIN_MS);

    const sampler = sampleUsage(operator.pid);
    const before = usageOf(operator.pid);
    const asked = repository.requests.length;
    const startedMs = Date.now();
    const mark = await markAudit(plane.auditLog);
    await new Promise((resolve) => setTimeout(resolve, IDLE_SECONDS * 1000));
    const events = await auditSince(plane.auditLog, mark, AGENT);
    const others = events.filter((event) => !isRenewal(event));
    sampler.stop();
    tellFigures('idle', {
      releases: RELEASES,
      seconds: IDLE_SECONDS,
      requests: tally(events),
      otherRequests: others.length,
      chartRequests: repository.requests.length - asked,
      cpuMs: round(usageOf(operator.pid).cpuMs - before.cpuMs, 0),
      peakRssMiB: round(sampler.peakMiB(), 0),
    });
    assert.ok(
      events.some(({ resource }) => resource === 'leases'),
      'it still leads',
    );
    assert.deepEqual(tally(others), {}, requestLines(others, startedMs));
  } finally {
    await fleet.close();
  }
});
