// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeCluster } from '../../../../test/kit/fake-cluster/fake-cluster.ts';
import { buildObjects } from './build.ts';
import { metadataTexts } from './objects.ts';
import { withOwnership } from './ownership.ts';

const MANIFEST = `apiVersion: v1
kind: ConfigMap
metadata: {name: here, annotations: {own: kept}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: there, namespace: kube-system}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: everywhere}
---
apiVersion: v1
kind: List
items:
  - {apiVersion: v1, kind: Secret, metadata: {name: first}}
  - {apiVersion: v1, kind: Service, metadata: {name: second}}
`;

test('marks come onto every object: of other namespaces, of none, and those in lists', async () => {
  const built = await buildObjects(MANIFEST, 'default', { cluster: new FakeCluster() });
  const release = { name: 'web', namespace: 'default' };
  const marked = withOwnership(built, release, new Map([['mark', 'mine']]));
  assert.deepEqual(
    marked.map(({ ref, object }) => [
      ref.kind,
      ref.name,
      metadataTexts(object, 'annotations').get('mark'),
    ]),
    [
      ['ConfigMap', 'here', 'mine'],
      ['ConfigMap', 'there', 'mine'],
      ['ClusterRole', 'everywhere', 'mine'],
      ['Secret', 'first', 'mine'],
      ['Service', 'second', 'mine'],
    ],
  );
  const [first] = marked;
  assert.equal(first && metadataTexts(first.object, 'annotations').get('own'), 'kept');
  assert.ok(!JSON.stringify(built.map(({ object }) => [...object])).includes('mine'));
});
