// SPDX-License-Identifier: Apache-2.0

/** A release acts as its service account, and refers to other namespaces as far as RBAC says. */

import assert from 'node:assert/strict';
import type { ControlPlane } from '../../kit/control-plane/control-plane.ts';
import {
  type HelmReleaseView,
  readHelmRelease,
  until,
  untilReleased,
} from '../../kit/helm-release.ts';
import { makeNamespace } from '../../kit/shared-plane.ts';
import { story } from './story.ts';

const RBAC = 'rbac.authorization.k8s.io';
const EVERYTHING = [{ apiGroups: ['', 'apps', 'batch'], resources: ['*'], verbs: ['*'] }];

/** Lets a service account of `account.namespace` do something in `namespace`. */
async function grant(
  plane: ControlPlane,
  namespace: string,
  account: { readonly namespace: string; readonly name: string },
  rules: readonly object[],
): Promise<void> {
  const path = `/apis/${RBAC}/v1/namespaces/${namespace}`;
  const apiVersion = `${RBAC}/v1`;
  const metadata = { name: `tenant-${account.name}` };
  await plane.call('POST', `${path}/roles`, { apiVersion, kind: 'Role', metadata, rules });
  await plane.call('POST', `${path}/rolebindings`, {
    ...{ apiVersion, kind: 'RoleBinding', metadata },
    roleRef: { apiGroup: RBAC, kind: 'Role', name: metadata.name },
    subjects: [{ kind: 'ServiceAccount', ...account }],
  });
}

const failureIn = (view: HelmReleaseView | undefined): Record<string, unknown> =>
  (view?.status['failure'] ?? {}) as Record<string, unknown>;

story('a release does what its service account may do, and no more', async (told) => {
  const { plane, namespace, operator, apply } = told;
  const elsewhere = await makeNamespace(plane, 'elsewhere');
  await plane.call('POST', `/api/v1/namespaces/${elsewhere}/configmaps`, {
    ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'conf' } },
    data: { 'values.yaml': 'message: from elsewhere' },
  });
  const account = { namespace, name: 'deployer' };
  await plane.call('POST', `/api/v1/namespaces/${namespace}/serviceaccounts`, {
    ...{ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: account.name } },
  });
  await operator({
    args: ['--cross-namespace-references=rbac', `--default-service-account=${account.name}`],
  });
  const small = { repository: told.repository.url, name: 'small', version: '1.0.0' };
  await apply('web', { chart: small });
  const refused = await untilReleased(plane, namespace, 'web', 'False');
  assert.match(
    JSON.stringify(refused.conditions),
    new RegExp(`system:serviceaccount:${namespace}:deployer\\\\?" cannot`),
  );
  await grant(plane, namespace, account, EVERYTHING);
  await untilReleased(plane, namespace, 'web');

  const configMapKeyRef = { name: 'conf', namespace: elsewhere };
  await apply('web', { chart: small, valuesFrom: [{ configMapKeyRef }] });
  let view: HelmReleaseView | undefined;
  await until(
    'the reference is refused',
    async () => {
      view = await readHelmRelease(plane, namespace, 'web');
      return failureIn(view)['link'] === 'values';
    },
    30_000,
    () => JSON.stringify(view?.status),
  );
  assert.match(
    String(failureIn(view)['message']),
    new RegExp(`may not get ConfigMap ${elsewhere}/conf .* Role and a RoleBinding in namespace`),
  );
  assert.match(String(failureIn(view)['nextAttempt']), /^\d{4}-/);

  const rules = [
    { apiGroups: [''], resources: ['configmaps'], resourceNames: ['conf'], verbs: ['get'] },
  ];
  await grant(plane, elsewhere, account, rules);
  await apply('web', { chart: small, valuesFrom: [{ configMapKeyRef }], maxHistory: 9 });
  await untilReleased(plane, namespace, 'web');
  assert.deepEqual(failureIn(await readHelmRelease(plane, namespace, 'web')), {});
});
