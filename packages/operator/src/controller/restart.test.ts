// SPDX-License-Identifier: Apache-2.0

/** What the operator does when it is stopped, was away, or somebody keeps it waiting. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CONFIG_MAP, OperatorStage } from '../../../../test/kit/operator-stage.ts';

/** Never gets ready: nobody sets its status. */
const DEPLOYMENT = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 1
  selector: {matchLabels: {a: b}}
  template:
    metadata: {labels: {a: b}}
    spec: {containers: [{name: web, image: web}]}`;

async function staged(): Promise<OperatorStage> {
  const stage = new OperatorStage();
  await stage.installCrd();
  return stage;
}

test('B1: told to stop in the middle of an upgrade, it ends what it writes, and the next one goes on', async () => {
  const stage = await staged();
  stage.add('web');
  stage.start();
  await stage.until('installed', () => stage.condition('web', 'Released').startsWith('True'));
  const chart = stage.render.chart({ documents: [CONFIG_MAP, DEPLOYMENT] });
  stage.fetch = async () => chart;
  await stage.stop();

  let stopping: Promise<void> | undefined;
  stage.onStep = (_key, { name }) => {
    if (name === 'record-pending') stopping ??= stage.stop();
  };
  stage.add('web', { wait: true, timeout: 600 });
  stage.start();
  await stage.until('told to stop', () => stopping !== undefined);
  await stopping;
  assert.deepEqual(stage.statuses('web'), ['deployed', 'pending-upgrade']);
  const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'default' };
  assert.ok(
    stage.cluster.peek({ ...deployment, name: 'web' }) !== undefined,
    'what was begun was written before it ended',
  );

  stage.add('web', { wait: false });
  stage.start();
  await stage.until('the next one ends it', () => stage.statuses('web').at(-1) === 'deployed');
  assert.ok(stage.statuses('web').every((status) => !status.startsWith('pending')));
  await stage.stop();
});

test('B3: a HelmRelease that is deleted while the operator is away is uninstalled when it is back', async () => {
  const stage = await staged();
  stage.add('web');
  stage.start();
  await stage.until('installed', () => stage.condition('web', 'Released').startsWith('True'));
  await stage.stop();
  await stage.delete('web');
  assert.ok(stage.exists('web'), 'its finalizer holds it');
  stage.start();
  await stage.until('it is gone', () => !stage.exists('web'));
  assert.deepEqual(stage.statuses('web'), []);
  const config = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'default', name: 'web' };
  assert.equal(stage.cluster.peek(config), undefined);
  await stage.stop();
});

test('B23: a source that does not answer keeps nobody else from being released, and the operator ready', async () => {
  const stage = await staged();
  const chart = stage.render.chart({ documents: [CONFIG_MAP] });
  stage.fetch = async (reference, signal) => {
    if (!('url' in reference) || !reference.url.includes('hangs')) return chart;
    return await new Promise((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
  };
  const hangs = { repository: 'http://hangs.test', name: 'fake', version: '1.0.0' };
  stage.add('slow', { chart: hangs });
  stage.add('web', { helmVersion: 'v3' });
  stage.start({ workers: 2, handOverMs: 100 });
  await stage.until('released', () => stage.condition('web', 'Released').startsWith('True'));
  await stage.stop();
});

test('B26: while a chart is being fetched, the changes and the end of other HelmReleases are dealt with', async () => {
  const stage = await staged();
  const chart = stage.render.chart({ documents: [CONFIG_MAP] });
  let asked = false;
  let answer: (() => void) | undefined;
  stage.fetch = async (reference) => {
    if (!('url' in reference) || !reference.url.includes('slow')) return chart;
    asked = true;
    await new Promise<void>((resolve) => {
      answer = resolve;
    });
    return chart;
  };
  stage.add('web');
  stage.start({ workers: 2 });
  await stage.until('released', () => stage.condition('web', 'Released').startsWith('True'));
  stage.add('slow', {
    chart: { repository: 'http://slow.test', name: 'fake', version: '1.0.0' },
    targetNamespace: 'kube-system',
  });
  await stage.until('asked', () => asked);
  await stage.delete('web');
  await stage.until('it is gone', () => !stage.exists('web'));
  answer?.();
  await stage.until('and then', () => stage.condition('slow', 'Released').startsWith('True'));
  await stage.stop();
});

test('B27: what failed is tried again soon, not at the next resync', async () => {
  const stage = await staged();
  const chart = stage.render.chart({ documents: [CONFIG_MAP] });
  let tries = 0;
  stage.fetch = async () => {
    tries++;
    if (tries < 3) throw new Error('the repository is down');
    return chart;
  };
  stage.add('web');
  stage.start({ resyncMs: 24 * 3_600_000 });
  await stage.until('released', () => stage.condition('web', 'Released').startsWith('True'));
  assert.equal(tries, 3);
  await stage.stop();
});

test('two HelmReleases that want one release at once: one has it, the other says whose it is', async () => {
  const stage = await staged();
  stage.add('one', { releaseName: 'web' });
  stage.add('two', { releaseName: 'web' });
  stage.start({ workers: 2 });
  const released = (name: string) => stage.condition(name, 'Released');
  await stage.until('both are told', () => released('one') !== '' && released('two') !== '');
  const [owner, other] = released('one').startsWith('True') ? ['one', 'two'] : ['two', 'one'];
  assert.match(released(owner), /^True/);
  assert.match(released(other), new RegExp(`^False.*managed by 'default:helmrelease/${owner}'`));
  assert.deepEqual(stage.statuses('web'), ['deployed']);
  await stage.delete(owner);
  await stage.until('the other has it', () => released(other).startsWith('True'));
  await stage.stop();
});
