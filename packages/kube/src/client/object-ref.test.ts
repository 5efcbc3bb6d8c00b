// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../cluster.ts';
import { objectOfJson } from '../json-value.ts';
import { refOf } from './object-ref.ts';

const named = (apiVersion: string, kind: string, metadata: JsonObject) => () =>
  refOf(objectOfJson({ apiVersion, kind, metadata }), 'create an object');

test('an object needs a name, unless the API server makes one or none is stored', () => {
  assert.deepEqual(named('v1', 'Pod', { name: 'a', namespace: 'apps' })(), {
    ...{ apiVersion: 'v1', kind: 'Pod', namespace: 'apps', name: 'a' },
  });
  assert.equal(named('v1', 'Pod', { generateName: 'a-' })().name, '');
  assert.equal(named('authorization.k8s.io/v1', 'SubjectAccessReview', {})().name, '');
  for (const nameless of [
    named('v1', 'Pod', {}),
    named('example.org/v1', 'SubjectAccessReview', {}),
    named('', 'Pod', { name: 'a' }),
  ])
    assert.throws(nameless, { code: 'kube/bad-request' });
});
