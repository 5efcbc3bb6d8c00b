// SPDX-License-Identifier: Apache-2.0

/** Without Helm: kustomizations and one-file YAMLs. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeYamlDocuments, encodeYaml } from '@helm-operator/gocompat';
import { until } from '../../kit/helm-release.ts';
import { mustRun } from '../../kit/kubectl.ts';
import { clusterTest } from '../../kit/shared-plane.ts';

const DEPLOY = join(import.meta.dirname, '../../../deploy');
const DEPLOYMENT = '/apis/apps/v1/namespaces/helm-operator/deployments/helm-operator';

const REVIEWS = '/apis/authorization.k8s.io/v1/subjectaccessreviews';
const ACCOUNT = 'system:serviceaccount:helm-operator:helm-operator';

/** The objects of a stream, in one order. */
function objectsOf(text: string): readonly string[] {
  return [...decodeYamlDocuments(text)]
    .filter((document) => document !== null)
    .map((document) => encodeYaml(document))
    .toSorted();
}

clusterTest(
  'kustomize base and one-file YAML hold the same: namespace, definition, rights, Deployment',
  async (plane) => {
    for (const [kustomization, file] of [
      ['base', 'helm-operator.yaml'],
      ['least-privilege', 'helm-operator-least-privilege.yaml'],
    ] as const) {
      const path = join(DEPLOY, 'kustomize', kustomization);
      const rendered = await mustRun('kubectl', plane.kubeconfig, ['kustomize', path]);
      assert.deepEqual(objectsOf(rendered), objectsOf(readFileSync(join(DEPLOY, file), 'utf8')));
    }
    await mustRun('kubectl', plane.kubeconfig, [
      'apply',
      '--server-side',
      '-k',
      join(DEPLOY, 'kustomize/base'),
    ]);
    await until(
      'the operator of the YAML is ready',
      async () => {
        const { body } = await plane.call('GET', DEPLOYMENT);
        return (body as { status?: { readyReplicas?: number } }).status?.readyReplicas === 1;
      },
      60_000,
    );
    // From one kind of rights to the other, in place.
    const least = join(DEPLOY, 'helm-operator-least-privilege.yaml');
    await mustRun('kubectl', plane.kubeconfig, ['apply', '--server-side', '-f', least]);
    const isAllowed = async (
      verb: string,
      group: string,
      resource: string,
      namespace?: string,
    ): Promise<boolean> => {
      const { body } = await plane.call('POST', REVIEWS, {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SubjectAccessReview',
        spec: { user: ACCOUNT, resourceAttributes: { verb, group, resource, namespace } },
      });
      return (body as { status: { allowed: boolean } }).status.allowed;
    };
    await until(
      'it may not give roles any more',
      async () => !(await isAllowed('create', 'rbac.authorization.k8s.io', 'clusterroles')),
    );
    assert.ok(await isAllowed('update', 'apps', 'deployments', 'default'));
    assert.ok(await isAllowed('update', 'coordination.k8s.io', 'leases', 'helm-operator'));
    assert.ok(!(await isAllowed('update', 'coordination.k8s.io', 'leases', 'kube-system')));
    await plane.call('DELETE', '/api/v1/namespaces/helm-operator');
    for (const kind of ['clusterroles', 'clusterrolebindings'])
      await plane.call('DELETE', `/apis/rbac.authorization.k8s.io/v1/${kind}/helm-operator`);
  },
);
