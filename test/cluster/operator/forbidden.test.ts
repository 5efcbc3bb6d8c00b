// SPDX-License-Identifier: Apache-2.0

/** An operator that may not do something says what, and does the rest. */

import assert from 'node:assert/strict';
import { DIALECTS } from '@helm-operator/api';
import { untilReleased } from '../../kit/helm-release.ts';
import { applyCrd } from '../../kit/original-operator.ts';
import { story } from './story.ts';

/** All but Deployments. */
const RULES = [
  { apiGroups: ['helm.fluxcd.io'], resources: ['*'], verbs: ['*'] },
  { apiGroups: ['', 'batch', 'events.k8s.io'], resources: ['*'], verbs: ['*'] },
  { apiGroups: ['apps'], resources: ['*'], verbs: ['get', 'list', 'watch'] },
];

story('what RBAC forbids is named in the status; other releases go on', async (told) => {
  const { plane, namespace, operator, apply } = told;
  // The older kind is defined, too, and may not be read: nobody waits for it.
  for (const { crd } of DIALECTS) await applyCrd(plane, crd);
  const role = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}`;
  await plane.call('POST', `${role}/roles`, {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: { name: 'limited' },
    rules: RULES,
  });
  await plane.call('POST', `${role}/rolebindings`, {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name: 'limited' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'limited' },
    subjects: [{ kind: 'User', name: 'limited', apiGroup: 'rbac.authorization.k8s.io' }],
  });
  const running = await operator({ kubeconfig: await plane.kubeconfigFor('limited', []) });
  assert.match(running.log(), /left alone until they may be read/);
  await apply('web');
  const view = await untilReleased(plane, namespace, 'web', 'False');
  const text = view.conditions.map(({ message }) => message).join('\n');
  assert.match(text, /deployments\.apps/);
  assert.match(text, /forbidden/);
  assert.match(text, /User "limited" cannot create/);

  await apply('small', {
    chart: { repository: told.repository.url, name: 'small', version: '1.0.0' },
  });
  await untilReleased(plane, namespace, 'small');
});
