// SPDX-License-Identifier: Apache-2.0

/**
 * `npm run bench -- lifecycle [CHART...]`: our engine in a warm process (the built library) beside real helm 3 and 4, and the
 * cold start of our command apart, all against one control plane in one run: wall time and requests of install, no-change upgrade,
 * one-value upgrade and uninstall of a small, a medium (50 objects) and a large chart (500 objects). Fails where we are not ahead.
 */

import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createHistogram } from 'node:perf_hooks';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { auditSince, markAudit } from '../kit/audit.ts';
import { type ControlPlane, startControlPlane } from '../kit/control-plane/control-plane.ts';
import { runPeer } from '../kit/kubectl.ts';
import { type BenchChart, benchCharts } from './lifecycle-charts.ts';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const LIBRARY = join(root, 'dist/npm/lib');
const RENDER_HOST = join(root, 'dist/npm/bundle/render-host.js');

type HelmRoom = typeof import('@helm-operator/helm');
type KubeRoom = typeof import('@helm-operator/kube');
type ChartRoom = typeof import('@helm-operator/chart');
type Profile = import('@helm-operator/helm').Profile;

const ACTIONS = ['install', 'no-change upgrade', 'one-value upgrade', 'uninstall'] as const;
type Action = (typeof ACTIONS)[number];

/** Turns of every chart; the median counts. */
const TURNS: Readonly<Record<string, number>> = { large: 3, medium: 5 };
const TURNS_OF_SMALL = 9;
const P99_DELAY_LIMIT_MS = 50;
const RSS_LIMIT_MIB = 512;

interface Engine {
  readonly name: string;
  /** Prefix of its user agent. */
  readonly agent: string;
  readonly against: 'helm3' | 'helm4' | undefined;
  run(action: Action, place: Place): Promise<void>;
}

interface Place {
  readonly chart: BenchChart;
  readonly chartPath: string;
  readonly changePath: string;
  readonly namespace: string;
}

interface Sample {
  readonly ms: number;
  readonly requests: number;
}

async function room<T>(name: string): Promise<T> {
  return (await import(pathToFileURL(join(LIBRARY, `${name}.js`)).href)) as T;
}

function peer(tool: 'helm3' | 'helm4', kubeconfig: string): Engine {
  const flags: Readonly<Record<Action, (place: Place) => readonly string[]>> = {
    install: ({ chartPath }) => ['install', 'web', chartPath],
    'no-change upgrade': ({ chartPath }) => ['upgrade', 'web', chartPath],
    'one-value upgrade': ({ chartPath, changePath }) => [
      ...['upgrade', 'web', chartPath, '-f', changePath],
    ],
    uninstall: () => ['uninstall', 'web'],
  };
  return {
    name: tool,
    agent: 'Helm/',
    against: undefined,
    run: async (action, place) => {
      const args = [...flags[action](place), '-n', place.namespace];
      const { code, stderr } = await runPeer(tool, kubeconfig, args);
      if (code !== 0) throw new Error(`${tool} ${action}: ${stderr}`);
    },
  };
}

interface Ours {
  readonly engines: readonly Engine[];
  hostPid(): number | undefined;
  close(): Promise<void>;
}

