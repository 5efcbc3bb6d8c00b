// SPDX-License-Identifier: Apache-2.0
// Table: each policy of an intent, and what comes of it in a cluster.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ReleaseIntent } from '@helm-operator/api';
import type { JsonObject } from '@helm-operator/kube';
import {
  ReconcileWorld,
  VALUES_MAP,
  type WorldOptions,
} from '../../../../test/kit/reconcile-world.ts';

/** Changes to what the dialect decoded, by field; the fields of policies are merged. */
type Change = {
  readonly [Name in keyof ReleaseIntent]?: ReleaseIntent[Name] extends object
    ? Partial<ReleaseIntent[Name]>
    : ReleaseIntent[Name];
};

function changed(intent: ReleaseIntent, change: Change): ReleaseIntent {
  const merged = Object.entries(change).map(([name, value]) => {
    const before: unknown = intent[name as keyof ReleaseIntent];
    const isPolicy = isPlain(before) && isPlain(value);
    return [name, isPolicy ? { ...before, ...value } : value] as const;
  });
  return { ...intent, ...Object.fromEntries(merged) };
}

function isPlain(value: unknown): value is object {
  return (
    typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
  );
}

interface Told extends ReconcileWorld {
  /** From the next turn on. */
  change: Change;
}

async function worldWith(change: Change, options: WorldOptions = {}): Promise<Told> {
  const world: Told = Object.assign(
    new ReconcileWorld({ ...options, intent: (intent) => changed(intent, world.change) }),
    { change },
  );
  await world.start({ n: 1 });
  return world;
}

/** `KIND NAME` of what is there; records, events and the HelmRelease left out. */
function objectsIn(world: ReconcileWorld): readonly string[] {
  return world.cluster
    .objects()
    .map(({ kind, metadata }) => `${String(kind)} ${String((metadata as JsonObject)['name'])}`)
    .filter((one) => !/^(Secret|Event|HelmRelease|Namespace (default|kube-system))/.test(one));
}

async function statuses(world: ReconcileWorld): Promise<string> {
  const records = await world.records();
  return records.map(({ revision, info }) => `${revision} ${info.status}`).join(', ');
}

async function message(world: ReconcileWorld): Promise<string> {
  return (await world.conditions()).get('Released') ?? '';
}

const hook = (event: string): string =>
  `apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: ${event}\n  annotations: {helm.sh/hook: ${event}}`;
const testPod = (name: string): string =>
  `apiVersion: v1\nkind: Pod\nmetadata:\n  name: ${name}\n  annotations: {helm.sh/hook: test}`;
