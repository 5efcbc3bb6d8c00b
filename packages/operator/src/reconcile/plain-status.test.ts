// SPDX-License-Identifier: Apache-2.0

/** The status moves between the original's definition and ours, and back, and nothing is forgotten. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ATTEMPT_ANNOTATION,
  helmReleaseCrd,
  memoryOf,
  NO_MEMORY,
  type ReleaseMemory,
  type ReleaseOutcome,
  statusOf,
} from '@helm-operator/api';
import { decodeJson, encodeJson, type ValueMap } from '@helm-operator/gocompat';
import { FakeCluster } from '../../../../test/kit/fake-cluster/fake-cluster.ts';
import { JumpingClock } from '../../../../test/kit/release-harness.ts';
import { Metrics } from '../metrics/metrics.ts';
import { Reporter } from './report.ts';

const REF = {
  apiVersion: 'helm.fluxcd.io/v1',
  kind: 'HelmRelease',
  namespace: 'default',
  name: 'web',
};
const metrics = new Metrics();

interface Written {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
  readonly status: { readonly attempt?: { readonly generation?: number } };
}

async function makeCluster(): Promise<FakeCluster> {
  const cluster = new FakeCluster();
  await cluster.create(decodeJson(JSON.stringify(helmReleaseCrd)) as ValueMap);
  const { apiVersion, kind, namespace, name } = REF;
  cluster.seed({ apiVersion, kind, metadata: { namespace, name, uid: 'u' }, spec: {} });
  return cluster;
}

/** One turn that remembers something, as it would be read and written. */
async function turn(cluster: FakeCluster, isOurs: boolean, generation: number): Promise<Written> {
  const events = { record: () => undefined };
  const clock = new JumpingClock();
  const reporter = new Reporter({ cluster, clock, events, metrics, isOurs: () => isOurs });
  const object = await cluster.get(REF);
  if (object === undefined) throw new Error('gone');
  const memory: ReleaseMemory = { ...NO_MEMORY, action: 'upgrade', generation };
  const outcome: ReleaseOutcome = {
    ...{ phase: 'succeeded', generation, releaseName: 'web', namespace: 'default', memory },
  };
  const { uid } = JSON.parse(encodeJson(object.get('metadata') ?? new Map()));
  const source = { ...REF, uid, generation };
  const release = { name: 'web', namespace: 'default' };
  await reporter.report({ source, release }, statusOf(object), [outcome]);
  const after = await cluster.get(REF);
  if (after === undefined) throw new Error('gone');
  assert.equal(memoryOf(statusOf(after)).generation, generation, 'it is remembered');
  return JSON.parse(encodeJson(after)) as Written;
}

test('the annotation holds what the definition does not, and goes when the definition does', async () => {
  const cluster = await makeCluster();
  const plain = await turn(cluster, false, 1);
  assert.equal(plain.status.attempt, undefined);
  assert.equal(JSON.parse(plain.metadata.annotations?.[ATTEMPT_ANNOTATION] ?? '{}').generation, 1);

  const full = await turn(cluster, true, 1);
  assert.equal(
    full.metadata.annotations?.[ATTEMPT_ANNOTATION] !== undefined,
    true,
    'no write for nothing',
  );
  const newer = await turn(cluster, true, 2);
  assert.equal(newer.status.attempt?.generation, 2);
  assert.equal(newer.metadata.annotations?.[ATTEMPT_ANNOTATION], undefined);

  const back = await turn(cluster, false, 3);
  assert.equal(JSON.parse(back.metadata.annotations?.[ATTEMPT_ANNOTATION] ?? '{}').generation, 3);
});