async function openOurs(kubeconfig: string): Promise<Ours> {
  const [helm, kube, chart] = await Promise.all([
    room<HelmRoom>('helm'),
    room<KubeRoom>('kube'),
    room<ChartRoom>('chart'),
  ]);
  const cluster = kube.connect(await kube.loadKubeconfig({ paths: [kubeconfig] }));
  const render = new helm.RenderPool({
    nodePath: process.execPath,
    entryPath: RENDER_HOST,
    memoryLimitMiB: 512,
    timeLimitMs: 60_000,
    clock: kube.systemClock,
  });
  const engine = (profile: Profile): Engine => ({
    name: `ours as ${profile}`,
    agent: 'helm-operator/',
    against: profile,
    run: async (action, { chart: { name, archive, change }, namespace }) => {
      const context = {
        cluster,
        storage: helm.createSecretStorage({ cluster, namespace, profile, clock: kube.systemClock }),
        render,
        clock: kube.systemClock,
        signal: new AbortController().signal,
        log: () => {},
        reached: () => {},
        redact: (text: string) => text,
        holder: 'bench',
      };
      const values = action === 'one-value upgrade' ? change : {};
      const options = {
        profile,
        release: { name: 'web', namespace },
        timeoutMs: 300_000,
        wait: { strategy: 'none' },
        hooks: {},
        chart: {
          digest: `sha256:${name}`,
          bytes: archive,
          metadata: { name, version: '1.0.0' },
        },
        values: chart.readValues(JSON.stringify(values)),
        render: {},
        apply: { method: profile === 'helm3' ? 'client' : 'auto', fieldManager: 'helm' },
        crds: { mode: action === 'install' ? 'create' : 'skip' },
        history: { maxRevisions: 10 },
      } as const;
      if (action === 'install') await helm.install(options, context);
      else if (action === 'uninstall') await helm.uninstall(options, context);
      else await helm.upgrade(options, context);
    },
  });
  return {
    engines: [engine('helm3'), engine('helm4')],
    hostPid: () => childrenOf(process.pid).find(isRenderHost),
    close: async () => {
      await render.close();
      cluster.close();
    },
  };
}

function childrenOf(pid: number): readonly number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.split(' ').filter(Boolean).map(Number);
}

function isRenderHost(pid: number): boolean {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('render-host');
}

function rssMiB(pid: number): number {
  try {
    const text = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/VmRSS:\s+([0-9]+)/.exec(text)?.[1] ?? 0) / 1024;
  } catch {
    return 0; // it ended just now
  }
}

class Table {
  readonly #samples = new Map<string, Sample[]>();

  add(key: string, sample: Sample): void {
    this.#samples.set(key, [...(this.#samples.get(key) ?? []), sample]);
  }

  median(key: string): Sample {
    const samples = this.#samples.get(key) ?? [];
    const middle = (numbers: readonly number[]): number =>
      numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
    return {
      ms: middle(samples.map(({ ms }) => ms)),
      requests: middle(samples.map(({ requests }) => requests)),
    };
  }
}

let namespaces = 0;
/** Gaps between turns of the event loop while we work, in microseconds. */
const gaps = createHistogram();

async function watched(work: Promise<void>): Promise<void> {
  let lastMs = performance.now();
  const timer = setInterval(() => {
    const nowMs = performance.now();
    gaps.record(Math.max(1, Math.round((nowMs - lastMs) * 1000)));
    lastMs = nowMs;
  }, 1);
  await work.finally(() => clearInterval(timer));
}

/** One life of a chart by one engine; every action is a sample. */
async function live(
  plane: ControlPlane,
  engine: Engine,
  place: Omit<Place, 'namespace'>,
  table: Table,
): Promise<void> {
  const namespace = `bench-${namespaces++}`;
  await plane.call('POST', '/api/v1/namespaces', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: namespace },
  });
  for (const action of ACTIONS) {
    const mark = await markAudit(plane.auditLog);
    const startedMs = performance.now();
    const work = engine.run(action, { ...place, namespace });
    await (engine.against === undefined ? work : watched(work));
    const ms = performance.now() - startedMs;
    // The audit log is written after the answer; controllers calm down meanwhile.
    await new Promise((resolve) => setTimeout(resolve, 400));
    const requests = (await auditSince(plane.auditLog, mark, engine.agent)).length;
    table.add(`${place.chart.name}/${action}/${engine.name}`, { ms, requests });
  }
  await plane.call('DELETE', `/api/v1/namespaces/${namespace}`);
}

const COLUMNS = ['helm3', 'ours as helm3', 'helm4', 'ours as helm4'] as const;

function printHeadings(): void {
  process.stdout.write(`${''.padEnd(34)}${COLUMNS.map((name) => name.padStart(20)).join('')}\n`);
}

