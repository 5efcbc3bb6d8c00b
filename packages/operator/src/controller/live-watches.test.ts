// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '@helm-operator/kube';
import { settle } from '../../../../test/kit/fake-clock.ts';
import { FakeCluster } from '../../../../test/kit/fake-cluster/fake-cluster.ts';
import { LiveWatches } from './live-watches.ts';

const REF = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'default', name: 'web' };

/** A Deployment of release `apps/web` with so many replicas ready. */
function deployment(ready: number): JsonObject {
  const { apiVersion, kind, namespace, name } = REF;
  return {
    ...{ apiVersion, kind },
    metadata: {
      ...{ namespace, name, generation: 1 },
      labels: { 'app.kubernetes.io/managed-by': 'Helm' },
      annotations: {
        'meta.helm.sh/release-name': 'web',
        'meta.helm.sh/release-namespace': 'apps',
      },
    },
    spec: { replicas: 1, selector: {}, template: {} },
    status: {
      observedGeneration: 1,
      ...{ replicas: 1, updatedReplicas: 1, readyReplicas: ready, availableReplicas: ready },
      conditions: [{ type: 'Available', status: ready > 0 ? 'True' : 'False' }],
    },
  };
}

test('a verdict follows its object, and tells when it changes', async () => {
  const cluster = new FakeCluster();
  const stop = new AbortController();
  const verdicts: string[] = [];
  const live = new LiveWatches({
    ...{ cluster, namespace: '', signal: stop.signal, clock: { nowMs: () => 0 } },
    onChange: () => undefined,
    onVerdict: ({ namespace, name }) => verdicts.push(`${namespace}/${name}`),
    onTrouble: (error) => assert.fail(String(error)),
  });
  assert.equal(live.verdictOf(REF), undefined, 'nobody looks yet');
  cluster.seed(deployment(0));
  await live.watch([REF]);
  assert.equal(live.verdictOf(REF)?.status, 'InProgress');

  cluster.seed(deployment(1));
  await settle();
  assert.equal(live.verdictOf(REF)?.status, 'Current');
  assert.deepEqual(verdicts, ['apps/web']);

  cluster.seed({ ...deployment(1), spec: { replicas: 1, selector: {}, template: { a: 1 } } });
  await settle();
  const told = verdicts.length;
  await cluster.delete(REF);
  await settle();
  assert.equal(live.verdictOf(REF)?.status, 'NotFound');
  assert.ok(verdicts.length > told);
  stop.abort();
  await live.ended();
});
