// SPDX-License-Identifier: Apache-2.0

/** Whatever changes while a turn runs has a turn of its own: nothing is taken for seen that the turn did not see. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { helmReleaseCrd } from '@helm-operator/api';
import { decodeJson, encodeJson, type ValueMap } from '@helm-operator/gocompat';
import type { RenderedRelease, RenderRequest, StepName } from '@helm-operator/helm';
import { EventRecorder, type JsonObject, type ObjectRef, systemClock } from '@helm-operator/kube';
import { FakeCluster } from '../../../../test/kit/fake-cluster/fake-cluster.ts';
import { FakeRender } from '../../../../test/kit/fake-render.ts';
import { createLogger } from '../logging/logger.ts';
import { Metrics } from '../metrics/metrics.ts';
import { DEFAULT_OPTIONS, type OperatorOptions } from '../options.ts';
import { Reporter } from '../reconcile/report.ts';
import { Controller } from './controller.ts';

const RELEASE: ObjectRef = {
  apiVersion: 'helm.fluxcd.io/v1',
  kind: 'HelmRelease',
  namespace: 'default',
  name: 'web',
};
const SECRET: ObjectRef = { apiVersion: 'v1', kind: 'Secret', namespace: 'default', name: 'from' };
const LIVE: ObjectRef = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'default', name: 'web' };
const DOCUMENT = `apiVersion: v1
kind: ConfigMap
metadata:
  name: web
data:
  values: VALUES`;

/** The one object of the chart holds the values. */
class ValuesRender extends FakeRender {
  override async render(request: RenderRequest): Promise<RenderedRelease> {
    const rendered = await super.render(request);
    const { values } = request as unknown as { values: ValueMap };
    const text = JSON.stringify(encodeJson(values));
    return { ...rendered, manifest: rendered.manifest.replaceAll('VALUES', () => text) };
  }
}

/** A controller on a fake cluster; `change` is called once, at a step of an action. */
async function run(
  at: StepName,
  change: (cluster: FakeCluster) => Promise<unknown>,
  isSo: (live: JsonObject | undefined, cluster: FakeCluster) => Promise<boolean> | boolean,
  options: Partial<OperatorOptions> = {},
): Promise<void> {
  const cluster = new FakeCluster();
  const lines: string[] = [];
  const stop = new AbortController();
  await cluster.create(decodeJson(JSON.stringify(helmReleaseCrd)) as ValueMap);
  const { apiVersion, kind, namespace, name } = RELEASE;
  const chart = { repository: 'http://charts.test', name: 'fake', version: '1.0.0' };
  const valuesFrom = [{ secretKeyRef: { name: 'from' } }];
  const spec = { chart, releaseName: 'web', valuesFrom, values: { message: 'first' } };
  cluster.seed({
    ...SECRET,
    metadata: { name: 'from', namespace },
    data: { 'values.yaml': base64('from: first') },
  } as unknown as JsonObject);
  cluster.seed({ apiVersion, kind, metadata: { name, namespace }, spec } as unknown as JsonObject);
  const render = new ValuesRender();
  const handle = render.chart({ documents: [DOCUMENT] });
  let hasChanged = false;
  let changing: Promise<unknown> = Promise.resolve();
  const metrics = new Metrics();
  const ports = {
    ...{ cluster, render, clock: systemClock, random: Math.random },
    charts: { fetch: async () => handle },
    log: createLogger({ format: 'json', write: (line) => lines.push(line), now: () => '' }),
    reached: (_key: string, step: { readonly name: StepName }) => {
      if (step.name !== at || hasChanged) return;
      hasChanged = true;
      changing = change(cluster);
    },
  };
  const events = new EventRecorder({
    ...{ cluster, clock: systemClock, random: Math.random, component: 'test' },
    onTrouble: () => undefined,
  });
  const reporter = new Reporter({ cluster, clock: systemClock, events, metrics });
  const all = { ...DEFAULT_OPTIONS, identity: 'me', workers: 1, ...options };
  const ended = new Controller({ options: all, ports, reporter, metrics }).run(stop.signal);
  const hasCome = async (): Promise<boolean> => {
    if (!hasChanged) return false;
    await changing;
    const live = await cluster.get(LIVE);
    const object = live === undefined ? undefined : (JSON.parse(encodeJson(live)) as JsonObject);
    return await isSo(object, cluster);
  };
  try {
    const endMs = Date.now() + 10_000;
    while (!(await hasCome())) {
      assert.ok(Date.now() < endMs, `not within 10 s\n${lines.join('')}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  } finally {
    stop.abort();
    await ended;
  }
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

function holds(text: string): (live: JsonObject | undefined) => boolean {
  return (live) => JSON.stringify(live?.['data'] ?? '').includes(text);
}

const STEPS: readonly StepName[] = [
  'history-read',
  'rendered',
  'record-pending',
  'objects-done',
  'record-final',
];

for (const at of STEPS) {
  test(`the spec changes at ${at}`, () =>
    run(
      at,
      (cluster) => cluster.patch(RELEASE, 'merge', '{"spec":{"values":{"message":"second"}}}'),
      holds('second'),
    ));

  test(`a Secret of the values changes at ${at}`, () =>
    run(
      at,
      (cluster) =>
        cluster.patch(
          SECRET,
          'merge',
          JSON.stringify({ data: { 'values.yaml': base64('from: second') } }),
        ),
      holds('second'),
    ));

  test(`a live object changes at ${at}`, () =>
    run(
      at,
      (cluster) =>
        cluster.patch(LIVE, 'merge', '{"data":{"values":"by hand"}}').catch(() => undefined),
      holds('first'),
      { driftMode: 'correct' },
    ));
}

test('the record is deleted as soon as it is written', () =>
  run(
    'record-final',
    async (cluster) => {
      const record = { ...SECRET, name: 'sh.helm.release.v1.web.v1' };
      await cluster.delete(record);
      await cluster.delete(LIVE);
    },
    async (live, cluster) =>
      live !== undefined &&
      (await cluster.get({ ...SECRET, name: 'sh.helm.release.v1.web.v1' })) !== undefined,
  ));
