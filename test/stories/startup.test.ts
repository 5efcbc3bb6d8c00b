// SPDX-License-Identifier: Apache-2.0

/**
 * An operator starts where 500 releases exist already.
 *
 * First nothing has changed: it looks at each once, writes nothing, and is quiet. Then all 500 were edited while no operator ran, and the
 * API server is killed and started anew amid the upgrades: all end right, no revision skipped.
 */

import assert from 'node:assert/strict';
import { performance } from 'node:perf_hooks';
import { markAudit, tally } from '../kit/audit.ts';
import { until } from '../kit/helm-release.ts';
import { sampleUsage, usageOf } from '../kit/process-usage.ts';
import { clusterTest } from '../kit/shared-plane.ts';
import { round, tellFigures } from './figures.ts';
import { Fleet, parameter } from './fleet.ts';
import { isRenewal, untilQuiet } from './quiet.ts';
import { historyProblem, readRecords } from './records.ts';

const RELEASES = parameter('RELEASES', 500, 10);
const ALL_WITHIN_MS = 480_000;
const WRITES = new Set(['create', 'update', 'patch', 'delete']);

clusterTest(`an operator starts with ${RELEASES} releases`, async (plane) => {
  const fleet = await Fleet.open(plane, RELEASES);
  try {
    const first = await fleet.operator();
    await fleet.applyAll('first');
    await fleet.untilReleased(ALL_WITHIN_MS);
    await untilQuiet(plane.auditLog, await markAudit(plane.auditLog), ALL_WITHIN_MS);
    await first.stop();
    await startUnchanged(fleet);
    await startAmidRestart(fleet);
  } finally {
    await fleet.close();
  }
});

async function startUnchanged(fleet: Fleet): Promise<void> {
  const { auditLog } = fleet.plane;
  const mark = await markAudit(auditLog);
  const startedAtMs = Date.now();
  const operator = await fleet.operator();
  const sampler = sampleUsage(operator.pid);
  const readySeconds = (Date.now() - startedAtMs) / 1000;
  const events = await untilQuiet(auditLog, mark, ALL_WITHIN_MS);
  const lastMs = Math.max(...events.filter((event) => !isRenewal(event)).map(({ atMs }) => atMs));
  sampler.stop();
  tellFigures('start', {
    releases: RELEASES,
    readySeconds: round(readySeconds),
    settledSeconds: round((lastMs - startedAtMs) / 1000),
    requestsPerRelease: round(events.length / RELEASES, 2),
    requests: tally(events),
    cpuMsPerRelease: round(usageOf(operator.pid).cpuMs / RELEASES),
    peakRssMiB: round(sampler.peakMiB(), 0),
  });
  const writes = events.filter((event) => WRITES.has(event.verb) && !isRenewal(event));
  assert.deepEqual(tally(writes), {}, 'nothing is written');
  await operator.stop();
}

async function startAmidRestart(fleet: Fleet): Promise<void> {
  const { plane, namespace } = fleet;
  await fleet.applyAll('second');
  const mark = await markAudit(plane.auditLog);
  const startedMs = performance.now();
  const operator = await fleet.operator();
  const sampler = sampleUsage(operator.pid);
  const some = Math.ceil(RELEASES / 3);
  await until('a third is upgraded', async () => fleet.releasedCount() >= some, ALL_WITHIN_MS);
  const before = fleet.releasedCount();
  const downMs = performance.now();
  await plane.restart('kube-apiserver');
  const downSeconds = (performance.now() - downMs) / 1000;
  await fleet.untilReleased(ALL_WITHIN_MS);
  const seconds = (performance.now() - startedMs) / 1000;
  const events = await untilQuiet(plane.auditLog, mark, ALL_WITHIN_MS);
  sampler.stop();
  tellFigures('start-amid-restart', {
    releases: RELEASES,
    releasedBefore: before,
    downSeconds: round(downSeconds),
    settledSeconds: round(seconds),
    requestsPerRelease: round(events.length / RELEASES),
    cpuMsPerRelease: round(usageOf(operator.pid).cpuMs / RELEASES),
    peakRssMiB: round(sampler.peakMiB(), 0),
  });
  assert.ok(before < RELEASES, 'the API server was restarted amid the upgrades');
  const live = await fleet.liveMessages();
  const wrong = fleet.names.filter((name) => live.get(name) !== 'second');
  assert.deepEqual(wrong, []);
  const records = await readRecords(plane, namespace);
  for (const name of fleet.names) {
    const own = records.filter(({ release }) => release === name);
    assert.equal(historyProblem(own), '', name);
    assert.equal(own.length, 2, name);
  }
}
