// SPDX-License-Identifier: Apache-2.0

/** How each action comes about, and what must be true when it is over, whatever happened meanwhile. */

import { gunzipSync } from 'node:zlib';
import { applyHelmRelease, deleteHelmRelease, readHelmRelease } from '../kit/helm-release.ts';
import type { Lane } from './lane.ts';

export interface Journey {
  readonly action: 'install' | 'upgrade' | 'test' | 'rollback' | 'uninstall';
  begin(lane: Lane, message: string): Promise<void>;
  /** `''` when it is over and all is well; else what is missing. */
  verdict(lane: Lane, message: string): Promise<string>;
}

interface StoredRecord {
  readonly revision: number;
  readonly status: string;
  readonly manifest: string;
}

const NAME = 'web';

async function list<T>(lane: Lane, path: string): Promise<readonly T[]> {
  const { status, body } = await lane.plane.call('GET', path.replace('NS', lane.namespace));
  if (status !== 200) throw new Error(`GET ${path}: status ${status}`);
  return (body as { items: T[] }).items;
}

interface SecretObject {
  readonly metadata: { readonly labels: Readonly<Record<string, string>> };
  readonly data: Readonly<Record<string, string>>;
}

async function recordsOf(lane: Lane): Promise<readonly StoredRecord[]> {
  const path = '/api/v1/namespaces/NS/secrets?labelSelector=owner%3Dhelm';
  const secrets = await list<SecretObject>(lane, path);
  return secrets
    .map(({ metadata, data }): StoredRecord => {
      const packed = Buffer.from(Buffer.from(data['release'] ?? '', 'base64').toString(), 'base64');
      const { manifest } = JSON.parse(gunzipSync(packed).toString()) as { manifest: string };
      const { version, status } = metadata.labels;
      return { revision: Number(version), status: status ?? '', manifest };
    })
    .toSorted((a, b) => a.revision - b.revision);
}

async function begin(
  lane: Lane,
  message: string,
  change: Readonly<Record<string, unknown>> = {},
  values: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  await applyHelmRelease(lane.plane, lane.namespace, NAME, {
    releaseName: NAME,
    chart: { repository: lane.repository.url, name: 'web', version: '1.0.0' },
    wait: true,
    timeout: 40,
    maxHistory: 5,
    values: { message, replicas: 1, ...values },
    ...change,
  });
}

/** No revision is skipped, none is left pending, exactly one is deployed: the last. */
function historyProblem(records: readonly StoredRecord[]): string {
  const revisions = records.map(({ revision }) => revision);
  const first = revisions[0] ?? 0;
  if (revisions.some((revision, i) => revision !== first + i)) return `gap: ${revisions.join()}`;
  const statuses = records.map(({ status }) => status);
  const deployed = statuses.filter((status) => status === 'deployed').length;
  if (statuses.at(-1) !== 'deployed' || deployed !== 1) return `statuses: ${statuses.join()}`;
  return '';
}

/** `Kind/name` of what a manifest wants. */
function wantedOf(manifest: string): readonly string[] {
  return manifest
    .split(/^---$/m)
    .map((text) => [/^kind: (\S+)/m.exec(text)?.[1], /name: (\S+?)[},\n]/.exec(text)?.[1]])
    .filter(([kind]) => kind !== undefined)
    .map(([kind, name]) => `${kind}/${name}`)
    .toSorted();
}

const KINDS: Readonly<Record<string, string>> = {
  ConfigMap: '/api/v1/namespaces/NS/configmaps',
  Service: '/api/v1/namespaces/NS/services',
  Deployment: '/apis/apps/v1/namespaces/NS/deployments',
  Job: '/apis/batch/v1/namespaces/NS/jobs',
};

/** No object is lost, none is left over, hooks included. */
async function objectsProblem(lane: Lane, manifest: string): Promise<string> {
  const found: string[] = [];
  for (const [kind, path] of Object.entries(KINDS)) {
    const items = await list<{ metadata: { name: string } }>(lane, path);
    found.push(...items.map(({ metadata }) => `${kind}/${metadata.name}`));
  }
  const mine = found.filter((name) => name !== 'ConfigMap/kube-root-ca.crt').toSorted();
  const wanted = wantedOf(manifest);
  return mine.join() === wanted.join() ? '' : `objects ${mine.join()} instead of ${wanted.join()}`;
}

