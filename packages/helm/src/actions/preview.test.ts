// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configMap, Harness } from '../../../../test/kit/release-harness.ts';
import { printPlan } from '../plan/print.ts';
import type { ReleasePlan } from '../plan/release-plan.ts';
import { install } from './install.ts';
import {
  previewInstall,
  previewInstallOrUpgrade,
  previewRollback,
  previewUninstall,
  previewUpgrade,
} from './preview.ts';
import { upgrade } from './upgrade.ts';

const SECRET =
  'apiVersion: v1\nkind: Secret\nmetadata:\n  name: s\ndata:\n  token: b2xkLXRva2Vu\n  same: c2FtZQ==';
const HOOK =
  'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: h\n  annotations:\n    helm.sh/hook: pre-upgrade\n    helm.sh/hook-weight: "-5"';
const DEPLOYMENT = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: d
spec:
  replicas: 1
  selector: {matchLabels: {app: d}}
  template:
    metadata: {labels: {app: d}}
    spec:
      containers:
      - {name: main, image: "nginx:1", env: [{name: A, value: "1"}]}
      - {name: side, image: "side:1"}`;

const FIRST = {
  documents: [configMap('a'), configMap('gone'), SECRET, DEPLOYMENT],
};
const SECOND = {
  documents: [
    configMap('a', 'a: |-\n    one\n    TWO\n    three'),
    configMap('new'),
    SECRET.replace('b2xkLXRva2Vu', 'bmV3LXRva2Vu'),
    DEPLOYMENT.replace('nginx:1', 'nginx:2').replace('replicas: 1', 'replicas: 3'),
    HOOK,
  ],
};

/** `stage verb Kind/name`, one for each item. */
function outline({ stages }: ReleasePlan): readonly string[] {
  return stages.flatMap(({ name, event, items }) =>
    items.map(({ verb, ref }) => `${event ?? name} ${verb} ${ref.kind}/${ref.name}`),
  );
}

const plain = { redact: (text: string) => text };

test('an upgrade is shown stage by stage, field by field, and nothing is written', async () => {
  const harness = new Harness();
  await install(harness.options(FIRST), harness.context());
  const before = harness.cluster.calls.length;
  const { plan, record } = await previewUpgrade(harness.options(SECOND), harness.context());
  assert.deepEqual(harness.writes(before), []);
  assert.equal(record.revision, 2);
  assert.deepEqual(outline(plan), [
    'pre-upgrade run ConfigMap/h',
    'objects change ConfigMap/a',
    'objects create ConfigMap/new',
    'objects change Secret/s',
    'objects change Deployment/d',
    'prune delete ConfigMap/gone',
  ]);
  const text = printPlan(plan, plain);
  for (const line of [
    'upgrade web in default, revision 1 → 2',
    '> run ConfigMap/default/h  # weight -5, deleted before-hook-creation',
    'objects (planned again after pre-hooks-done)',
    '    + data.a:\n    +   one\n    +   TWO\n    +   three',
    '    - data.a: b',
    '    ~ data.token: (hidden, 9 bytes) → (hidden, 9 bytes)',
    '~ change Deployment/default/d  # the manifest changed',
    '    ~ spec.replicas: 1 → 3',
    '    ~ spec.template.spec.containers[name=main].image: nginx:1 → nginx:2',
    '- delete ConfigMap/default/gone  # the manifest no longer has it',
    '1 to create, 3 to change, 1 to delete, 1 hooks to run',
  ]) {
    assert.ok(text.includes(`${line}\n`), `${line} in\n${text}`);
  }
  assert.ok(!text.includes('token='));
  assert.ok(!text.includes('bmV3') && !text.includes('new-token'));
  assert.ok(text.includes('TWO'));
});

test('texts of several lines show the lines that differ', async () => {
  const harness = new Harness();
  const lines = (second: string) => ({
    documents: [configMap('a', `a: |-\n    1\n    2\n    3\n    ${second}\n    5\n    6\n    7`)],
  });
  await install(harness.options(lines('old')), harness.context());
  const { plan } = await previewUpgrade(harness.options(lines('new')), harness.context());
  assert.ok(
    printPlan(plan, plain).includes(
      '    ~ data.a, line 4:\n        2\n        3\n      - old\n      + new\n        5\n        6\n',
    ),
    printPlan(plan, plain),
  );
});

test('a change of the chart and one of somebody else have their own reasons', async () => {
  const harness = new Harness();
  await install(harness.options(FIRST), harness.context());
  const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'default', name: 'a' };
  await harness.cluster.patch(ref, 'merge', '{"data":{"a":"drift"}}');
  const { plan } = await previewUpgrade(harness.options(FIRST), harness.context());
  const text = printPlan(plan, plain);
  assert.ok(
    text.includes(
      '~ change ConfigMap/default/a  # somebody changed it; the manifest is as it was\n    ~ data.a: drift → b\n',
    ),
    text,
  );
});

test('an unchanged release has nothing to do', async () => {
  const harness = new Harness();
  await install(harness.options(FIRST), harness.context());
  const { plan } = await previewInstallOrUpgrade(harness.options(FIRST), harness.context());
  assert.equal(plan.action, 'upgrade');
  assert.ok(printPlan(plan, plain).endsWith('4 unchanged\n'));
});

const CRD_FILE = {
  name: 'web/crds/cat.yaml',
  text: 'apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: cats.x.y}\nspec: {group: x.y, scope: Namespaced, names: {kind: Cat, plural: cats}, versions: [{name: v1, served: true}]}',
};

test('an install with its own definitions is planned before they exist', async () => {
  const harness = new Harness();
  const cat = 'apiVersion: x.y/v1\nkind: Cat\nmetadata: {name: c}';
  const options = harness.options(
    { documents: [cat], crds: [CRD_FILE] },
    { mustCreateNamespace: true, release: { name: 'web', namespace: 'fresh' } },
  );
  const { plan } = await previewInstall(options, harness.context());
  assert.deepEqual(outline(plan), [
    'crds create CustomResourceDefinition/cats.x.y',
    'namespace create Namespace/fresh',
    'objects create Cat/c',
  ]);
  assert.deepEqual(harness.writes(), []);
});

test('rollbacks and uninstalls are shown too', async () => {
  const harness = new Harness();
  const kept = configMap('kept', 'a: b', ['helm.sh/resource-policy: keep']);
  await install(harness.options({ documents: [configMap('a'), kept] }), harness.context());
  await upgrade(
    harness.options({ documents: [configMap('a', 'a: c'), kept, configMap('b')] }),
    harness.context(),
  );
  const options = { ...harness.options(FIRST), toRevision: 1 };
  const rolled = await previewRollback(options, harness.context());
  assert.deepEqual(outline(rolled.plan), [
    'objects change ConfigMap/a',
    'objects keep ConfigMap/kept',
    'prune delete ConfigMap/b',
  ]);
  assert.equal(rolled.plan.revision, 3);
  const gone = await previewUninstall(options, harness.context());
  assert.deepEqual(outline(gone.plan), [
    'prune delete ConfigMap/a',
    'prune delete ConfigMap/b',
    'prune keep ConfigMap/kept',
  ]);
  assert.deepEqual(gone.plan.prunedRevisions, [1, 2]);
});

test('the API server is asked: what it refuses is told before anything is written', async () => {
  const harness = new Harness();
  await install(harness.options(FIRST), harness.context());
  const before = harness.cluster.calls.length;
  const how = { mustAskServer: true };
  const { plan } = await previewUpgrade(harness.options(SECOND), harness.context(), how);
  const objects = plan.stages.find(({ name }) => name === 'objects')?.items ?? [];
  assert.ok(objects.every(({ isExact }) => isExact));
  assert.ok(harness.cluster.calls.slice(before).some(({ isDryRun }) => isDryRun));
  assert.ok(
    harness.cluster.calls
      .slice(before)
      .every(({ verb, isDryRun }) => isDryRun || !['create', 'patch', 'update'].includes(verb)),
  );
});

test('what is done otherwise than shown is reported', async () => {
  const harness = new Harness();
  await install(harness.options(FIRST), harness.context());
  const options = harness.options({ documents: FIRST.documents.slice(1) });
  const { plan } = await previewUpgrade(options, harness.context());
  await upgrade({ ...options, shownPlan: plan.fingerprint }, harness.context());
  assert.deepEqual(harness.log, []);

  const next = harness.options(FIRST);
  const shown = await previewUpgrade(next, harness.context());
  await harness.cluster.delete({
    apiVersion: 'v1',
    kind: 'Secret',
    namespace: 'default',
    name: 's',
  });
  await upgrade({ ...next, shownPlan: shown.plan.fingerprint }, harness.context());
  assert.deepEqual(
    harness.log.map(({ message }) => message),
    ['the cluster changed since the plan was shown: Secret/default/s: create, was not planned'],
  );
});
