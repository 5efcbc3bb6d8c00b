// SPDX-License-Identifier: Apache-2.0

/** Somebody changes, or deletes, live objects of 100 releases at once: each is put right, without a new revision. */

import assert from 'node:assert/strict';
import { performance } from 'node:perf_hooks';
import { auditSince, markAudit, tally } from '../kit/audit.ts';
import { until } from '../kit/helm-release.ts';
import { inParallel } from '../kit/in-parallel.ts';
import { clusterTest } from '../kit/shared-plane.ts';
import { round, tellFigures } from './figures.ts';
import { Fleet, parameter } from './fleet.ts';
import { readRecords } from './records.ts';

const RELEASES = parameter('RELEASES', 500, 10);
const DRIFTS = parameter('DRIFTS', 100, 10);
const ALL_WITHIN_MS = 480_000;
/** Every so many-th is deleted, the others are changed. */
const DELETE_EACH = 5;
const MERGE = 'application/merge-patch+json';

clusterTest(`${DRIFTS} drifts at once among ${RELEASES} releases`, async (plane) => {
  const fleet = await Fleet.open(plane, RELEASES);
  const { namespace } = fleet;
  try {
    const operator = await fleet.operator({ args: ['--drift-detection=correct'] });
    await fleet.applyAll('first');
    await fleet.untilReleased(ALL_WITHIN_MS);

    const mark = await markAudit(plane.auditLog);
    const startedMs = performance.now();
    const drifted = fleet.names.slice(0, DRIFTS);
    await inParallel(drifted, 8, async (name) => {
      const path = `/api/v1/namespaces/${namespace}/configmaps/${name}`;
      const isDeleted = drifted.indexOf(name) % DELETE_EACH === 0;
      const { status } = isDeleted
        ? await plane.call('DELETE', path)
        : await plane.call('PATCH', path, { data: { message: 'by hand' } }, MERGE);
      assert.equal(status, 200, path);
    });
    const wrong = async (): Promise<readonly string[]> => {
      const live = await fleet.liveMessages();
      return fleet.names.filter((name) => live.get(name) !== 'first');
    };
    let left: readonly string[] = [];
    await until(
      'all drifts are put right',
      async () => {
        left = await wrong();
        return left.length === 0;
      },
      ALL_WITHIN_MS,
      () => `${left.join(', ')}\n${operator.log().slice(-4_000)}`,
    );
    const requests = await auditSince(plane.auditLog, mark, 'helm-operator');
    tellFigures('drifts', {
      releases: RELEASES,
      drifts: DRIFTS,
      secondsForAll: round((performance.now() - startedMs) / 1000),
      requestsPerDrift: round(requests.length / DRIFTS),
      requests: tally(requests),
    });
    for (const name of fleet.names) {
      const records = (await readRecords(plane, namespace, name)).map(({ revision }) => revision);
      assert.deepEqual(records, [1], name);
    }
  } finally {
    await fleet.close();
  }
});