const CRD = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: widgets.test.io
spec:
  group: test.io
  scope: Namespaced
  names: {kind: Widget, plural: widgets}
  versions: [{name: v1, served: true, storage: true}]`;
const CRD_IN_CLUSTER = 'CustomResourceDefinition widgets.test.io';
const OWN_CRD = 'CustomResourceDefinition helmreleases.helm.fluxcd.io';
const NONE = { strategy: 'none' } as const;
const HELM3 = { strategy: 'helm3' } as const;
const AT_ONCE = { kind: 'at-once' } as const;
const KEEP = { remedy: 'none', retries: 0, mustRemedyLast: false, pace: AT_ONCE } as const;
const PURGE = { remedy: 'uninstall', retries: 0, mustRemedyLast: true, pace: AT_ONCE } as const;
const BACK = { remedy: 'rollback', retries: 0, mustRemedyLast: true, pace: AT_ONCE } as const;

test('install.mustCreateNamespace: the namespace is made, or must be there', async () => {
  const release = { name: 'web', namespace: 'made' };
  for (const mustCreateNamespace of [true, false]) {
    const world = await worldWith({ release, install: { mustCreateNamespace } });
    await world.turn();
    assert.equal(objectsIn(world).includes('Namespace made'), mustCreateNamespace);
    assert.match(await message(world), mustCreateNamespace ? /^True/ : /^False.*made/);
  }
});

test('hooks of each action are left out where it says so', async () => {
  const events = ['pre-install', 'pre-upgrade', 'pre-rollback', 'pre-delete'];
  const documents = () => [VALUES_MAP, ...events.map(hook)];
  const isDisabled = true;
  for (const hooks of [{}, { isDisabled }]) {
    const all = {
      install: { hooks },
      upgrade: { hooks },
      rollback: { hooks },
      uninstall: { hooks },
    };
    const world = await worldWith({ ...all, onFailure: { upgrade: BACK } }, { documents });
    await world.turn();
    world.ends.push('bad-apply');
    await world.edit({ n: 2 });
    await world.turn();
    await world.remove('web');
    await world.turn();
    assert.deepEqual(world.actions, ['install', 'upgrade', 'rollback', 'uninstall']);
    const ran = events.filter((event) => objectsIn(world).includes(`ServiceAccount ${event}`));
    assert.deepEqual(ran, 'isDisabled' in hooks ? [] : events);
  }
});

test('what is waited for is each action’s own', async () => {
  for (const [install, upgrade, rollback, waited] of [
    [HELM3, NONE, NONE, ['install']],
    [NONE, HELM3, NONE, ['upgrade']],
    [{ strategy: 'kstatus' }, NONE, HELM3, ['install', 'rollback']],
  ] as const) {
    const world = await worldWith({
      install: { wait: install },
      upgrade: { wait: upgrade },
      rollback: { wait: rollback },
      onFailure: { upgrade: BACK },
    });
    await world.turn();
    await world.edit({ n: 2 });
    await world.turn();
    world.ends.push('bad-apply');
    await world.edit({ n: 3 });
    await world.turn();
    const steps = world.steps.filter((step) => step.endsWith(' waited'));
    assert.deepEqual(
      steps,
      waited.map((action) => `${action} waited`),
    );
  }
});

test('the time-out of each action stands in the mark of its record', async () => {
  const seen: (number | undefined)[] = [];
  const world = await worldWith({
    timeoutMs: 1_000,
    ...{ install: { timeoutMs: 2_000 }, upgrade: { timeoutMs: 3_000 } },
    ...{ rollback: { timeoutMs: 4_000 }, onFailure: { upgrade: BACK } },
  });
  const create = world.cluster.create.bind(world.cluster);
  world.cluster.create = async (object, options) => {
    const made = await create(object, options);
    if (object.get('kind') === 'Secret') seen.push((await world.records()).at(-1)?.mark?.timeoutMs);
    return made;
  };
  await world.turn();
  world.ends.push('bad-apply');
  await world.edit({ n: 2 });
  await world.turn();
  assert.deepEqual(seen, [2_000, 3_000, 4_000]);
});

test('CRDs are made by the action that says so', async () => {
  for (const [install, upgrade, after] of [
    ['create', 'skip', [true, true]],
    ['skip', 'skip', [false, false]],
    ['skip', 'create', [false, true]],
  ] as const) {
    const change = { install: { crds: { mode: install } }, upgrade: { crds: { mode: upgrade } } };
    const world = await worldWith(change, { crd: CRD });
    await world.turn();
    const afterInstall = objectsIn(world).includes(CRD_IN_CLUSTER);
    await world.edit({ n: 2 });
    await world.turn();
    assert.deepEqual([afterInstall, objectsIn(world).includes(CRD_IN_CLUSTER)], after);
  }
});

test('how objects are written is each action’s own', async () => {
  const apply = { fieldManager: 'helm-controller' };
  for (const [install, upgrade, methods] of [
    ['server', 'client', ['ssa', 'csa']],
    ['server', 'auto', ['ssa', 'ssa']],
    ['client', 'server', ['csa', 'ssa']],
  ] as const) {
    const world = await worldWith({
      profile: 'helm4',
      install: { apply: { ...apply, method: install } },
      upgrade: { apply: { ...apply, method: upgrade } },
    });
    await world.turn();
    await world.edit({ n: 2 });
    await world.turn();
    const records = await world.records();
    assert.deepEqual(
      records.map(({ applyMethod }) => applyMethod),
      methods,
    );
  }
});

test('install.apply.mustTakeOwnership: objects of others are taken, or stop it', async () => {
  for (const mustTakeOwnership of [true, false]) {
    const apply = { method: 'client', fieldManager: 'x', mustTakeOwnership } as const;
    const world = await worldWith({ install: { apply }, onFailure: { install: KEEP } });
    world.cluster.seed({
      ...{ apiVersion: 'v1', kind: 'ConfigMap' },
      metadata: { name: 'web', namespace: 'default' },
    });
    await world.turn();
    assert.match(await message(world), mustTakeOwnership ? /^True/ : /^False.*web/);
  }
});

test('upgrade.mustCleanupOnFail: what a failed upgrade created is gone, or stays', async () => {
  const account = 'apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: fresh';
  const documents = (content: number) => (content === 1 ? [VALUES_MAP] : [VALUES_MAP, account]);
  for (const mustCleanupOnFail of [true, false]) {
    const change = { upgrade: { mustCleanupOnFail }, onFailure: { upgrade: KEEP } };
    const world = await worldWith(change, { documents });
    await world.turn();
    world.changeChart();
    world.ends.push('bad-apply');
    await world.edit({ n: 2 });
    await world.turn();
    assert.equal(await statuses(world), '1 deployed, 2 failed');
    assert.equal(objectsIn(world).includes('ServiceAccount fresh'), !mustCleanupOnFail);
  }
});

test('upgrade.values: what counts of the last revision', async () => {
  for (const [values, stored] of [
    ['reset', { b: 2 }],
    ['reuse', { a: 1, b: 2 }],
  ] as const) {
    const source = (map: ReadonlyMap<string, number>) => [
      { kind: 'inline', values: new Map(map) } as const,
    ];
    const world = await worldWith({ upgrade: { values }, values: source(new Map([['a', 1]])) });
    await world.turn();
    world.change = { upgrade: { values }, values: source(new Map([['b', 2]])) };
    await world.patch('web', {
      metadata: { annotations: { edited: 'yes' } },
      spec: { wait: false },
    });
    await world.turn();
    const config = (await world.records()).at(-1)?.config ?? new Map();
    assert.deepEqual(Object.fromEntries(config), stored);
  }
});

test('render: schemas are checked by the action that says so', async () => {
  const skip = { mustSkipSchemaValidation: true };
  const world = await worldWith({ upgrade: { render: skip } });
  await world.turn();
  await world.edit({ n: 2 });
  await world.turn();
  assert.deepEqual(
    world.renders.map(({ policy }) => policy.mustSkipSchemaValidation ?? false),
    [false, true],
  );
});

test('uninstall.mustKeepHistory: the history stays, and a second removal is no trouble', async () => {
  for (const mustKeepHistory of [true, false]) {
    const world = await worldWith({ uninstall: { mustKeepHistory } });
    await world.turn();
    await world.remove('web');
    await world.turn();
    assert.equal(world.exists('web'), false);
    assert.equal(await statuses(world), mustKeepHistory ? '1 uninstalled' : '');
    assert.deepEqual(objectsIn(world), [OWN_CRD]);
  }
});

test('a failed install that is undone keeps its history where uninstall says so, and its name is taken where install says so', async () => {
  for (const canReplace of [true, false]) {
    const onFailure = { install: { ...PURGE, retries: 1 } };
    const change = { install: { canReplace }, uninstall: { mustKeepHistory: true }, onFailure };
    const world = await worldWith(change);
    world.ends.push('bad-apply');
    await world.turn();
    assert.equal(await statuses(world), '1 uninstalled');
    await world.turn();
    assert.match(await message(world), canReplace ? /^True/ : /^False.*cannot re-?use a name/);
  }
});

test('uninstall.propagation and mustWaitForDeletion reach the API server', async () => {
  for (const propagation of ['Background', 'Foreground', 'Orphan'] as const) {
    const world = await worldWith({ uninstall: { propagation, mustWaitForDeletion: true } });
    const told: unknown[] = [];
    const remove = world.cluster.delete.bind(world.cluster);
    world.cluster.delete = (ref, options) => {
      if (ref.kind === 'ConfigMap') told.push(options?.propagation);
      return remove(ref, options);
    };
    await world.turn();
    await world.remove('web');
    await world.turn();
    assert.deepEqual(told, [propagation]);
  }
});

test('tests are chosen by name, and their failure counts after the action that says so', async () => {
  const documents = () => [VALUES_MAP, testPod('one'), testPod('two'), testPod('three')];
  const names = { includeNames: ['one', 'two'], excludeNames: ['two'] };
  const world = await worldWith({ test: { isEnabled: true, ...names } }, { documents });
  await world.turn();
  assert.deepEqual(
    objectsIn(world).filter((one) => one.startsWith('Pod')),
    ['Pod one'],
  );

  for (const [canTestsFail, canFail, isFailed] of [
    [undefined, false, true],
    [undefined, true, false],
    [true, false, false],
    [false, true, true],
  ] as const) {
    const onFailure = { install: KEEP, upgrade: { ...KEEP, canTestsFail } };
    const failing = await worldWith({ test: { isEnabled: true, canFail }, onFailure });
    await failing.turn();
    failing.ends.push('bad-test');
    await failing.edit({ n: 2 });
    await failing.turn();
    assert.match(await message(failing), isFailed ? /^False/ : /^True/);
  }
});

test('retries at an interval come at that interval, whether a revision was stored or not', async () => {
  for (const end of ['bad-render', 'bad-apply'] as const) {
    const pace = { kind: 'every', afterMs: 300_000 } as const;
    const world = await worldWith({ onFailure: { install: { ...KEEP, retries: Infinity, pace } } });
    world.ends.push(end);
    const result = await world.turn();
    assert.deepEqual(result !== 'crashed' && result.next, { kind: 'later', afterMs: 300_000 });
  }
});

test('a chart of another name is upgraded to, or takes the place of the release', async () => {
  for (const [onOtherChart, actions, records] of [
    ['upgrade', ['install', 'upgrade'], '1 superseded, 2 deployed'],
    ['reinstall', ['install', 'uninstall', 'install'], '1 deployed'],
  ] as const) {
    const world = await worldWith({ upgrade: { onOtherChart } });
    await world.turn();
    world.chartName = 'other';
    await world.turn();
    assert.deepEqual(world.actions, actions);
    assert.equal(await statuses(world), records);
    assert.match(await message(world), /^True/);
  }
});

test('a record that somebody else left pending is waited for, or unlocked at once', async () => {
  for (const [onForeignLock, actions] of [
    ['wait', []],
    ['unlock', ['unlock', 'upgrade']],
  ] as const) {
    const world = await worldWith({ onForeignLock });
    await world.turn();
    const [record] = await world.records();
    assert.ok(record);
    const lastDeployed = new Date(world.clock.nowMs()).toISOString();
    const info = { ...record.info, status: 'pending-upgrade' as const, lastDeployed };
    await world.storage.create({ ...record, revision: 2, info, resourceVersion: undefined });
    world.actions.length = 0;
    await world.turn();
    assert.deepEqual(world.actions, actions);
  }
});

test('drift: as the intent says, whatever the operator is told; what is ignored stays', async () => {
  const web = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'default', name: 'web' };
  const ignore = [{ paths: ['/data/values'], target: { kind: 'Config.*' } }];
  for (const [mode, rules, isMended] of [
    ['as-told', [], false],
    ['off', [], false],
    ['warn', [], false],
    ['correct', [], true],
    ['correct', ignore, false],
    ['correct', [{ paths: [''], target: { name: 'other' } }], true],
  ] as const) {
    const world = await worldWith({ drift: { mode, ignore: rules } });
    await world.turn();
    await world.cluster.patch(web, 'merge', '{"data":{"values":"by hand"}}');
    await world.turn();
    const { data } = world.cluster.peek(web) as { readonly data: JsonObject };
    assert.equal(data['values'] !== 'by hand', isMended, `${mode} ${JSON.stringify(rules)}`);
    const events = (await world.events()).join('\n');
    assert.equal(/by hand|drift/i.test(events), mode === 'warn' || isMended, events);
  }
});

const ASKED: readonly (readonly [what: string, change: Change, gives: RegExp])[] = [
  [
    'charts of source objects',
    {
      chart: {
        kind: 'source-object',
        of: { apiVersion: 'source.toolkit.fluxcd.io/v1', kind: 'HelmChart', name: 'web' },
      },
    },
    /not done by this operator: charts of source objects/,
  ],
  [
    'readyExpr',
    { dependencies: [{ namespace: 'a', name: 'b', readyExpression: 'true' }] },
    /expressions that say whether a dependency is ready/,
  ],
  [
    'healthCheckExprs',
    { healthChecks: [{ apiVersion: 'a/v1', current: 'true' }] },
    /expressions that say whether an object is ready/,
  ],
  [
    'postRenderers',
    {
      postRender: {
        ...{ kustomizations: [], labels: new Map(), annotations: new Map(), hooks: 'none' },
      },
    },
    /post-rendering/,
  ],
  ['kubeConfig', { targetCluster: { kind: 'Secret', name: 'k' } }, /releases in other clusters/],
];
for (const [what, change, gives] of ASKED) {
  test(`${what}: refused as a whole as long as nobody does it`, async () => {
    const world = await worldWith(change);
    await world.turn();
    assert.match(await message(world), gives);
    assert.deepEqual(objectsIn(world), [OWN_CRD]);
  });
}

test('a release of another cluster is not uninstalled here', async () => {
  const world = await worldWith({});
  await world.turn();
  world.change = { targetCluster: { kind: 'ConfigMap', name: 'k' } };
  await world.remove('web');
  await world.turn();
  assert.ok(world.exists('web'));
  assert.ok(objectsIn(world).includes('ConfigMap web'));
  const orphan = { metadata: { annotations: { 'helm-operator.dev/orphan': 'true' } } };
  await world.patch('web', orphan);
  await world.turn();
  assert.equal(world.exists('web'), false, 'it can be let go');
});