async function podsProblem(lane: Lane): Promise<string> {
  const pods = await list<{
    metadata: { labels?: Record<string, string>; deletionTimestamp?: string };
  }>(lane, '/api/v1/namespaces/NS/pods');
  const alive = pods.filter(
    ({ metadata }) =>
      metadata.deletionTimestamp === undefined &&
      metadata.labels?.['pod-template-hash'] !== undefined,
  );
  return alive.length === 1 ? '' : `${alive.length} pods instead of 1`;
}

async function messageOf(lane: Lane): Promise<string> {
  const path = `/api/v1/namespaces/${lane.namespace}/configmaps/web-web`;
  const { body } = await lane.plane.call('GET', path);
  return (body as { data?: { message?: string } }).data?.message ?? '';
}

async function releasedProblem(lane: Lane, message: string): Promise<string> {
  const view = await readHelmRelease(lane.plane, lane.namespace, NAME);
  if (view === undefined) return 'the HelmRelease is gone';
  if (view.observedGeneration !== view.generation) return 'the newest generation is not observed';
  const released = view.conditions.find(({ type }) => type === 'Released');
  if (released?.status !== 'True') return `Released: ${JSON.stringify(released)}`;
  return deployedProblem(lane, message);
}

/** What holds after every action but an uninstall. */
async function deployedProblem(lane: Lane, message: string): Promise<string> {
  const records = await recordsOf(lane);
  const live = await messageOf(lane);
  return (
    historyProblem(records) ||
    (live === message ? '' : `message ${live}`) ||
    (await objectsProblem(lane, records.at(-1)?.manifest ?? '')) ||
    (await podsProblem(lane))
  );
}

const messages = new WeakMap<Lane, string>();

export const JOURNEYS: readonly Journey[] = [
  {
    action: 'install',
    begin: async (lane, message) => {
      messages.set(lane, message);
      await begin(lane, message, {}, { extra: true });
    },
    verdict: releasedProblem,
  },
  {
    action: 'upgrade',
    begin: async (lane, message) => {
      messages.set(lane, message);
      await begin(lane, message);
    },
    verdict: releasedProblem,
  },
  {
    action: 'test',
    begin: async (lane, message) => {
      messages.set(lane, message);
      await begin(lane, message, { test: { enable: true, timeout: 40 } }, { extra: true });
    },
    verdict: async (lane, message) => {
      const view = await readHelmRelease(lane.plane, lane.namespace, NAME);
      const tested = view?.conditions.find(({ type }) => type === 'Tested');
      if (tested?.status !== 'True') return `Tested: ${JSON.stringify(tested)}`;
      return releasedProblem(lane, message);
    },
  },
  {
    action: 'rollback',
    begin: (lane) => begin(lane, 'never', { rollback: { enable: true } }, { service: { port: 0 } }),
    verdict: async (lane) => {
      const view = await readHelmRelease(lane.plane, lane.namespace, NAME);
      if (view?.observedGeneration !== view?.generation) return 'not observed';
      const back = view?.conditions.find(({ type }) => type === 'RolledBack');
      if (back?.status !== 'True') return `RolledBack: ${JSON.stringify(back)}`;
      return deployedProblem(lane, messages.get(lane) ?? '');
    },
  },
  {
    action: 'uninstall',
    begin: (lane) => deleteHelmRelease(lane.plane, lane.namespace, NAME),
    verdict: async (lane) => {
      const view = await readHelmRelease(lane.plane, lane.namespace, NAME);
      if (view !== undefined) return 'the HelmRelease is still there';
      const records = await recordsOf(lane);
      return records.length > 0
        ? `records: ${records.map(({ status }) => status).join()}`
        : await objectsProblem(lane, '');
    },
  },
];
