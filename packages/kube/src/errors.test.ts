// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorOfAnswer, type KubeErrorCode, type Retry } from './errors.ts';

/** [HTTP status, Status reason, code, retry] */
const ROWS: readonly (readonly [number, string, KubeErrorCode, Retry])[] = [
  [409, 'Conflict', 'kube/conflict', 'transient'],
  [409, 'AlreadyExists', 'kube/already-exists', 'transient'],
  [409, '', 'kube/conflict', 'transient'],
  [403, 'Forbidden', 'kube/forbidden', 'transient'],
  [422, 'Invalid', 'kube/invalid', 'terminal'],
  [400, 'BadRequest', 'kube/bad-request', 'terminal'],
  [410, 'Gone', 'kube/expired', 'transient'],
  [410, 'Expired', 'kube/expired', 'transient'],
  [504, 'Timeout', 'kube/timeout', 'transient'],
  [500, 'ServerTimeout', 'kube/timeout', 'transient'],
  [429, 'TooManyRequests', 'kube/too-many-requests', 'transient'],
  [401, 'Unauthorized', 'kube/unauthorized', 'transient'],
  [404, 'NotFound', 'kube/not-found', 'transient'],
  [413, 'RequestEntityTooLarge', 'kube/too-large', 'terminal'],
  [500, 'InternalError', 'kube/internal', 'transient'],
  [503, '', 'kube/unavailable', 'transient'],
  [599, '', 'kube/unavailable', 'transient'],
  [418, '', 'kube/rejected', 'unknown'],
];
for (const [status, reason, code, retry] of ROWS) {
  test(`${status} ${reason || 'without a reason'}: ${code}`, () => {
    const body = JSON.stringify({ kind: 'Status', reason, message: 'the words of the server' });
    const error = errorOfAnswer('get Secret a/b', status, body);
    assert.equal(error.code, code);
    assert.equal(error.retry, retry);
    assert.equal(error.status, status);
    assert.equal(error.message, 'get Secret a/b: the words of the server');
    assert.equal(error.serverMessage, 'the words of the server');
  });
}

test('details and causes are kept', () => {
  const causes = [{ reason: 'FieldValueInvalid', message: 'bad', field: 'spec.x' }];
  const details = { name: 'web', group: 'apps', kind: 'deployments', causes, retryAfterSeconds: 3 };
  const error = errorOfAnswer('x', 422, JSON.stringify({ kind: 'Status', details }));
  assert.deepEqual(error.details, details);
});

test('an answer that is no Status becomes a short text', () => {
  const error = errorOfAnswer('get x', 502, `<html>\n  ${'bad gateway '.repeat(100)}</html>`);
  assert.equal(error.code, 'kube/unavailable');
  assert.ok(error.message.length < 330);
  assert.match(errorOfAnswer('get x', 500, '').message, /answered with status 500/);
});

test('a webhook that denies may permit later', () => {
  const message = 'admission webhook "policy.example" denied the request: not on Fridays';
  const error = errorOfAnswer(
    'x',
    400,
    JSON.stringify({ kind: 'Status', reason: 'BadRequest', message }),
  );
  assert.equal(error.retry, 'unknown');
});
