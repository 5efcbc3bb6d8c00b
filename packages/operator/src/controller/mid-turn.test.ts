// SPDX-License-Identifier: Apache-2.0

/** Whatever changes while a turn runs has a turn of its own: nothing is taken for seen that the turn did not see. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { helmReleaseCrd } from '@helm-operator/api';
import { decodeJson, encodeJson, type ValueMap } from '@helm-operator/gocompat';
import type { StepName } from '@helm-operator/helm';
import { EventRecorder, type JsonObject, type ObjectRef, systemClock } from '@helm-operator/kube';
import { FakeCluster } from '../../../../test/kit/fake-cluster/fake-cluster.ts';
import { ValuesRender } from '../../../../test/kit/fake-render.ts';
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

type IsSo = (live: JsonObject | undefined, cluster: FakeCluster) => Promise<boolean> | boolean;

/** A controller on a fake cluster works until something is so. */
async function runUntil(
  isSo: () => Promise<boolean> | boolean,
  cluster: FakeCluster,
  more: {
    readonly options?: Partial<OperatorOptions>;
    readonly onStep?: ((name: StepName) => void) | undefined;
  } = {},
): Promise<void> {
  const lines: string[] = [];
  const stop = new AbortController();
  const render = new ValuesRender();
  const handle = render.chart({ documents: [DOCUMENT] });
  const metrics = new Metrics();
  const ports = {
    ...{ cluster, render, clock: systemClock, random: Math.random },
    charts: { fetch: async () => handle },
    log: createLogger({ format: 'json', write: (line) => lines.push(line), now: () => '' }),
    reached: (_key: string, step: { readonly name: StepName }) => more.onStep?.(step.name),
  };
  const events = new EventRecorder({
    ...{ cluster, clock: systemClock, random: Math.random, component: 'test' },
    onTrouble: () => undefined,
  });
  const reporter = new Reporter({ cluster, clock: systemClock, events, metrics });
  const options = { ...DEFAULT_OPTIONS, identity: 'me', workers: 1, ...more.options };
  const ended = new Controller({ options, ports, reporter, metrics }).run(stop.signal);
  try {
    const endMs = Date.now() + 10_000;
    while (!(await isSo())) {
      assert.ok(Date.now() < endMs, `not within 10 s\n${lines.join('')}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  } finally {
    stop.abort();
    await ended;
  }
}

async function liveIn(cluster: FakeCluster): Promise<JsonObject | undefined> {
  const live = await cluster.get(LIVE);
  return live === undefined ? undefined : (JSON.parse(encodeJson(live)) as JsonObject);
}

/** `change` is called once, at a step of an action. */
async function run(
  at: StepName,
  change: (cluster: FakeCluster) => Promise<unknown>,
  isSo: IsSo,
  options: Partial<OperatorOptions> = {},
): Promise<void> {
  const cluster = await clusterWith(new FakeCluster());
  let changing: Promise<unknown> | undefined;
  const hasCome = async (): Promise<boolean> => {
    if (changing === undefined) return false;
    await changing;
    return await isSo(await liveIn(cluster), cluster);
  };
  await runUntil(hasCome, cluster, {
    options,
    onStep: (name) => {
      if (name === at) changing ??= change(cluster);
    },
  });
}

async function clusterWith(
  cluster: FakeCluster,
  annotations: JsonObject = {},
): Promise<FakeCluster> {
  await cluster.create(decodeJson(JSON.stringify(helmReleaseCrd)) as ValueMap);
  const { apiVersion, kind, namespace, name } = RELEASE;
  const chart = { repository: 'http://charts.test', name: 'fake', version: '1.0.0' };
  const valuesFrom = [{ secretKeyRef: { name: 'from' } }];
  const spec = { chart, releaseName: 'web', valuesFrom, values: { message: 'first' } };
  const data = { 'values.yaml': base64('from: first') };
  cluster.seed({ ...SECRET, metadata: { name: 'from', namespace }, data } as JsonObject);
  cluster.seed({
    apiVersion,
    kind,
    metadata: { name, namespace, annotations },
    spec,
  } as JsonObject);
  return cluster;
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

/** One that others wait for; a person works on it, not the operator. */
const BASE: ObjectRef = { ...RELEASE, name: 'base' };

for (const moment of ['before it is read', 'after it was read'] as const) {
  test(`a dependency becomes ready in the turn that finds it unready, ${moment}`, async () => {
    let isChanged = false;
    let before = '';
    const cluster: FakeCluster = new FakeCluster({
      onCall: ({ verb, kind, name }, phase) => {
        if (verb !== 'get' || kind !== 'HelmRelease') return;
        // The one worker reads the other one for this one, not for itself.
        const isIt = name === BASE.name && before === RELEASE.name && !isChanged;
        if (phase === 'after') before = name;
        if (!isIt || (phase === 'before') !== (moment === 'before it is read')) return;
        isChanged = true;
        void makeReady(cluster);
      },
    });
    await clusterWith(cluster, { 'helm-operator.dev/depends-on': BASE.name });
    const { apiVersion, kind, namespace, name } = BASE;
    const annotations = { 'helm-operator.dev/suspend': 'true' };
    const chart = { repository: 'http://charts.test', name: 'fake', version: '1.0.0' };
    const metadata = { name, namespace, annotations };
    cluster.seed({ apiVersion, kind, metadata, spec: { chart } } as unknown as JsonObject);
    await runUntil(async () => (await liveIn(cluster)) !== undefined, cluster);
    assert.ok(isChanged);
  });
}

async function makeReady(cluster: FakeCluster): Promise<void> {
  const conditions = [{ type: 'Released', status: 'True' }];
  const status = { observedGeneration: 1, conditions };
  await cluster.patch(BASE, 'merge', JSON.stringify({ status }), { subresource: 'status' });
}
