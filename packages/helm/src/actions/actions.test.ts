// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { fieldAt, type JsonObject } from '@helm-operator/kube';
import { configMap, Harness } from '../../../../test/kit/release-harness.ts';
import type { ActionContext } from './context.ts';
import { install } from './install.ts';
import { rollback } from './rollback.ts';
import { ActionError } from './session.ts';
import { uninstall } from './uninstall.ts';
import { upgrade } from './upgrade.ts';

const ONE = { documents: [configMap('a'), configMap('b')], notes: 'hello\n' };

async function failure(action: Promise<unknown>): Promise<ActionError> {
  try {
    await action;
  } catch (error) {
    assert.ok(error instanceof ActionError, String(error));
    return error;
  }
  throw new Error('the action should have failed');
}

function annotationsOf(object: JsonObject = {}): JsonObject {
  return (fieldAt(object, 'metadata.annotations') ?? {}) as JsonObject;
}

const ref = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'default', name });

test('install: objects carry the marks, the record brackets the work', async () => {
  const harness = new Harness();
  const record = await install(harness.options(ONE), harness.context());
  assert.equal(record.info.status, 'deployed');
  assert.equal(record.info.description, 'Install complete');
  assert.equal(record.info.notes, 'hello\n');
  assert.equal(record.mark, undefined);
  assert.deepEqual(harness.objects(), ['ConfigMap/a', 'ConfigMap/b']);
  const live = harness.cluster.peek(ref('a'));
  assert.deepEqual(annotationsOf(live), {
    'meta.helm.sh/release-name': 'web',
    'meta.helm.sh/release-namespace': 'default',
  });
  assert.ok(!record.manifest.includes('meta.helm.sh'));
  assert.deepEqual(
    harness.steps.map(({ name }) => name),
    [
      'history-read',
      'capabilities-read',
      'rendered',
      'built',
      'planned',
      'history-pruned',
      'record-pending',
      'pre-hooks-done',
      'object-done',
      'object-done',
      'objects-done',
      'post-hooks-done',
      'record-final',
    ],
  );
});

test('install: the pending record says who works on it', async () => {
  const harness = new Harness();
  harness.onStep = ({ name }) => {
    if (name === 'record-pending') throw new Error('stop');
  };
  await assert.rejects(install(harness.options(ONE), harness.context()), { message: 'stop' });
  const [record] = await harness.records();
  assert.equal(record?.info.status, 'pending-install');
  assert.equal(record?.info.description, 'Initial install underway');
  assert.deepEqual(record?.mark, {
    holder: 'me',
    step: 'record-pending',
    timeoutMs: 60_000,
    finishedEvents: [],
  });
});

test('install: what is refused before the record leaves nothing', async () => {
  const foreign = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'b', namespace: 'default' },
  };
  const harness = new Harness();
  harness.cluster.seed(foreign);
  await assert.rejects(install(harness.options(ONE), harness.context()), {
    code: 'helm/ownership',
    retry: 'terminal',
    message:
      'Unable to continue with install: ConfigMap "b" in namespace "default" exists and cannot be imported into the current release: invalid ownership metadata; label validation error: missing key "app.kubernetes.io/managed-by": must be set to "Helm"; annotation validation error: missing key "meta.helm.sh/release-name": must be set to "web"; annotation validation error: missing key "meta.helm.sh/release-namespace": must be set to "default"',
  });
  assert.deepEqual(await harness.statuses(), []);
  assert.deepEqual(harness.writes(), []);

  const taken = harness.options(ONE, {
    apply: { method: 'client', fieldManager: 'helm', mustTakeOwnership: true },
  });
  await install(taken, harness.context());
  assert.equal(annotationsOf(harness.cluster.peek(ref('b')))['meta.helm.sh/release-name'], 'web');
});

