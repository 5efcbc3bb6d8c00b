// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeJson, type ValueMap } from '@helm-operator/gocompat';
import { textOf } from '@helm-operator/helm';
import { KubeError } from '@helm-operator/kube';
import { withWhatIsLeft } from './namespace-end.ts';
import { verdictOf } from './verdict.ts';

const { signal } = new AbortController();
const refusal = (message: string) =>
  new KubeError({
    code: 'kube/forbidden',
    ...{ message, reason: 'Forbidden' },
    details: { group: '', kind: 'secrets', name: 'a', retryAfterSeconds: undefined, causes: [] },
  });
const ends = refusal(
  'secrets "a" is forbidden: unable to create new content in namespace apps because it is being terminated',
);
const namespace = decodeJson(
  JSON.stringify({
    status: {
      conditions: [
        { type: 'NamespaceDeletionDiscoveryFailure', status: 'False', message: 'All discovered' },
        {
          type: 'NamespaceFinalizersRemaining',
          status: 'True',
          message: 'Some content has finalizers remaining: pets.test/clings in 1 instances',
        },
      ],
    },
  }),
) as ValueMap;

test('what keeps a namespace from ending is told, the verdict stays', async () => {
  const told = await withWhatIsLeft(ends, { get: async () => namespace }, signal);
  assert.match(textOf(told), /is being terminated; namespace apps: .*pets\.test\/clings/);
  assert.doesNotMatch(textOf(told), /All discovered/);
  assert.deepEqual(verdictOf(told), verdictOf(ends));
});

test('a namespace that may not be read, and every other error, leave the error as it is', async () => {
  const refused = async () => {
    throw refusal('namespaces "apps" is forbidden');
  };
  assert.equal(await withWhatIsLeft(ends, { get: refused }, signal), ends);
  const other = new Error('something else');
  assert.equal(await withWhatIsLeft(other, { get: async () => namespace }, signal), other);
});
