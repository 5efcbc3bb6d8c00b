// SPDX-License-Identifier: Apache-2.0

/** The test control plane does what later tests rely on. */

import assert from 'node:assert/strict';
import { auditSince, markAudit, tally } from '../kit/audit.ts';
import type { ControlPlane } from '../kit/control-plane/control-plane.ts';
import { mustRun, runPeer } from '../kit/kubectl.ts';
import { clusterTest, makeNamespace } from '../kit/shared-plane.ts';

interface Outcome {
  readonly annotations: Record<string, string>;
  readonly phase: string;
  /** Found in the container status as JSON. */
  readonly state: string;
}

const OUTCOMES: Record<string, Outcome> = {
  succeeds: { annotations: {}, phase: 'Succeeded', state: '"exitCode":0' },
  fails: { annotations: { 'kit/outcome': 'fail' }, phase: 'Failed', state: '"exitCode":1' },
  hangs: { annotations: { 'kit/outcome': 'hang' }, phase: 'Pending', state: '' },
  runs: { annotations: { 'kit/outcome': 'run' }, phase: 'Running', state: '"ready":false' },
  crashes: { annotations: { 'kit/outcome': 'crash' }, phase: 'Running', state: 'CrashLoopBackOff' },
  pulls: { annotations: { 'kit/outcome': 'pull' }, phase: 'Pending', state: 'ImagePullBackOff' },
};

async function untilPod(
  plane: ControlPlane,
  namespace: string,
  pod: string,
  isSo: (text: string) => boolean,
) {
  for (let look = 0; look < 100; look++) {
    const { body } = await plane.call('GET', `/api/v1/namespaces/${namespace}/pods/${pod}`);
    const text = JSON.stringify((body as { status?: unknown }).status ?? {});
    if (isSo(text)) return text;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(
    `pod ${pod} did not get there: ${JSON.stringify((await plane.call('GET', `/api/v1/namespaces/${namespace}/pods/${pod}`)).body)}`,
  );
}

clusterTest('a test pod ends as its annotation says', async (plane) => {
  const namespace = await makeNamespace(plane, 'outcome');
  for (const [name, { annotations }] of Object.entries(OUTCOMES)) {
    const { status } = await plane.call('POST', `/api/v1/namespaces/${namespace}/pods`, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, annotations: { 'helm.sh/hook': 'test', ...annotations } },
      spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'example/none' }] },
    });
    assert.equal(status, 201, name);
  }
  for (const [name, { phase, state }] of Object.entries(OUTCOMES)) {
    await untilPod(
      plane,
      namespace,
      name,
      (text) => text.includes(`"phase":"${phase}"`) && text.includes(state),
    );
  }
});

clusterTest(
  'a Deployment becomes available, a Job completes, and kubectl logs shows the annotation',
  async (plane) => {
    const namespace = await makeNamespace(plane, 'workload');
    const labels = { app: 'web' };
    const pod = (annotations: Record<string, string>, restartPolicy?: string) => ({
      metadata: { labels, annotations },
      spec: {
        ...(restartPolicy ? { restartPolicy } : {}),
        containers: [{ name: 'main', image: 'example/none' }],
      },
    });
    await plane.call('POST', `/apis/apps/v1/namespaces/${namespace}/deployments`, {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web' },
      spec: {
        replicas: 2,
        selector: { matchLabels: labels },
        template: pod({ 'kit/log': 'one\ntwo\n' }),
      },
    });
    await plane.call('POST', `/apis/batch/v1/namespaces/${namespace}/jobs`, {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'work' },
      spec: { backoffLimit: 0, template: pod({}, 'Never') },
    });
    const wait = ['-n', namespace, 'wait', '--timeout=30s'];
    await mustRun('kubectl', plane.kubeconfig, [
      ...wait,
      '--for=condition=Available',
      'deployment/web',
    ]);
    await mustRun('kubectl', plane.kubeconfig, [...wait, '--for=condition=Complete', 'job/work']);
    const log = await mustRun('kubectl', plane.kubeconfig, [
      '-n',
      namespace,
      'logs',
      'deployment/web',
      '--tail=1',
    ]);
    assert.equal(log, 'two\n');
  },
);

clusterTest('requests are counted by user agent', async (plane) => {
  const mark = await markAudit(plane.auditLog);
  await mustRun('helm3', plane.kubeconfig, ['list', '-A']);
  await runPeer('kubectl', plane.kubeconfig, ['get', 'nodes']);
  const events = await auditSince(plane.auditLog, mark, 'Helm/3.22.0');
  assert.deepEqual(tally(events), { 'get /version': 1, 'list secrets': 1 });
  assert.equal((await auditSince(plane.auditLog, mark, 'nobody')).length, 0);
});
