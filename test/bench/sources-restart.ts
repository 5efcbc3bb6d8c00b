// SPDX-License-Identifier: Apache-2.0

/**
 * `npm run bench -- sources-restart [COUNT]`: the operator brings COUNT HelmReleases (default 500) of 20 sources to Ready (14 Helm
 * repositories, four Git repositories, two registries), is started anew, and once more while every source is down.
 *
 * Fails when a restart fetches what the cache holds, when a release is not Ready all the time, or when one gets a new revision.
 */

import { globSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createFetchPorts, openRegistry } from '@helm-operator/fetch';
import { createAuthority } from '../kit/authority.ts';
import { packChart, startChartRepository } from '../kit/chart-repository.ts';
import { type ControlPlane, startControlPlane } from '../kit/control-plane/control-plane.ts';
import { startGitHttpServer } from '../kit/git-http-server.ts';
import { createRepository, scratchFolder } from '../kit/git-repository.ts';
import { applyHelmRelease, installCrd, until } from '../kit/helm-release.ts';
import { pushChart } from '../kit/oci-push.ts';
import { startOciRegistry } from '../kit/oci-registry.ts';
import { type OperatorProcess, startOperator } from '../kit/operator-process.ts';
import { handedOnTo } from '../kit/s3-server.ts';
import { startSourceServer } from '../kit/source-server.ts';
import { record } from './figures.ts';

const COUNT = Number(process.argv[2] ?? 500);
const REPOSITORIES = 14;
const GIT_REPOSITORIES = 4;
const REGISTRIES = 2;
const SOURCES = REPOSITORIES + GIT_REPOSITORIES + REGISTRIES;
const NAMESPACE = 'restart';
const READY_WITHIN_MS = 420_000;
const QUIET_SECONDS = 6;

/** Twenty servers' worth of sources, what was asked of them, and how they fail. */
interface Sources {
  /** `spec.chart` of a release. */
  chartOf(number: number): object;
  /** Requests since the last call, by kind; those for contents apart. */
  asked(): Readonly<Record<'repositories' | 'git' | 'registries' | 'contents', number>>;
  readonly ca: string;
  fail(): void;
  stop(): Promise<void>;
}

const chartFiles = (name: string): Map<string, string> =>
  new Map([
    ['Chart.yaml', `apiVersion: v2\nname: ${name}\nversion: 1.0.0\n`],
    [
      'templates/config.yaml',
      'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\n',
    ],
  ]);

