// SPDX-License-Identifier: Apache-2.0

/** New charts of a source: followed, without a change of the HelmRelease; a source that is down changes nothing. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { helmReleaseCrd } from '@helm-operator/api';
import { decodeJson, type ValueMap } from '@helm-operator/gocompat';
import { EventRecorder, systemClock } from '@helm-operator/kube';
import { FakeCluster } from '../../../../test/kit/fake-cluster/fake-cluster.ts';
import { FakeRender } from '../../../../test/kit/fake-render.ts';
import type { ChartSource } from '../inputs/chart.ts';
import { createLogger } from '../logging/logger.ts';
import { Metrics } from '../metrics/metrics.ts';
import { DEFAULT_OPTIONS } from '../options.ts';
import { Reporter } from '../reconcile/report.ts';
import { Controller } from './controller.ts';

const configMap = (text: string) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata: {text: ${text}}`;

async function until(what: string, log: readonly string[], isSo: () => boolean): Promise<void> {
  const endMs = Date.now() + 10_000;
  while (!isSo()) {
    assert.ok(Date.now() < endMs, `${what}: not within 10 s\n${log.join('').slice(0, 4_000)}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

test('a new chart is followed, a source that does not answer leaves the release alone', async () => {
  const cluster = new FakeCluster();
  await cluster.create(decodeJson(JSON.stringify(helmReleaseCrd)) as ValueMap);
  cluster.seed({
    apiVersion: 'helm.fluxcd.io/v1',
    kind: 'HelmRelease',
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      releaseName: 'web',
      chart: { repository: 'http://charts.test', name: 'fake', version: '^1' },
    },
  });
  const render = new FakeRender();
  const handles = ['one', 'two'].map((text) => ({
    ...render.chart({ documents: [configMap(text)] }),
    identity: text,
  }));
  let current = 0;
  let looks = 0;
  const charts: ChartSource = {
    fetch: async () => handles[current] ?? assert.fail('no chart'),
    hasChanged: async (_reference, { identity }) => {
      looks++;
      if (looks === 2) throw new Error('the source is down');
      return identity !== handles[current]?.identity;
    },
  };
  const lines: string[] = [];
  const has = (text: string) => lines.some((line) => line.includes(text));
  const log = createLogger({
    format: 'json',
    write: (line) => void lines.push(line),
    now: () => '',
  });
  const ports = { cluster, render, charts, clock: systemClock, random: Math.random, log };
  const metrics = new Metrics();
  const events = new EventRecorder({ ...ports, component: 'test', onTrouble: () => undefined });
  const reporter = new Reporter({ cluster, clock: systemClock, events, metrics });
  const options = { ...DEFAULT_OPTIONS, identity: 'me', handOverMs: 1_000, resyncMs: 30 };
  const stop = new AbortController();
  const ended = new Controller({ options, ports, reporter, metrics }).run(stop.signal);
  try {
    await until('the release is installed', lines, () => has('installation succeeded'));
    await until('the source was looked at', lines, () => looks >= 4);
    assert.ok(has('cannot look for a new chart'));
    assert.ok(!has('upgrade succeeded'));
    current = 1;
    await until('the new chart is released', lines, () => has('upgrade succeeded'));
    const after = looks;
    await until('it is looked at again', lines, () => looks > after + 3);
    assert.equal(lines.filter((line) => line.includes('upgrade succeeded')).length, 1);
  } finally {
    stop.abort();
    await ended;
  }
});