test('install: refusals in Helm words', async () => {
  const harness = new Harness();
  await install(harness.options(ONE), harness.context());
  await assert.rejects(install(harness.options(ONE), harness.context()), {
    code: 'helm/name-in-use',
    message: 'cannot re-use a name that is still in use',
  });
  await assert.rejects(
    install(
      harness.options(ONE, { release: { name: 'Web', namespace: 'default' } }),
      harness.context(),
    ),
    {
      code: 'helm/invalid-name',
      message: /^release name "Web": invalid release name, must match regex \^/,
    },
  );
  await assert.rejects(
    install(
      harness.options(ONE, {
        release: { name: 'x', namespace: 'default' },
        labels: new Map([['owner', 'me']]),
      }),
      harness.context(),
    ),
    {
      code: 'helm/invalid-options',
      message:
        'user supplied labels contains system reserved label name. System labels: [name owner status version createdAt modifiedAt]',
    },
  );
  const alien = { documents: ['apiVersion: x.y/v1\nkind: Alien\nmetadata:\n  name: et'] };
  await assert.rejects(
    install(
      harness.options(alien, { release: { name: 'x', namespace: 'default' } }),
      harness.context(),
    ),
    {
      code: 'helm/build',
      retry: 'transient',
      message:
        'unable to build kubernetes objects from release manifest: resource mapping not found for name: "et" namespace: "" from "": no matches for kind "Alien" in version "x.y/v1"\nensure CRDs are installed first',
    },
  );
});

test('install: requests', async () => {
  const harness = new Harness();
  await install(harness.options(ONE), harness.context());
  const verbs = harness.cluster.calls
    .filter(({ verb }) => verb !== 'resources')
    .map(({ verb }) => verb);
  // The history, the version, is each there, the record, each, the record.
  assert.deepEqual(verbs, [
    'list',
    'version',
    'get',
    'get',
    'create',
    'create',
    'create',
    'update',
  ]);
});

test('install: a dry run writes nothing', async () => {
  const harness = new Harness();
  const record = await install(harness.options(ONE, { dryRun: 'server' }), harness.context());
  assert.equal(record.info.description, 'Dry run complete');
  assert.equal(record.info.status, 'pending-install');
  assert.deepEqual(
    harness.cluster.calls
      .filter(({ verb }) => verb !== 'get')
      .map(({ verb }) => verb)
      .toSorted(),
    ['resources', 'resources', 'version'].toSorted(),
  );
});

test('install: the namespace is created first if told to', async () => {
  const harness = new Harness();
  const release = { name: 'web', namespace: 'default' };
  await install(harness.options(ONE, { release, mustCreateNamespace: true }), harness.context());
  assert.equal(harness.writes()[0], 'create Namespace/default');
});

const CATS = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: cats.pets.test
spec:
  group: pets.test
  scope: Namespaced
  names: {kind: Cat, plural: cats, singular: cat, listKind: CatList}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object}}
