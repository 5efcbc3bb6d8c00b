// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { helmReleaseCrd } from '@helm-operator/api';
import { decodeJson, type ValueMap } from '@helm-operator/gocompat';
import type { Step } from '@helm-operator/helm';
import { EventRecorder, type JsonObject, systemClock } from '@helm-operator/kube';
import { FakeCluster } from '../../../../test/kit/fake-cluster/fake-cluster.ts';
import { FakeRender } from '../../../../test/kit/fake-render.ts';
import { createLogger } from '../logging/logger.ts';
import { Metrics } from '../metrics/metrics.ts';
import { DEFAULT_OPTIONS } from '../options.ts';
import type { OperatorPorts } from '../ports.ts';
import { Reporter } from '../reconcile/report.ts';
import { Controller } from './controller.ts';

const WEB = { apiVersion: 'helm.fluxcd.io/v1', kind: 'HelmRelease' };

/** Never gets ready: nobody sets its status. */
const DEPLOYMENT = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 1
  selector:
    matchLabels: {a: b}
  template:
    metadata:
      labels: {a: b}
    spec:
      containers: [{name: web, image: web}]`;

function specOf(message: string, mustWait: boolean): JsonObject {
  const chart = { repository: 'http://charts.test', name: 'fake', version: '1.0.0' };
  return { chart, releaseName: 'web', wait: mustWait, timeout: 600, values: { message } };
}

/** A controller that works on one HelmRelease. */
class Stage {
  readonly cluster = new FakeCluster();
  readonly log: string[] = [];
  readonly stop = new AbortController();
  onStep: (step: Step) => void = () => {};

  async start(spec: JsonObject): Promise<void> {
    const { cluster } = this;
    await cluster.create(decodeJson(JSON.stringify(helmReleaseCrd)) as ValueMap);
    cluster.seed({ ...WEB, metadata: { name: 'web', namespace: 'default' }, spec });
    const render = new FakeRender();
    const chart = render.chart({ documents: [DEPLOYMENT] });
    const log = createLogger({
      format: 'json',
      write: (line) => this.log.push(line),
      now: () => '',
    });
    const ports: OperatorPorts = {
      cluster,
      render,
      charts: { fetch: async () => chart },
      clock: systemClock,
      random: Math.random,
      log,
      reached: (_key, step) => this.onStep(step),
    };
    const metrics = new Metrics();
    const events = new EventRecorder({
      cluster,
      clock: systemClock,
      random: Math.random,
      component: 'test',
      onTrouble: () => undefined,
    });
    const reporter = new Reporter({ cluster, clock: systemClock, events, metrics });
    const options = { ...DEFAULT_OPTIONS, identity: 'me', handOverMs: 60_000, workers: 1 };
    return new Controller({ options, ports, reporter, metrics }).run(this.stop.signal);
  }

  apply(spec: JsonObject): Promise<unknown> {
    return this.cluster.patch(
      { ...WEB, namespace: 'default', name: 'web' },
      'merge',
      JSON.stringify({ spec }),
    );
  }

  async until(what: string, isSo: () => boolean): Promise<void> {
    const endMs = Date.now() + 10_000;
    while (!isSo()) {
      assert.ok(Date.now() < endMs, `${what}: not within 10 s\n${this.log.join('')}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  has(text: string): boolean {
    return this.log.some((line) => line.includes(text));
  }
}

const CHANGE_AT = ['rendered', 'record-pending', 'objects-done'] as const;
for (const name of CHANGE_AT) {
  test(`a change seen at ${name} ends the wait that the turn comes to`, async () => {
    const stage = new Stage();
    let hasChanged = false;
    stage.onStep = (step) => {
      if (step.name !== name || hasChanged) return;
      hasChanged = true;
      void stage.apply(specOf('repaired', false));
    };
    const ended = stage.start(specOf('waits', true));
    await stage.until('the new spec is released', () => stage.has('succeeded'));
    assert.ok(hasChanged);
    assert.ok(stage.has('the HelmRelease changed'), stage.log.join(''));
    stage.stop.abort();
    await ended;
  });
}

test('told to stop before the wait begins, it does not wait', async () => {
  const stage = new Stage();
  stage.onStep = (step) => {
    if (step.name === 'record-pending') stage.stop.abort();
  };
  const startedMs = Date.now();
  await stage.start(specOf('waits', true));
  assert.ok(Date.now() - startedMs < 10_000);
  assert.ok(stage.has('the operator stops'), stage.log.join(''));
});

test('a release that waits for ever keeps nobody from the only worker', async () => {
  const stage = new Stage();
  const ended = stage.start(specOf('waits', true));
  await stage.until('it waits', () => stage.cluster.openWatches > 3);
  const spec = { ...specOf('other', false), releaseName: 'other', targetNamespace: 'kube-system' };
  stage.cluster.seed({ ...WEB, metadata: { name: 'other', namespace: 'default' }, spec });
  const isDone = (name: string): boolean =>
    stage.log.some((line) => line.includes('installation succeeded') && line.includes(`/${name}"`));
  await stage.until('the other is released', () => isDone('other'));
  assert.ok(!isDone('web'));
  stage.stop.abort();
  await ended;
});
