// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { errorOfAnswer, KubeError } from '@helm-operator/kube';
import { HelmError, wrap } from './errors.ts';
import { API_FAILURES, diagnose, worstOf } from './failures.ts';
import { WaitError } from './wait/wait-error.ts';

interface Answer {
  readonly status: number;
  readonly reason: string;
  readonly message: string;
  readonly fields?: readonly string[];
}

function answer({ status, reason, message, fields = [] }: Answer): KubeError {
  const causes = fields.map((field) => ({ field, reason: 'FieldValueInvalid', message: '' }));
  const body = { kind: 'Status', status: 'Failure', reason, message, details: { causes } };
  return errorOfAnswer('patch Deployment default/web', status, JSON.stringify(body));
}

const IMMUTABLE =
  'Deployment.apps "web" is invalid: spec.selector: Invalid value: {"matchLabels":{}}: field is immutable';

test('answers of the API server: reason, verdict, fields', () => {
  const rows: readonly (readonly [Answer, string])[] = [
    [
      { status: 422, reason: 'Invalid', message: IMMUTABLE, fields: ['spec.selector'] },
      'immutable-field terminal spec.selector',
    ],
    [
      {
        status: 422,
        reason: 'Invalid',
        message:
          'StatefulSet.apps "db" is invalid: spec: Forbidden: updates to statefulset spec for fields other than …',
        fields: ['spec'],
      },
      'immutable-field terminal spec',
    ],
    [
      {
        status: 422,
        reason: 'Invalid',
        message: 'Service "a" is invalid: spec.ports: Required value',
        fields: ['spec.ports'],
      },
      'validation terminal spec.ports',
    ],
    [
      {
        status: 400,
        reason: 'BadRequest',
        message: 'strict decoding error: unknown field "spec.foo", unknown field "spec.bar"',
      },
      'unknown-field terminal spec.foo,spec.bar',
    ],
    [
      {
        status: 403,
        reason: 'Forbidden',
        message: 'pods "a" is forbidden: exceeded quota: q, requested: pods=1',
      },
      'quota waiting ',
    ],
    [
      {
        status: 403,
        reason: 'Forbidden',
        message:
          'configmaps "a" is forbidden: unable to create new content in namespace x because it is being terminated',
      },
      'namespace-terminating waiting ',
    ],
    [
      {
        status: 403,
        reason: 'Forbidden',
        message: 'configmaps is forbidden: User "u" cannot create resource "configmaps"',
      },
      'forbidden transient ',
    ],
    [
      {
        status: 403,
        reason: 'Forbidden',
        message: 'pods "a" is forbidden: violates PodSecurity "restricted:latest": x',
      },
      'pod-security terminal ',
    ],
    [
      { status: 404, reason: 'NotFound', message: 'namespaces "x" not found' },
      'namespace-missing transient ',
    ],
    [
      {
        status: 409,
        reason: 'Conflict',
        message: 'Apply failed with 1 conflict: conflict with "kubectl": .spec.replicas',
        fields: ['.spec.replicas'],
      },
      'field-conflict terminal spec.replicas',
    ],
    [
      {
        status: 409,
        reason: 'Conflict',
        message: 'Operation cannot be fulfilled on configmaps "a": the object has been modified',
      },
      'conflict transient ',
    ],
    [
      {
        status: 409,
        reason: 'AlreadyExists',
        message: 'object is being deleted: configmaps "a" already exists',
      },
      'being-deleted waiting ',
    ],
    [
      {
        status: 500,
        reason: 'InternalError',
        message: 'Internal error occurred: failed calling webhook "x.y": connection refused',
      },
      'webhook-down transient ',
    ],
    [
      {
        status: 403,
        reason: 'Forbidden',
        message: 'admission webhook "x.y" denied the request: no',
      },
      'webhook-denied unknown ',
    ],
    [
      { status: 429, reason: 'TooManyRequests', message: 'too many requests' },
      'overloaded transient ',
    ],
    [{ status: 504, reason: 'Timeout', message: 'request did not complete' }, 'timeout transient '],
    [
      {
        status: 422,
        reason: 'Invalid',
        message: 'Secret "s" is invalid: data: Too long: may not be more than 1048576 bytes',
        fields: ['data'],
      },
      'too-large terminal data',
    ],
    [{ status: 401, reason: 'Unauthorized', message: 'Unauthorized' }, 'unauthorized transient '],
    [{ status: 418, reason: '', message: 'teapot' }, 'rejected unknown '],
  ];
  for (const [input, expected] of rows) {
    const { reason, retry, fields } = diagnose(answer(input));
    assert.equal(`${reason} ${retry} ${fields.join(',')}`, expected, input.message);
  }
});

test('a verdict is found through everything that was wrapped around it', () => {
  const low = answer({ status: 422, reason: 'Invalid', message: IMMUTABLE, fields: ['spec'] });
  const high = wrap(
    'helm/action-failed',
    'upgrade failed',
    wrap('helm/apply', 'cannot patch', low),
  );
  assert.equal(high.retry, 'terminal');
  assert.equal(diagnose(high).reason, 'immutable-field');
  assert.match(diagnose(high).mend, /recreated/);
  assert.equal(new WaitError('helm/wait-timeout', 'x', []).retry, 'transient');
  const late = new HelmError('helm/action-failed', 'x', {
    cause: new WaitError('helm/wait-timeout', 'x', []),
  });
  assert.equal(late.retry, 'transient');
});

test('the error of the room decides over the answer below it', () => {
  const cause = answer({ status: 422, reason: 'Invalid', message: 'data: Too long: must have' });
  const error = new HelmError('helm/record-too-large', 'x', { cause });
  assert.equal(diagnose(error).reason, 'record-too-large');
  assert.equal(error.retry, 'terminal');
});

test('of several errors the one that no retry mends decides', () => {
  const errors = [
    answer({ status: 429, reason: 'TooManyRequests', message: 'x' }),
    answer({ status: 422, reason: 'Invalid', message: IMMUTABLE }),
    answer({ status: 403, reason: 'Forbidden', message: 'exceeded quota' }),
  ];
  assert.equal(worstOf(errors), errors[1]);
  assert.equal(new HelmError('helm/apply', 'x', { cause: worstOf(errors) }).retry, 'terminal');
});

test('errors nobody knows are unknown, plain verdicts count', () => {
  assert.equal(diagnose(new Error('x')).retry, 'unknown');
  assert.equal(diagnose('x').retry, 'unknown');
  assert.equal(diagnose(new Error('x', { cause: { retry: 'waiting' } })).retry, 'waiting');
});

test('every row can be reached', () => {
  for (const [i, { codes, words, reason }] of API_FAILURES.entries()) {
    assert.ok(codes.length > 0);
    const isHidden = codes.every((code) =>
      API_FAILURES.slice(0, i).some((row) => row.words === undefined && row.codes.includes(code)),
    );
    assert.ok(!isHidden, reason);
    assert.ok(words === undefined || words.flags === '', reason);
  }
  const conflict = new KubeError({ code: 'kube/conflict', message: 'x' });
  assert.equal(diagnose(conflict).reason, 'conflict');
});

test('the page about failures shows the table as it is', () => {
  const page = readFileSync(new URL('../../../docs/engine/lifecycle.md', import.meta.url), 'utf8');
  for (const { reason, retry, mend } of API_FAILURES) {
    const row = `| \`${reason}\` | ${retry} | ${mend === '' ? '–' : mend} |`;
    assert.ok(page.includes(row), row);
  }
});
