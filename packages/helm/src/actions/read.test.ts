// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configMap, Harness } from '../../../../test/kit/release-harness.ts';
import { parseLabelSelector } from '../release/label-selector.ts';
import type { ReleaseRecord, ReleaseStatus } from '../release/record.ts';
import { install } from './install.ts';
import { installOrUpgrade } from './install-or-upgrade.ts';
import type { ListOptions } from './options.ts';
import { getRelease, history, list, readTestLogs, selectReleases } from './read.ts';
import { hideSecrets } from './render.ts';
import { releaseObjects, releaseTables } from './resources.ts';
import { uninstall } from './uninstall.ts';
import { upgrade } from './upgrade.ts';

const CHART = { documents: [configMap('a')] };
const WEB = { profile: 'helm3', release: { name: 'web', namespace: 'default' } } as const;

function record(name: string, revision: number, status: ReleaseStatus, day = 1): ReleaseRecord {
  const lastDeployed = `2026-01-${String(day).padStart(2, '0')}T00:00:00Z`;
  return {
    name,
    namespace: 'default',
    revision,
    info: {
      firstDeployed: lastDeployed,
      lastDeployed,
      deleted: '',
      description: '',
      status,
      notes: '',
    },
    chart: undefined,
    config: undefined,
    manifest: '',
    hooks: [],
    labels: new Map([['team', name.slice(0, 1)]]),
    applyMethod: '',
    mark: undefined,
    resourceVersion: undefined,
  };
}

const RECORDS = [
  record('beta', 1, 'superseded', 1),
  record('beta', 2, 'deployed', 5),
  record('alpha', 1, 'deployed', 3),
  record('apex', 1, 'failed', 4),
  record('old', 3, 'uninstalled', 2),
  record('busy', 1, 'pending-install', 6),
];

test('list shows what Helm shows, in its order', () => {
  const rows: readonly (readonly [Omit<ListOptions, 'profile'>, string])[] = [
    [{}, 'alpha/1 apex/1 beta/2'],
    [{ states: 'all' }, 'alpha/1 apex/1 beta/2 busy/1 old/3'],
    [{ states: new Set(['superseded']) }, 'beta/1'],
    [{ states: new Set(['superseded', 'deployed']) }, 'alpha/1 beta/2'],
    [{ filter: '^a' }, 'alpha/1 apex/1'],
    [{ sort: 'date' }, 'alpha/1 apex/1 beta/2'],
    [{ sort: 'date', isReversed: true }, 'beta/2 apex/1 alpha/1'],
    [{ isReversed: true }, 'beta/2 apex/1 alpha/1'],
    [{ max: 1, offset: 1 }, 'apex/1'],
    [{ max: 0, offset: 9 }, ''],
    [{ selector: 'team in (a, z),status!=failed' }, 'alpha/1'],
    [{ selector: 'owner=helm,!none' }, 'alpha/1 apex/1 beta/2'],
  ];
  for (const [options, expected] of rows) {
    const found = selectReleases(RECORDS, options);
    const names = found.map(({ name, revision }) => `${name}/${revision}`).join(' ');
    assert.equal(names, expected, JSON.stringify(options));
  }
  assert.throws(() => selectReleases(RECORDS, { filter: '(' }), { code: 'helm/invalid-options' });
});

test('label selectors', () => {
  const labels = new Map([
    ['a', '1'],
    ['app.io/b', 'x'],
  ]);
  const rows: readonly (readonly [string, boolean])[] = [
    ['', true],
    ['a', true],
    ['!a', false],
    ['a=1', true],
    ['a==1,app.io/b=x', true],
    ['a!=1', false],
    ['c!=1', true],
    ['a in (1,2)', true],
    ['a notin (1,2)', false],
    ['c notin (1)', true],
    ['a>0', true],
    ['a < 1', false],
  ];
  for (const [text, expected] of rows)
    assert.equal(parseLabelSelector(text)(labels), expected, text);
  for (const text of ['=', 'a=b=c', 'a in', ',', 'a=é', 'a>x'])
    assert.throws(() => parseLabelSelector(text), { code: 'helm/invalid-options' }, text);
});

