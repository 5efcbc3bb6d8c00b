// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ChainLink } from '@helm-operator/api';
import { FetchError } from '@helm-operator/fetch';
import { HelmError, SourceError, type Step, WaitError } from '@helm-operator/helm';
import { KubeError } from '@helm-operator/kube';
import { ValuesError } from '../inputs/values.ts';
import { brokenLink, type Doing, evidenceOf } from './evidence.ts';

const at = (name: Step['name'], action: Step['action'] = 'upgrade'): Step => ({ action, name });
const plain = new Error('something else');
const refused = new KubeError({
  code: 'kube/invalid',
  message: 'Deployment "web" is invalid: spec.replicas: no s3cret',
  reason: 'Invalid',
  details: {
    ...{ group: 'apps', kind: 'Deployment', name: 'web', retryAfterSeconds: undefined },
    causes: [{ field: 'spec.replicas', reason: 'FieldValueInvalid', message: 'no s3cret' }],
  },
});

const ROWS: readonly (readonly [what: string, error: unknown, doing: Doing, link: ChainLink])[] = [
  [
    'a repository does not answer',
    new FetchError('fetch/unreachable', 'http://x', 'no'),
    { phase: 'chart-fetch-failed' },
    'source',
  ],
  [
    'a repository has no such chart',
    new SourceError('source/not-found', 'no chart'),
    { phase: 'chart-fetch-failed' },
    'chart',
  ],
  [
    'an index cannot be had',
    new SourceError('source/unreachable', 'no', plain),
    { phase: 'chart-fetch-failed' },
    'source',
  ],
  ['no word on what failed while fetching', plain, { phase: 'chart-fetch-failed' }, 'source'],
  [
    'a Secret is missing',
    new ValuesError('no', 'waiting'),
    { phase: 'failed', gathering: 'values' },
    'values',
  ],
  [
    'the API server refuses to show a Secret',
    refused,
    { phase: 'failed', gathering: 'values' },
    'values',
  ],
  [
    'a template fails',
    new HelmError('helm/render', 'no'),
    { phase: 'deploy-failed', step: at('capabilities-read') },
    'render',
  ],
  [
    'an unknown error before the manifest',
    plain,
    { phase: 'deploy-failed', step: at('capabilities-read') },
    'render',
  ],
  [
    'a CRD is refused',
    refused,
    { phase: 'deploy-failed', step: at('history-read', 'install') },
    'apply',
  ],
  [
    'an object is refused',
    new HelmError('helm/apply', 'no', { cause: refused }),
    { phase: 'deploy-failed', step: at('pre-hooks-done') },
    'apply',
  ],
  [
    'a hook fails before the objects',
    new WaitError('helm/hook-failed', 'no', []),
    { phase: 'deploy-failed', step: at('hook-created') },
    'apply',
  ],
  [
    'a hook fails after them',
    new WaitError('helm/hook-failed', 'no', []),
    { phase: 'deploy-failed', step: at('waited') },
    'ready',
  ],
  [
    'objects do not become ready',
    new WaitError('helm/wait-timeout', 'no', []),
    { phase: 'deploy-failed', step: at('pruned') },
    'ready',
  ],
  ['a test fails', plain, { phase: 'test-failed', step: at('hook-created', 'test') }, 'test'],
  [
    'a rollback fails',
    refused,
    { phase: 'rollback-failed', step: at('history-read', 'rollback') },
    'apply',
  ],
  ['the records cannot be read', refused, { phase: 'failed' }, 'apply'],
];

test('which link broke', () => {
  for (const [what, error, doing, link] of ROWS) assert.equal(brokenLink(error, doing), link, what);
});

const redact = (text: string) => text.replaceAll('s3cret', '***');

test('an object that is refused is named with its fields, without secrets', () => {
  const error = new HelmError('helm/apply', 'cannot patch "web": no s3cret', { cause: refused });
  const doing = { phase: 'deploy-failed', step: at('record-pending') } as const;
  assert.deepEqual(evidenceOf(error, doing, redact), {
    broken: 'apply',
    reason: 'validation',
    message: 'cannot patch "web": no ***',
    retry: 'terminal',
    mend: 'correct the field in the chart or the values',
    culprits: [
      {
        object: 'Deployment web',
        reason: 'Invalid',
        message: 'spec.replicas: no ***',
        events: undefined,
        logTail: undefined,
      },
    ],
  });
});

test('who keeps others waiting is told with pod, events and the end of the log; bounded', () => {
  const culprit = {
    ref: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'apps', name: 'web' },
    message: 'Deployment: 0 out of 1 expected pods are ready',
    pod: 'web-1',
    container: 'main',
    reason: 'CrashLoopBackOff: s3cret',
    mend: 'look at the log',
    events: ['one', 'two', 'three', 'four s3cret'],
    logTail: `${'x'.repeat(5_000)}\ncannot open database`,
  };
  const error = new WaitError(
    'helm/wait-timeout',
    'timed out',
    Array.from({ length: 9 }, () => culprit),
  );
  const { culprits, retry, broken } = evidenceOf(
    new HelmError('helm/action-failed', 'x', { cause: error }),
    { phase: 'deploy-failed' },
    redact,
  );
  assert.deepEqual([broken, retry, culprits.length], ['ready', 'transient', 5]);
  const [first] = culprits;
  assert.equal(first?.object, 'Deployment apps/web');
  assert.equal(first.reason, 'CrashLoopBackOff: ***');
  assert.deepEqual(first.events, ['two', 'three', 'four ***']);
  assert.match(first.logTail ?? '', /^…x+\ncannot open database$/);
  assert.ok((first.logTail ?? '').length <= 2_001);
});

test('an object that the API server cannot even read is named all the same', () => {
  const unread = new KubeError({ code: 'kube/bad-request', message: 'x', reason: 'BadRequest' });
  const object = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'apps', name: 'web' };
  const error = new HelmError('helm/apply', '1 error occurred', {
    cause: new HelmError('helm/apply', 'cannot be handled', { cause: unread, object }),
  });
  const { culprits } = evidenceOf(error, { phase: 'deploy-failed' }, redact);
  assert.deepEqual(
    culprits.map((culprit) => [culprit.object, culprit.reason]),
    [['Deployment apps/web', 'BadRequest']],
  );
});
