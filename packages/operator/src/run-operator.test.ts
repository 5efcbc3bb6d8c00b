// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ATTEMPT_ANNOTATION,
  attemptAnnotation,
  decodeHelmRelease,
  helmReleaseCrd,
  LONGEST_ATTEMPT,
} from '@helm-operator/api';
import { decodeJson, type ValueMap } from '@helm-operator/gocompat';
import { systemClock } from '@helm-operator/kube';
import { FakeCluster } from '../../../test/kit/fake-cluster/fake-cluster.ts';
import { FakeRender } from '../../../test/kit/fake-render.ts';
import { createLogger } from './logging/logger.ts';
import { DEFAULT_OPTIONS } from './options.ts';
import { runOperator } from './run-operator.ts';

async function clusterThat(
  authorize: NonNullable<ConstructorParameters<typeof FakeCluster>[0]>['authorize'],
): Promise<FakeCluster> {
  const cluster = new FakeCluster({ authorize });
  await cluster.create(decodeJson(JSON.stringify(helmReleaseCrd)) as ValueMap);
  return cluster;
}

/** Runs until the log says so. */
async function logOf(cluster: FakeCluster, until: string): Promise<string> {
  const render = new FakeRender();
  const stop = new AbortController();
  const said = Promise.withResolvers<void>();
  let text = '';
  const log = createLogger({
    format: 'json',
    write: (line) => {
      text += line;
      if (line.includes(until)) said.resolve();
    },
    now: () => '',
  });
  const options = { ...DEFAULT_OPTIONS, listen: '', identity: 'me', mustElectLeader: true };
  const charts = { fetch: async () => render.chart({ documents: [] }) };
  const ports = { cluster, render, charts, clock: systemClock, random: () => 0.5, log };
  const end = runOperator(options, ports, stop.signal);
  await said.promise;
  stop.abort();
  assert.equal(await end, 'stopped');
  return text;
}

const HELM_RELEASE = { apiVersion: 'helm.fluxcd.io/v1', kind: 'HelmRelease' };

test('without rights on Leases it runs unelected, and says so', async () => {
  const cluster = await clusterThat(({ kind }) => kind !== 'Lease');
  const text = await logOf(cluster, 'informer caches synced');
  assert.match(text, /running without leader election; run one replica only, or allow/);
});

test('without rights on definitions it writes what the original wrote, and says so', async () => {
  const cluster = await clusterThat(
    ({ kind, verb }) => kind !== 'CustomResourceDefinition' || verb === 'create',
  );
  const chart = { repository: 'http://charts.test', name: 'fake', version: '1.0.0' };
  const metadata = { name: 'web', namespace: 'default' };
  cluster.seed({ ...HELM_RELEASE, metadata, spec: { chart, releaseName: 'web' } });
  const text = await logOf(cluster, 'installation succeeded');
  assert.match(text, /its definition may not be read: status is written as the original operator/);
  const object = await cluster.getJson({ ...HELM_RELEASE, ...metadata });
  const { status, metadata: written } = object as unknown as {
    readonly status: { readonly releaseName?: string; readonly attempt?: unknown };
    readonly metadata: { readonly annotations: Readonly<Record<string, string>> };
  };
  assert.equal(status.releaseName, 'web');
  assert.equal(status.attempt, undefined);
  const kept = written.annotations[ATTEMPT_ANNOTATION] ?? '';
  assert.equal(JSON.parse(kept).action, 'install');
});

test('what is remembered fits into the annotation, whatever people write', () => {
  const token = 'é'.repeat(10_000);
  const annotations = { requestedAt: token, forceAt: token, resetAt: token };
  const named = Object.entries(annotations).map(([name, value]) => [
    `reconcile.fluxcd.io/${name}`,
    value,
  ]);
  const name = 'n'.repeat(253);
  const object = {
    ...HELM_RELEASE,
    metadata: { name, namespace: 'n'.repeat(63), annotations: Object.fromEntries(named) },
    spec: {},
  };
  const { requests } = decodeHelmRelease(decodeJson(JSON.stringify(object)) as ValueMap);
  const attempt = {
    ...{ release: `${'n'.repeat(63)}/${name}`, generation: 1e9 },
    action: 'install',
    ...{ inputs: 'f'.repeat(71), chartDigest: 'f'.repeat(200), installFailures: 1e9 },
    ...{ upgradeFailures: 1e9, testedRevision: 1e9, testPassed: true, ...requests },
  } as const;
  assert.ok((attemptAnnotation({ attempt })?.length ?? Infinity) <= LONGEST_ATTEMPT);
});