async function startSources(empty: string): Promise<Sources> {
  const charts = Math.ceil(COUNT / SOURCES);
  const names = Array.from({ length: charts }, (_, number) => `chart-${number}`);
  const packed = await Promise.all(names.map((name) => packChart(empty, chartFiles(name))));
  const repositories = await Promise.all(
    Array.from({ length: REPOSITORIES }, () => startChartRepository(packed)),
  );
  const root = scratchFolder('restart-git');
  for (let number = 0; number < GIT_REPOSITORIES; number++) {
    const files = names.flatMap((name) =>
      [...chartFiles(name)].map(([path, text]) => [`${name}/${path}`, text] as const),
    );
    createRepository(root, `${number}.git`).commit(Object.fromEntries(files));
  }
  const git = await startGitHttpServer({ root, isPlain: true });
  const authority = createAuthority();
  const registries = await Promise.all(
    Array.from({ length: REGISTRIES }, async () => {
      const registry = await startOciRegistry();
      const credentials = { isPlainHttp: true };
      const ports = createFetchPorts({ userAgent: 'bench' });
      const client = openRegistry({ registry: registry.host, credentials, ports });
      for (const { name, archive } of packed)
        await pushChart(client, `${registry.host}/charts/${name}:1.0.0`, archive);
      const front = await startSourceServer(handedOnTo(`http://${registry.host}`), {
        certificate: authority.issue(),
      });
      return { registry, front };
    }),
  );
  const fronts = registries.map(({ front }) => front);
  const counts = () => ({
    repositories: repositories.flatMap(({ requests }) => requests).length,
    git: git.requests.length,
    registries: fronts.flatMap(({ heard }) => heard).length,
    contents:
      repositories.flatMap(({ requests }) => requests).filter((line) => line.endsWith('.tgz'))
        .length +
      fronts.flatMap(({ heard }) => heard).filter(({ path }) => path.includes('/blobs/')).length,
  });
  let last = counts();
  return {
    ca: authority.ca,
    chartOf: (number) => {
      const source = number % SOURCES;
      const name = `chart-${Math.floor(number / SOURCES)}`;
      if (source < REPOSITORIES)
        return { repository: repositories[source]?.url, name, version: '^1.0.0' };
      const inGit = source - REPOSITORIES;
      if (inGit < GIT_REPOSITORIES)
        return { git: `${git.url}/${inGit}.git`, ref: 'main', path: name };
      const host = new URL(fronts[inGit - GIT_REPOSITORIES]?.url ?? '').host;
      const repository = `oci://${host}/charts`;
      return { repository, name, version: '1.0.0', chartPullSecret: { name: 'authority' } };
    },
    asked: () => {
      const now = counts();
      const since = {
        repositories: now.repositories - last.repositories,
        git: now.git - last.git,
        registries: now.registries - last.registries,
        contents: now.contents - last.contents,
      };
      last = now;
      return since;
    },
    fail: () => {
      for (const repository of repositories) repository.fail(503);
      git.intercept((_request, response) => response.writeHead(503).end() !== undefined);
      for (const front of fronts)
        front.inject((_request, response) => response.writeHead(503).end() !== undefined);
    },
    stop: async () => {
      for (const repository of repositories) await repository.stop();
      await git.stop();
      for (const { front, registry } of registries) {
        await front.stop();
        await registry.stop();
      }
    },
  };
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-restart-'));
  const plane = await startControlPlane();
  const sources = await startSources(mkdtempSync(join(folder, 'empty-')));
  try {
    await installCrd(plane);
    await plane.call('POST', '/api/v1/namespaces', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: NAMESPACE },
    });
    await plane.call('POST', `/api/v1/namespaces/${NAMESPACE}/secrets`, {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'authority', namespace: NAMESPACE },
      stringData: { 'ca.crt': sources.ca },
    });
    await measure(plane, sources, folder);
  } finally {
    await sources.stop();
    await plane.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(plane: ControlPlane, sources: Sources, folder: string): Promise<void> {
  const mirrors = join(folder, 'git');
  const packs = () => globSync(join(mirrors, '*/commits/objects/pack/*.pack')).length;
  const run = () =>
    startOperator({
      kubeconfig: plane.kubeconfig,
      args: [
        '--workers=8',
        '--charts-sync-interval=1h',
        '--git-poll-interval=1h',
        `--chart-cache-dir=${join(folder, 'charts')}`,
        `--git-cache-dir=${mirrors}`,
      ],
    });
  let operator = await run();
  const startedMs = performance.now();
  for (let number = 0; number < COUNT; number++)
    await applyHelmRelease(plane, NAMESPACE, `r${number}`, { chart: sources.chartOf(number) });
  await until(
    'all releases are ready',
    async () => (await ready(plane)).length === COUNT,
    READY_WITHIN_MS,
    () => operator.log().slice(-3_000),
  );
  const seconds = Math.round((performance.now() - startedMs) / 1000);
  print(`${COUNT} releases of ${SOURCES} sources are ready`, `after ${seconds} s`);
  print('asked for them', JSON.stringify(sources.asked()));
  const first = await ready(plane);
  const figures: Record<string, unknown> = { releases: COUNT, sources: SOURCES, seconds };
  const packsBefore = packs();
  for (const when of ['restart', 'restart, every source down'] as const) {
    await operator.stop();
    if (when !== 'restart') sources.fail();
    sources.asked();
    operator = await run();
    await untilQuiet(operator);
    const asked = sources.asked();
    print(when, JSON.stringify(asked));
    figures[when] = asked;
    const now = await ready(plane);
    const revisions = await storedRevisions(plane);
    const isGood =
      asked.contents === 0 &&
      packs() === packsBefore &&
      revisions === COUNT &&
      JSON.stringify(now) === JSON.stringify(first);
    figures[`${when}: ready as before`] = isGood;
    print('', `${now.length} ready as before, ${revisions} revisions, ${packs()} packs`);
    if (!isGood) process.exitCode = 1;
  }
  record('restart', figures);
  await operator.stop();
}

/** Name and time of the last change of each that is ready. */
async function ready(plane: ControlPlane): Promise<string[]> {
  const path = `/apis/helm.fluxcd.io/v1/namespaces/${NAMESPACE}/helmreleases`;
  const { body } = await plane.call('GET', path);
  const { items } = body as {
    items: {
      metadata: { name: string };
      status?: { phase?: string; conditions?: { type: string; lastTransitionTime: string }[] };
    }[];
  };
  return items
    .filter(({ status }) => status?.phase === 'Succeeded')
    .map(({ metadata, status }) => {
      const released = status?.conditions?.find(({ type }) => type === 'Released');
      return `${metadata.name} ${released?.lastTransitionTime}`;
    });
}

async function storedRevisions(plane: ControlPlane): Promise<number> {
  const path = `/api/v1/namespaces/${NAMESPACE}/secrets?labelSelector=owner%3Dhelm`;
  const { body } = await plane.call('GET', path);
  return (body as { items: unknown[] }).items.length;
}

/** Every HelmRelease is known, and nothing waits for its turn. */
async function untilQuiet(operator: OperatorProcess): Promise<void> {
  let quiet = 0;
  await until(
    'every release was looked at',
    async () => {
      const text = await operator.metrics();
      const of = (name: string) =>
        Number(new RegExp(`^${name} ([0-9.e+]+)`, 'm').exec(text)?.[1] ?? -1);
      const isQuiet =
        of('flux_helm_operator_release_count') === COUNT &&
        of('flux_helm_operator_release_queue_length_count') === 0;
      quiet = isQuiet ? quiet + 1 : 0;
      await sleep(1_000);
      return quiet >= QUIET_SECONDS;
    },
    READY_WITHIN_MS,
  );
}

function print(name: string, value: string): void {
  process.stdout.write(`${name.padEnd(46)} ${value}\n`);
}

await main();