/** @returns the rows in which we are not ahead */
function printRows(chart: BenchChart, table: Table): readonly string[] {
  const behind: string[] = [];
  for (const action of ACTIONS) {
    const cells = COLUMNS.map((name) => table.median(`${chart.name}/${action}/${name}`));
    const texts = cells.map(({ ms, requests }) => `${ms.toFixed(0)} ms ${requests} rq`);
    const row = `${chart.name} (${chart.objects}) ${action}`;
    process.stdout.write(`${row.padEnd(34)}${texts.map((text) => text.padStart(20)).join('')}\n`);
    for (const [theirs, ours] of [
      [cells[0], cells[1]],
      [cells[2], cells[3]],
    ]) {
      if (theirs === undefined || ours === undefined) continue;
      if (ours.ms >= theirs.ms || ours.requests >= theirs.requests) behind.push(row);
    }
  }
  return behind;
}

async function printColdStart(kubeconfig: string): Promise<void> {
  const main = join(root, 'dist/npm/bundle/main.js');
  const { execFile } = await import('node:child_process');
  const { promisify } = await import('node:util');
  const run = promisify(execFile);
  const times = new Map<string, number[]>();
  for (let turn = 0; turn < TURNS_OF_SMALL; turn++) {
    for (const [name, call] of [
      [
        'our command',
        () => run(process.execPath, [main, 'helm', 'list', '--kubeconfig', kubeconfig]),
      ],
      ['helm3', () => runPeer('helm3', kubeconfig, ['list'])],
      ['helm4', () => runPeer('helm4', kubeconfig, ['list'])],
    ] as const) {
      const startedMs = performance.now();
      await call();
      times.set(name, [...(times.get(name) ?? []), performance.now() - startedMs]);
    }
  }
  for (const [name, list] of times) {
    const median = list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)] ?? Number.NaN;
    process.stdout.write(`cold start, list: ${name.padEnd(14)} ${median.toFixed(0)} ms\n`);
  }
}

async function measure(
  plane: ControlPlane,
  folder: string,
  wanted: readonly string[],
): Promise<void> {
  const ours = await openOurs(plane.kubeconfig);
  const engines: Engine[] = [
    peer('helm3', plane.kubeconfig),
    peer('helm4', plane.kubeconfig),
    ...ours.engines,
  ];
  const charts = (await benchCharts()).filter(
    ({ name }) => wanted.length === 0 || wanted.includes(name),
  );
  const changePath = join(folder, 'change.json');
  const table = new Table();
  let peakMiB = 0;
  const sampler = setInterval(() => {
    const host = ours.hostPid();
    peakMiB = Math.max(peakMiB, rssMiB(process.pid) + (host === undefined ? 0 : rssMiB(host)));
  }, 50);
  const behind: string[] = [];
  printHeadings();
  for (const chart of charts) {
    const chartPath = join(folder, `${chart.name}.tgz`);
    await writeFile(chartPath, chart.archive);
    await writeFile(changePath, JSON.stringify(chart.change));
    // Everybody once unmeasured: pages of binaries, compiled code, discovery.
    const warmUp = new Table();
    for (const engine of engines)
      await live(plane, engine, { chart, chartPath, changePath }, warmUp);
    for (let turn = 0; turn < (TURNS[chart.name] ?? TURNS_OF_SMALL); turn++) {
      for (const engine of engines) {
        await live(plane, engine, { chart, chartPath, changePath }, table);
      }
    }
    behind.push(...printRows(chart, table));
  }
  clearInterval(sampler);
  const p99Ms = gaps.percentile(99) / 1000;
  process.stdout.write(
    `gap between turns of the event loop: p99 ${p99Ms.toFixed(1)} ms, longest ${(gaps.max / 1000).toFixed(1)} ms\n`,
  );
  process.stdout.write(`peak RSS, this process and the render host: ${peakMiB.toFixed(0)} MiB\n`);
  await printColdStart(plane.kubeconfig);
  await ours.close();
  if (behind.length > 0) process.stdout.write(`not ahead: ${behind.join('; ')}\n`);
  const isWell = behind.length === 0 && p99Ms < P99_DELAY_LIMIT_MS && peakMiB < RSS_LIMIT_MIB;
  process.exitCode = isWell ? 0 : 1;
}

if (!existsSync(RENDER_HOST)) throw new Error('there is no bundle: run `npm run build` first');
const plane = await startControlPlane();
const folder = await mkdtemp(join(tmpdir(), 'helm-operator-bench-'));
try {
  await measure(plane, folder, process.argv.slice(2));
} finally {
  await plane.stop();
  await rm(folder, { recursive: true });
}
