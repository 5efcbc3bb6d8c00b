// SPDX-License-Identifier: Apache-2.0

/**
 * Among 500 releases, a change of one release's values is live in less than a second (95 of 100 times), wait off.
 *
 * Measured from before the edit is sent until the watch shows its generation released. `RELEASES`, `CHANGES` make it smaller.
 */

import assert from 'node:assert/strict';
import { performance } from 'node:perf_hooks';
import { auditSince, markAudit, tally } from '../kit/audit.ts';
import { sampleUsage, usageOf } from '../kit/process-usage.ts';
import { clusterTest } from '../kit/shared-plane.ts';
import { round, tellFigures } from './figures.ts';
import { Fleet, IS_LONG, parameter, percentile } from './fleet.ts';

const RELEASES = parameter('RELEASES', 500, 10);
const CHANGES = parameter('CHANGES', 100, 10);
const LIMIT_MS = 1_000;
const ALL_WITHIN_MS = 480_000;
const ONE_WITHIN_MS = 60_000;

clusterTest(`${CHANGES} changes of values among ${RELEASES} releases`, async (plane) => {
  const fleet = await Fleet.open(plane, RELEASES);
  try {
    const operator = await fleet.operator();
    const sampler = sampleUsage(operator.pid);
    const before = usageOf(operator.pid);
    let mark = await markAudit(plane.auditLog);
    const startedMs = performance.now();
    await fleet.applyAll('first');
    await fleet.untilReleased(ALL_WITHIN_MS);
    const seconds = (performance.now() - startedMs) / 1000;
    const installs = await auditSince(plane.auditLog, mark, 'helm-operator');
    tellFigures('install', {
      releases: RELEASES,
      seconds: round(seconds),
      cpuMsPerRelease: round((usageOf(operator.pid).cpuMs - before.cpuMs) / RELEASES),
      requestsPerRelease: round(installs.length / RELEASES),
      peakRssMiB: round(sampler.peakMiB(), 0),
    });

    mark = await markAudit(plane.auditLog);
    const took: number[] = [];
    for (let i = 0; i < CHANGES; i++) {
      const name = fleet.names[(i * 7) % RELEASES] ?? '';
      const sentMs = performance.now();
      await fleet.apply(name, `change ${i}`);
      took.push((await fleet.releasedAt(name, ONE_WITHIN_MS)) - sentMs);
    }
    const requests = await auditSince(plane.auditLog, mark, 'helm-operator');
    tellFigures('values-change', {
      releases: RELEASES,
      changes: CHANGES,
      p50Ms: round(percentile(took, 0.5), 0),
      p95Ms: round(percentile(took, 0.95), 0),
      maxMs: round(Math.max(...took), 0),
      requestsPerChange: round(requests.length / CHANGES),
      requests: tally(requests),
    });
    const live = await fleet.liveMessages();
    const last = fleet.names[((CHANGES - 1) * 7) % RELEASES] ?? '';
    assert.equal(live.get(last), `change ${CHANGES - 1}`);
    if (IS_LONG)
      assert.ok(percentile(took, 0.95) < LIMIT_MS, `p95 is ${percentile(took, 0.95)} ms`);
    sampler.stop();
  } finally {
    await fleet.close();
  }
});