test('get and history find revisions, and say what Helm says when there are none', async () => {
  const harness = new Harness();
  const context = harness.context();
  await install(harness.options(CHART), context);
  await upgrade(harness.options({ documents: [configMap('a', 'c: d')] }), context);
  assert.equal((await getRelease(WEB, context)).revision, 2);
  assert.equal((await getRelease({ ...WEB, revision: 1 }, context)).info.status, 'superseded');
  await assert.rejects(getRelease({ ...WEB, revision: 7 }, context), {
    code: 'helm/release-not-found',
    message: 'release: not found',
  });
  const all = await history(WEB, context);
  assert.deepEqual(
    all.map(({ revision }) => revision),
    [1, 2],
  );
  const last = await history({ ...WEB, max: 1 }, context);
  assert.deepEqual(
    last.map(({ revision }) => revision),
    [2],
  );
  const release = { name: 'none', namespace: 'default' };
  await assert.rejects(history({ ...WEB, release }, context), { message: 'release: not found' });
  const bad = { ...WEB, release: { name: 'No', namespace: 'default' } };
  await assert.rejects(getRelease(bad, context), {
    message: 'releaseContent: Release name is invalid: No',
  });
  await assert.rejects(history(bad, context), { message: 'release name is invalid: No' });
  assert.equal((await list({ profile: 'helm3' }, context)).length, 1);
});

test('upgrade --install: installs what is absent or uninstalled, upgrades the rest', async () => {
  const harness = new Harness();
  const context = harness.context();
  let told = 0;
  const run = () => installOrUpgrade(harness.options(CHART), context, () => told++);
  assert.equal((await run()).action, 'install');
  assert.equal((await run()).action, 'upgrade');
  const { profile, release, timeoutMs, wait, hooks } = harness.options(CHART);
  await uninstall({ profile, release, timeoutMs, wait, hooks, mustKeepHistory: true }, context);
  const again = await run();
  assert.equal(again.action, 'install');
  assert.equal(again.record.revision, 3);
  assert.equal(told, 2);
  assert.deepEqual(await harness.statuses(), ['1 superseded', '2 superseded', '3 deployed']);
});

test('dry runs write nothing; the client kind answers no lookup', async () => {
  const harness = new Harness();
  for (const dryRun of ['client', 'server'] as const) {
    const record = await install(harness.options(CHART, { dryRun }), harness.context());
    assert.equal(record.info.description, 'Dry run complete');
  }
  assert.deepEqual(harness.writes(), []);
  const four = new Harness('helm4');
  await install(four.options(CHART, { dryRun: 'client' }), four.context());
  assert.deepEqual(four.cluster.calls, []);
});

test('secrets are hidden in dry runs only', async () => {
  const secret =
    'apiVersion: v1\nkind: Secret\nmetadata:\n  name: s\ndata:\n  kind: b3BhcXVl\n# kind: X';
  const harness = new Harness();
  const chart = { documents: [configMap('a'), secret, configMap('b')] };
  const options = harness.options(chart, { mustHideSecrets: true, dryRun: 'server' });
  const { manifest } = await install(options, harness.context());
  assert.ok(!manifest.includes('b3BhcXVl'));
  assert.ok(
    manifest.includes(
      '# Source: fake/templates/1.yaml\n# HIDDEN: The Secret output has been suppressed\n---\n# Source: fake/templates/2.yaml\n',
    ),
  );
  assert.equal(hideSecrets(manifest), manifest);
  await assert.rejects(install({ ...options, dryRun: undefined }, harness.context()), {
    code: 'helm/invalid-options',
    message: 'Hiding Kubernetes secrets requires a dry-run mode',
  });
});

test('a post-renderer has the last word, and its failure is told', async () => {
  const harness = new Harness();
  const postRenderer = async (text: string) => text.replace('a: b', 'a: rendered');
  const options = harness.options(CHART, { postRenderer });
  const record = await install(options, harness.context());
  assert.ok(record.manifest.includes('a: rendered'));
  const broken = { ...options, postRenderer: () => Promise.reject(new Error('exit status 1')) };
  await assert.rejects(upgrade(broken, harness.context()), {
    message: 'error while running post render on files: exit status 1',
  });
});

test('the objects and test logs of a release', async () => {
  const harness = new Harness();
  const hook =
    'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: t\n  annotations:\n    helm.sh/hook: test';
  const record = await install(
    harness.options({ documents: [configMap('a'), hook] }),
    harness.context(),
  );
  const objects = await releaseObjects(record, harness.context());
  assert.deepEqual([...objects.keys()], ['v1/ConfigMap']);
  const tables = await releaseTables(record, harness.context());
  assert.deepEqual(tables.get('v1/ConfigMap')?.[0]?.rows, [['a']]);
  const read = readTestLogs(record, WEB, harness.context(), () => {});
  await assert.rejects(read, /^HelmError: unable to get pod logs for t: /);
  await readTestLogs(record, { ...WEB, excludeNames: ['t'] }, harness.context(), () => {});
});
