// SPDX-License-Identifier: Apache-2.0

/** Between the operator and the API server everything goes wrong for a while; the release ends as declared. */

import assert from 'node:assert/strict';
import { type Fault, startFaultProxy } from '../../kit/fault-proxy/fault-proxy.ts';
import { untilReleased } from '../../kit/helm-release.ts';
import { mustRun } from '../../kit/kubectl.ts';
import { story } from './story.ts';

const FAULTS: readonly { readonly name: string; readonly fault: Fault; readonly times: number }[] =
  [
    { name: 'connections are cut before the request', fault: { kind: 'cut' }, times: 4 },
    { name: 'connections are cut before the answer', fault: { kind: 'cutAnswer' }, times: 3 },
    { name: 'answers are late', fault: { kind: 'delay', ms: 700 }, times: 6 },
    {
      name: 'too many requests',
      fault: { kind: 'status', status: 429, retryAfterSeconds: 1 },
      times: 4,
    },
    { name: 'internal errors', fault: { kind: 'status', status: 500 }, times: 4 },
    { name: 'conflicts', fault: { kind: 'status', status: 409 }, times: 2 },
  ];

story('an upgrade survives cuts, delays, conflicts and overload', async (told) => {
  const { plane, namespace, operator, apply, get } = told;
  const proxy = await startFaultProxy(plane.server, plane.authority);
  try {
    await operator({ kubeconfig: await plane.kubeconfigThrough(proxy.url, proxy.authority) });
    await apply('web', { values: { message: 'calm' } });
    await untilReleased(plane, namespace, 'web');
    for (const { name, fault, times } of FAULTS) {
      const met = proxy.inject({
        fault,
        times,
        matches: ({ method, path }) =>
          !path.includes('watch=') &&
          (method !== 'GET' || fault.kind !== 'status' || fault.status !== 409),
      });
      await apply('web', { values: { message: name } });
      await untilReleased(plane, namespace, 'web', 'True', 90_000);
      assert.equal(met.met(), times, `the fault was met: ${name}`);
      met.remove();
      const config = await get(`/api/v1/namespaces/${namespace}/configmaps/web-web`);
      assert.deepEqual(config?.['data'], { message: name });
    }
    proxy.cutAll();
    await plane.restart('kube-apiserver');
    await apply('web', { values: { message: 'after a restart' } });
    await untilReleased(plane, namespace, 'web', 'True', 90_000);
    const history: { revision: number; status: string }[] = JSON.parse(
      await mustRun('helm3', plane.kubeconfig, ['history', 'web', '-n', namespace, '-o', 'json']),
    );
    assert.equal(history.at(-1)?.status, 'deployed');
    const first = history[0]?.revision ?? 0;
    assert.deepEqual(
      history.map(({ revision }) => revision),
      history.map((_, i) => first + i),
    );
  } finally {
    await proxy.stop();
  }
});
