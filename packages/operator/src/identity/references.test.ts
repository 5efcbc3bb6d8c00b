// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeHelmRelease, type ReleaseIntent } from '@helm-operator/api';
import { decodeJson, type ValueMap } from '@helm-operator/gocompat';
import { type JsonObject, jsonOfObject, objectOfJson } from '@helm-operator/kube';
import { CrossNamespaceError, checkReferences, foreignReferences } from './references.ts';
import { DEFAULT_TENANCY, identityOf, withTenant } from './tenant.ts';

function intentOf(spec: object, annotations: object = {}): ReleaseIntent {
  const object = {
    ...{ apiVersion: 'helm.fluxcd.io/v1', kind: 'HelmRelease' },
    metadata: { name: 'web', namespace: 'apps', annotations },
    spec: { chart: { repository: 'http://charts.test', name: 'web', version: '1' }, ...spec },
  };
  return decodeHelmRelease(decodeJson(JSON.stringify(object)) as ValueMap);
}

const GIT = {
  git: 'https://git.test/web',
  path: 'web',
  secretRef: { name: 'git', namespace: 'infra' },
};
const SECRET = { secretKeyRef: { name: 'conf', namespace: 'infra' } };
const CONFIG_MAP = { configMapKeyRef: { name: 'conf', namespace: 'infra' } };
const SIGNAL = new AbortController().signal;

/** An API server that allows what `allowed` names, and keeps what it was asked. */
function server(allowed: readonly string[]) {
  const asked: JsonObject[] = [];
  const create = async (object: ValueMap) => {
    const review = jsonOfObject(object);
    const spec = review['spec'] as JsonObject;
    const { resource, namespace, name } = spec['resourceAttributes'] as Record<string, string>;
    asked.push(spec);
    const isAllowed = allowed.includes(`${resource} ${namespace}/${name}`);
    return objectOfJson({ ...review, status: { allowed: isAllowed } });
  };
  return { asked, create };
}

const refusal = async (
  intent: ReleaseIntent,
  crossNamespace: 'allow' | 'rbac' | 'deny',
  allowed: readonly string[] = [],
): Promise<CrossNamespaceError | undefined> => {
  try {
    await checkReferences(intent, { ...DEFAULT_TENANCY, crossNamespace }, server(allowed), SIGNAL);
    return undefined;
  } catch (error) {
    assert.ok(error instanceof CrossNamespaceError, String(error));
    return error;
  }
};

test('references to other namespaces are found once each, own ones are none', () => {
  const own = { secretKeyRef: { name: 'own' } };
  const intent = intentOf(
    { chart: GIT, valuesFrom: [own, SECRET, CONFIG_MAP, SECRET] },
    { 'helm-operator.dev/depends-on': 'db, infra/queue' },
  );
  const found = foreignReferences(intent).map(
    ({ kind, namespace, name, link }) => `${kind} ${namespace}/${name} ${link}`,
  );
  assert.deepEqual(found, [
    'HelmRelease infra/queue source',
    'Secret infra/git source',
    'Secret infra/conf values',
    'ConfigMap infra/conf values',
  ]);
});

test('allowed: nothing is asked', async () => {
  const { asked, create } = server([]);
  await checkReferences(intentOf({ valuesFrom: [SECRET] }), DEFAULT_TENANCY, { create }, SIGNAL);
  assert.deepEqual(asked, []);
});

test('denied: the reference and the mend are named; nothing is tried again', async () => {
  const error = await refusal(intentOf({ valuesFrom: [SECRET] }), 'deny');
  assert.equal(
    error?.message,
    'cross-namespace references are not allowed: cannot access Secret infra/conf of spec.valuesFrom: put it into namespace apps',
  );
  assert.deepEqual([error.retry, error.link], ['terminal', 'values']);
  assert.equal(await refusal(intentOf({}), 'deny'), undefined);
});

test('rbac: what the service account may get is followed', async () => {
  const intent = withTenant(intentOf({ valuesFrom: [SECRET, CONFIG_MAP] }), {
    crossNamespace: 'rbac',
    defaultServiceAccount: 'deployer',
  });
  const both = ['secrets infra/conf', 'configmaps infra/conf'];
  assert.equal(await refusal(intent, 'rbac', both), undefined);
  const error = await refusal(intent, 'rbac', ['secrets infra/conf']);
  assert.match(
    error?.message ?? '',
    /^cross-namespace reference refused: system:serviceaccount:apps:deployer may not get ConfigMap infra\/conf of spec\.valuesFrom: let it get configmaps conf by a Role and a RoleBinding in namespace infra$/,
  );
  assert.equal(error?.retry, 'waiting');
});

test('rbac asks as the API server will judge; without a service account as the default one', async () => {
  const { asked, create } = server(['helmreleases infra/queue']);
  const intent = intentOf({}, { 'helm-operator.dev/depends-on': 'infra/queue' });
  await checkReferences(intent, { ...DEFAULT_TENANCY, crossNamespace: 'rbac' }, { create }, SIGNAL);
  assert.deepEqual(asked, [
    {
      user: 'system:serviceaccount:apps:default',
      groups: ['system:serviceaccounts', 'system:serviceaccounts:apps', 'system:authenticated'],
      resourceAttributes: {
        ...{ verb: 'get', group: 'helm.fluxcd.io', resource: 'helmreleases' },
        ...{ namespace: 'infra', name: 'queue' },
      },
    },
  ]);
});

test('whom a release acts as: its own word, then the flag, then the operator itself', () => {
  const annotated = intentOf({}, { 'helm-operator.dev/service-account': 'mine' });
  const flagged = { crossNamespace: 'allow', defaultServiceAccount: 'deployer' } as const;
  const user = (intent: ReleaseIntent) => identityOf(intent)?.user;
  assert.equal(user(withTenant(annotated, flagged)), 'system:serviceaccount:apps:mine');
  assert.equal(user(withTenant(intentOf({}), flagged)), 'system:serviceaccount:apps:deployer');
  assert.equal(user(withTenant(intentOf({}), DEFAULT_TENANCY)), undefined);
  assert.throws(() => intentOf({}, { 'helm-operator.dev/service-account': 'a:b' }), {
    code: 'api/decode',
  });
});
