// SPDX-License-Identifier: Apache-2.0

/** Fields that the original read and did not pass on, or that stopped a release. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeJson, type ValueMap } from '@helm-operator/gocompat';
import type { ReleaseIntent } from '../release-intent.ts';
import { decodeHelmRelease } from './decode.ts';

function decoded(spec: object, metadata: object = {}): ReleaseIntent {
  const chart = { repository: 'http://charts.test', name: 'web', version: '1.0.0' };
  const object = {
    ...{ apiVersion: 'helm.fluxcd.io/v1', kind: 'HelmRelease' },
    metadata: { namespace: 'apps', name: 'web', ...metadata },
    spec: { chart, ...spec },
  };
  return decodeHelmRelease(decodeJson(JSON.stringify(object)) as ValueMap);
}

test('B10: disableOpenAPIValidation is passed on for upgrades and comparisons, too', () => {
  for (const action of ['install', 'upgrade', 'rollback'] as const) {
    const isValidated = (spec: object) => decoded(spec)[action].apply.isValidated;
    assert.equal(isValidated({ disableOpenAPIValidation: true }), false);
    assert.equal(isValidated({}), true);
  }
});

test('B11: every field of rollback reaches the rollback, the limit of revisions too', () => {
  const { rollback, history, onFailure } = decoded({
    maxHistory: 3,
    rollback: {
      ...{ enable: true, force: true, recreate: true, disableHooks: true },
      ...{ timeout: 7, wait: true, retry: true, maxRetries: 2 },
    },
  });
  assert.deepEqual(rollback, {
    timeoutMs: 7_000,
    wait: { strategy: 'helm3' },
    hooks: { isDisabled: true },
    apply: { ...decoded({}).install.apply, mustReplace: true },
    mustRecreatePods: true,
    mustCleanupOnFail: false,
  });
  assert.deepEqual(history, { maxRevisions: 3 });
  assert.equal(onFailure.upgrade.remedy, 'rollback');
  assert.equal(onFailure.upgrade.retries, 2);
});

test('B24: a generated name that is too long for Helm ends in a digest; a given one is left alone', () => {
  const long = 'a-very-long-name-of-a-release-for-which-helm-has-no-room';
  const { name } = decoded({}, { name: long }).release;
  assert.equal(name.length <= 53, true, name);
  assert.match(name, /^apps-a-very-long-name-of-a-release-for-which-[0-9a-f]{8}$/);
  assert.notEqual(name, decoded({}, { name: `${long}-2` }).release.name);
  assert.equal(decoded({}, { name: long }).release.name, name, 'always the same');
  assert.equal(decoded({ releaseName: long }).release.name, long);
  assert.equal(decoded({}).release.name, 'apps-web');
  assert.equal(decoded({ targetNamespace: 'prod' }).release.name, 'apps-prod-web');
});

test('B30: without helmVersion it is Helm 3, however many versions are enabled in whatever order', () => {
  assert.equal(decoded({}).refusal, undefined);
  assert.equal(decoded({ helmVersion: 'v3' }).refusal, undefined);
  assert.match(decoded({ helmVersion: 'v2' }).refusal?.reason ?? '', /spec\.helmVersion is v2/);
});

test('wait: given, or where rollback or tests need it', () => {
  const strategies = [
    {},
    { rollback: { enable: true } },
    { test: { enable: true } },
    { wait: false, rollback: { enable: true } },
    { wait: true },
  ].map((spec) => decoded(spec).upgrade.wait.strategy);
  assert.deepEqual(strategies, ['none', 'helm3', 'helm3', 'none', 'helm3']);
});

test('maxRetries: five without a word, 0 without end, none without retry', () => {
  const retries = (rollback: object) =>
    decoded({ rollback: { enable: true, ...rollback } }).onFailure.upgrade.retries;
  assert.equal(retries({ retry: true }), 5);
  assert.equal(retries({ retry: true, maxRetries: 0 }), Infinity);
  assert.equal(retries({ retry: true, maxRetries: 1 }), 1);
  assert.equal(retries({ maxRetries: 4 }), 0);
});

test('sources: of two that are complete Git counts', () => {
  const repository = { repository: 'http://charts.test', name: 'web', version: '1.0.0' };
  const git = { git: 'https://git.test/charts', path: 'web' };
  assert.equal(decoded({ chart: { ...repository, ...git } }).chart.kind, 'git');
  const { git: url } = git;
  assert.equal(decoded({ chart: { ...repository, git: url } }).chart.kind, 'helm-repository');
});
