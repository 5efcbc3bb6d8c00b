// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import type { ControlPlane } from '../../kit/control-plane/control-plane.ts';

/** The release's own StatefulSet, as an earlier revision left it: its pod crashes. */
export async function breakStatefulSet(plane: ControlPlane, namespace: string): Promise<void> {
  const { status } = await plane.call(
    'POST',
    `/apis/apps/v1/namespaces/${namespace}/statefulsets`,
    {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: {
        name: 'web',
        labels: { 'app.kubernetes.io/managed-by': 'Helm' },
        annotations: {
          'meta.helm.sh/release-name': 'web',
          'meta.helm.sh/release-namespace': namespace,
        },
      },
      spec: {
        serviceName: 'web',
        selector: { matchLabels: { app: 'web' } },
        template: {
          metadata: { labels: { app: 'web' }, annotations: { 'kit/outcome': 'crash' } },
          spec: { containers: [{ name: 'main', image: 'example/none:old' }] },
        },
      },
    },
  );
  assert.equal(status, 201);
  for (let look = 0; look < 600; look++) {
    const pod = await plane.call('GET', `/api/v1/namespaces/${namespace}/pods/web-0`);
    if (JSON.stringify(pod.body).includes('CrashLoopBackOff')) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('web-0 does not crash after a minute');
}