`;

test('install: CRDs come first, and their kinds can be used', async () => {
  const harness = new Harness();
  const chart = {
    documents: ['apiVersion: pets.test/v1\nkind: Cat\nmetadata:\n  name: tom'],
    crds: [{ name: 'crds/cat.yaml', text: CATS }],
  };
  await install(harness.options(chart), harness.context());
  assert.deepEqual(harness.objects(), ['Cat/tom', 'CustomResourceDefinition/cats.pets.test']);
  assert.ok(harness.render.requests[0]?.capabilities.apiVersions.includes('pets.test/v1/Cat'));
});

const CATLESS = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: b';

test('install: a CRD that is there stays, and it is told what it lacks', async () => {
  const harness = new Harness();
  const chartWith = (text: string) => ({
    documents: ['apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a'],
    crds: [{ name: 'crds/cat.yaml', text }],
  });
  const lines: string[] = [];
  const context = (): ActionContext => ({
    ...harness.context(),
    log: ({ level, message }) => void lines.push(`${level} ${message}`),
  });
  await install(harness.options(chartWith(CATS)), context());
  const newer = CATS.replace('{type: object}', '{type: object, properties: {claws: {}}}');
  const other = { name: 'other', namespace: 'default' };
  const chart = { ...chartWith(newer), documents: [CATLESS] };
  await install(harness.options(chart, { release: other }), context());
  const told = lines.filter((line) => line.startsWith('warning'));
  assert.equal(told.length, 1);
  assert.match(told[0] ?? '', /CRD cats\.pets\.test stays .* lacks claws of v1; to mend it/);
});

test('install: a failure is recorded, atomic takes everything back', async () => {
  const onCall = (call: { verb: string; name: string }): void => {
    if (call.verb === 'create' && call.name === 'b') throw new Error('b is refused');
  };
  const harness = new Harness('helm3', { onCall });
  const error = await failure(install(harness.options(ONE), harness.context()));
  assert.equal(error.message, '1 error occurred:\n\t* b is refused\n\n');
  const [record] = await harness.records();
  assert.equal(
    record?.info.description,
    'Release "web" failed: 1 error occurred:\n\t* b is refused\n\n',
  );
  assert.deepEqual(await harness.statuses(), ['1 failed']);

  const atomic = new Harness('helm3', { onCall });
  const undone = await failure(install(atomic.options(ONE, { isAtomic: true }), atomic.context()));
  assert.equal(
    undone.message,
    'release web failed, and has been uninstalled due to atomic being set: 1 error occurred:\n\t* b is refused\n\n',
  );
  assert.deepEqual(await atomic.statuses(), []);
  assert.deepEqual(atomic.objects(), []);
});

test('install: replace takes the name of a failed release', async () => {
  let mustFail = true;
  const harness = new Harness('helm3', {
    onCall: (call) => {
      if (mustFail && call.verb === 'create' && call.name === 'b') throw new Error('no');
    },
  });
  await failure(install(harness.options(ONE), harness.context()));
  mustFail = false;
  await install(harness.options(ONE, { canReplace: true }), harness.context());
  assert.deepEqual(await harness.statuses(), ['1 failed', '2 deployed']);
});

test('upgrade: an equal manifest is a new revision without object writes', async () => {
  const harness = new Harness();
  await install(harness.options(ONE), harness.context());
  const before = harness.cluster.calls.length;
  const record = await upgrade(harness.options(ONE), harness.context());
  assert.equal(record.info.description, 'Upgrade complete');
  assert.deepEqual(harness.writes(before), []);
  const verbs = harness.cluster.calls
    .slice(before)
    .filter(({ verb }) => verb !== 'resources')
    .map(({ verb }) => verb);
  assert.deepEqual(verbs, ['list', 'version', 'get', 'get', 'create', 'update', 'update']);
  assert.deepEqual(await harness.statuses(), ['1 superseded', '2 deployed']);
});

test('upgrade: changes are patched, new objects created, old ones deleted, kept ones kept', async () => {
  const harness = new Harness();
  const first = {
    documents: [
      configMap('a'),
      configMap('b'),
      configMap('old'),
      configMap('kept', 'a: b', ['helm.sh/resource-policy: keep']),
    ],
  };
  await install(harness.options(first), harness.context());
  const before = harness.cluster.calls.length;
  const second = { documents: [configMap('a', 'a: c'), configMap('b'), configMap('new')] };
  await upgrade(harness.options(second), harness.context());
  assert.deepEqual(harness.writes(before), [
    'patch ConfigMap/a',
    'create ConfigMap/new',
    'delete ConfigMap/old',
  ]);
  assert.deepEqual(harness.objects(), [
    'ConfigMap/a',
    'ConfigMap/b',
    'ConfigMap/kept',
    'ConfigMap/new',
  ]);
  assert.deepEqual(harness.cluster.peek(ref('a'))?.['data'], { a: 'c' });
});

test('upgrade: drift of built-in kinds is mended, what others added stays', async () => {
  const harness = new Harness();
  await install(harness.options(ONE), harness.context());
  const live = harness.cluster.peek(ref('a'));
  assert.ok(live !== undefined);
  harness.cluster.seed({ ...live, data: { a: 'drifted', mine: 'x' } });
  await upgrade(harness.options(ONE), harness.context());
  assert.deepEqual(harness.cluster.peek(ref('a'))?.['data'], { a: 'b', mine: 'x' });
});

test('upgrade: a failure keeps the old revision deployed; cleanup and atomic undo', async () => {
  const open = async () => {
    const harness = new Harness('helm3', {
      onCall: (call) => {
        if (call.verb === 'create' && call.name === 'bad') throw new Error('bad is refused');
      },
    });
    await install(harness.options(ONE), harness.context());
    return harness;
  };
  const bad = { documents: [configMap('a', 'a: c'), configMap('fresh'), configMap('bad')] };
  const plain = await open();
  const error = await failure(upgrade(plain.options(bad), plain.context()));
  assert.equal(error.message, 'failed to create resource: bad is refused');
  assert.equal(
    error.record.info.description,
    'Upgrade "web" failed: failed to create resource: bad is refused',
  );
  assert.deepEqual(await plain.statuses(), ['1 deployed', '2 failed']);
  assert.deepEqual(plain.objects(), ['ConfigMap/a', 'ConfigMap/b', 'ConfigMap/fresh']);

  const clean = await open();
  await failure(upgrade({ ...clean.options(bad), mustCleanupOnFail: true }, clean.context()));
  assert.deepEqual(clean.objects(), ['ConfigMap/a', 'ConfigMap/b']);

  const atomic = await open();
  const undone = await failure(
    upgrade({ ...atomic.options(bad), isAtomic: true }, atomic.context()),
  );
  assert.equal(
    undone.message,
    'release web failed, and has been rolled back due to atomic being set: failed to create resource: bad is refused',
  );
  assert.deepEqual(await atomic.statuses(), ['1 superseded', '2 failed', '3 deployed']);
  assert.deepEqual(atomic.cluster.peek(ref('a'))?.['data'], { a: 'b' });
  assert.deepEqual(atomic.objects(), ['ConfigMap/a', 'ConfigMap/b']);
});

test('upgrade: which revision it starts from', async () => {
  const harness = new Harness();
  await assert.rejects(upgrade(harness.options(ONE), harness.context()), {
    code: 'helm/no-deployed-releases',
    message: '"web" has no deployed releases',
  });
  await install(harness.options(ONE), harness.context());
  const [record] = await harness.records();
  assert.ok(record !== undefined);
  await harness.storage.update({ ...record, info: { ...record.info, status: 'pending-upgrade' } });
  await assert.rejects(upgrade(harness.options(ONE), harness.context()), {
    code: 'helm/operation-pending',
    retry: 'waiting',
    message: 'another operation (install/upgrade/rollback) is in progress',
  });
});

test('upgrade: history is limited', async () => {
  const harness = new Harness();
  await install(harness.options(ONE), harness.context());
  for (let i = 0; i < 4; i++) {
    await upgrade(harness.options(ONE, { history: { maxRevisions: 3 } }), harness.context());
  }
  assert.deepEqual(await harness.statuses(), ['3 superseded', '4 superseded', '5 deployed']);
});

test('upgrade: values of the last revision', async () => {
  const values = (text: string) => new Map(text.split('').map((key) => [key, key]));
  const rows = [
    ['default', 'x', 'x'],
    ['default', '', 'ab'],
    ['reset', '', ''],
    ['reuse', 'x', 'xab'],
    ['reset-then-reuse', 'x', 'xab'],
  ] as const;
  for (const [valuesPolicy, given, stored] of rows) {
    const harness = new Harness();
    await install(harness.options(ONE, { values: values('ab') }), harness.context());
    const options = { ...harness.options(ONE, { values: values(given) }), valuesPolicy };
    const record = await upgrade(options, harness.context());
    assert.equal([...(record.config ?? new Map()).keys()].join(''), stored, valuesPolicy);
    assert.equal(harness.render.requests[1]?.chartValues !== undefined, valuesPolicy === 'reuse');
  }
});

test('rollback: the content of an earlier revision as a new one', async () => {
  const harness = new Harness();
  await install(harness.options(ONE), harness.context());
  const second = { documents: [configMap('a', 'a: c'), configMap('new')] };
  await upgrade(harness.options(second), harness.context());
  const record = await rollback({ ...harness.options(ONE), toRevision: 0 }, harness.context());
  assert.equal(record.info.description, 'Rollback to 1');
  assert.deepEqual(await harness.statuses(), ['1 superseded', '2 superseded', '3 deployed']);
  assert.deepEqual(harness.objects(), ['ConfigMap/a', 'ConfigMap/b']);
  assert.deepEqual(harness.cluster.peek(ref('a'))?.['data'], { a: 'b' });
  await assert.rejects(rollback({ ...harness.options(ONE), toRevision: 9 }, harness.context()), {
    message: 'release has no 9 version',
  });
  await assert.rejects(rollback({ ...harness.options(ONE), toRevision: -1 }, harness.context()), {
    message: 'invalid release revision',
  });
});

test('uninstall: everything goes but what must stay', async () => {
  const harness = new Harness();
  const chart = {
    documents: [
      configMap('a'),
      configMap('kept', 'a: b', ['helm.sh/resource-policy: " Keep "']),
      configMap('odd', 'a: b', ['helm.sh/resource-policy: delete']),
    ],
  };
  await install(harness.options(chart), harness.context());
  const result = await uninstall(harness.options(chart), harness.context());
  assert.deepEqual(result.kept, ['[ConfigMap] kept']);
  assert.deepEqual(harness.objects(), ['ConfigMap/kept', 'ConfigMap/odd']);
  assert.deepEqual(await harness.statuses(), []);
  await assert.rejects(uninstall(harness.options(chart), harness.context()), {
    code: 'helm/release-not-found',
    message: 'uninstall: Release not loaded: web: release: not found',
  });
  const absent = { ...harness.options(chart), canBeAbsent: true };
  assert.deepEqual(await uninstall(absent, harness.context()), { record: undefined, kept: [] });
});

test('uninstall: what is in a list goes when its list goes, after all known kinds', async () => {
  const harness = new Harness();
  const role = '{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: r}}';
  const list = `apiVersion: v1\nkind: List\nmetadata: {}\nitems:\n- ${role}`;
  const options = harness.options({ documents: [list, configMap('a')] });
  await install(options, harness.context());
  await uninstall(options, harness.context());
  const deleted = harness
    .writes()
    .filter((write) => write.startsWith('delete ') && !write.includes('Secret'));
  assert.deepEqual(deleted, ['delete ConfigMap/a', 'delete Role/r']);
});

test('uninstall: history can be kept, and be forgotten later', async () => {
  const harness = new Harness();
  await install(harness.options(ONE), harness.context());
  await upgrade(harness.options(ONE), harness.context());
  const keep = { ...harness.options(ONE), mustKeepHistory: true };
  const { record } = await uninstall(keep, harness.context());
  assert.equal(record?.info.description, 'Uninstallation complete');
  assert.notEqual(record?.info.deleted, '');
  assert.deepEqual(await harness.statuses(), ['1 superseded', '2 uninstalled']);
  await assert.rejects(uninstall(keep, harness.context()), {
    message: 'the release named "web" is already deleted',
  });
  await uninstall(harness.options(ONE), harness.context());
  assert.deepEqual(await harness.statuses(), []);
});

test('uninstall: what cannot be deleted keeps the record', async () => {
  let mustFail = true;
  const harness = new Harness('helm3', {
    onCall: (call) => {
      if (mustFail && call.verb === 'delete' && call.name === 'a') throw new Error('no');
    },
  });
  await install(harness.options(ONE), harness.context());
  const error = await failure(uninstall(harness.options(ONE), harness.context()));
  assert.equal(error.message, 'failed to delete release: web');
  assert.deepEqual(await harness.statuses(), ['1 uninstalling']);
  mustFail = false;
  await uninstall(harness.options(ONE), harness.context());
  assert.deepEqual(await harness.statuses(), []);
});

test('Helm 4: server-side apply, and no request for what is as wanted', async () => {
  const harness = new Harness('helm4');
  const options = harness.options(ONE, { apply: { method: 'auto', fieldManager: 'helm' } });
  const record = await install(options, harness.context());
  assert.equal(record.applyMethod, 'ssa');
  assert.deepEqual(harness.writes(), ['patch ConfigMap/a', 'patch ConfigMap/b']);
  const next = await upgrade(options, harness.context());
  assert.equal(next.applyMethod, 'ssa');
});

test('a release too large to be recorded is refused before anything is written', async () => {
  const harness = new Harness();
  const data = randomBytes(1_000_000).toString('base64');
  const options = harness.options(
    { documents: [configMap('a', `a: ${data}`)] },
    { mustCreateNamespace: true, release: { name: 'web', namespace: 'new' } },
  );
  await assert.rejects(install(options, harness.context()), {
    code: 'helm/record-too-large',
    retry: 'terminal',
  });
  assert.deepEqual(harness.writes(), []);
  assert.deepEqual(await harness.records(), []);
});
