// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DriftReport } from '../drift-report.ts';
import { NO_MEMORY } from '../release-memory.ts';
import type { OutcomePhase } from '../release-outcome.ts';
import { type HelmReleaseStatus, withOutcome } from './status.ts';

const FIRST = '2026-01-01T00:00:00Z';
const LATER = '2026-01-01T00:10:00Z';
const FOUND: DriftReport = {
  isCorrected: false,
  objects: [{ object: 'Deployment apps/web', change: 'changed', fields: ['a: 1 instead of 2'] }],
  more: 0,
};

function after(
  status: HelmReleaseStatus,
  phase: OutcomePhase,
  drift: DriftReport | undefined,
  nowIso: string,
): HelmReleaseStatus {
  const release = { generation: 1, releaseName: 'web', namespace: 'apps', memory: NO_MEMORY };
  return withOutcome(status, { ...release, phase, drift }, nowIso);
}

test('drift is told as long as it is there', () => {
  const found = after({}, 'succeeded', FOUND, FIRST);
  assert.deepEqual(found.drift, { state: 'Detected', objects: FOUND.objects, time: FIRST });
  assert.deepEqual(after(found, 'succeeded', FOUND, LATER), found, 'the same again writes nothing');
  assert.equal('drift' in after(found, 'succeeded', undefined, LATER), false);
});

test('drift that was put right is told until something is released', () => {
  const corrected = after({}, 'succeeded', { ...FOUND, isCorrected: true, more: 3 }, FIRST);
  assert.deepEqual([corrected.drift?.state, corrected.drift?.more], ['Corrected', 3]);
  const later = after(corrected, 'succeeded', undefined, LATER);
  assert.deepEqual(later.drift, corrected.drift);
  assert.equal('drift' in after(later, 'upgrading', undefined, LATER), false);
});
