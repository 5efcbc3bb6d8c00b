// SPDX-License-Identifier: Apache-2.0

/**
 * A repository's index of 26 MB with 10,000 versions: ours (first look, second look) beside `helm pull --repo`.
 *
 * Fails when ours takes longer than helm or 100 MiB more than the process had, or when an unchanged index is sent again.
 */

import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { type SourceServer, startSourceServer, staticSource } from '../kit/source-server.ts';
import { tarball } from '../kit/tarball.ts';
import { ensureTool } from '../tools/tools.ts';
import { record } from './figures.ts';

const CHARTS = 145;
const VERSIONS = 10_000;
const ROUNDS = 3;
const MAX_ADDED_MIB = 100;
const CHILD = fileURLToPath(new URL('./children/look-twice.ts', import.meta.url));

async function main(): Promise<void> {
  const index = makeIndex();
  const archive = tarball({
    'chart-003/Chart.yaml': 'apiVersion: v2\nname: chart-003\nversion: 0.68.0\n',
  });
  const source = staticSource(
    new Map<string, Uint8Array | string>([
      ['/index.yaml', index],
      ['/chart-003.tgz', Buffer.from(archive)],
    ]),
  );
  const server = await startSourceServer(source);
  const folder = await mkdtemp(join(tmpdir(), 'bench-index-'));
  process.stdout.write(
    `index of ${(Buffer.byteLength(index) / 1e6).toFixed(1)} MB, ${CHARTS} charts, ${VERSIONS} versions; median of ${ROUNDS}\n`,
  );
  try {
    const helm = await ensureTool('helm3');
    const theirs = await report('helm pull --repo', () =>
      measure(helm, ['pull', 'chart-003', '--repo', server.url, '-d', folder], folder),
    );
    const first = await report(
      'ours, the first time',
      async () => (await ours(server, folder)).first,
    );
    const second = await report(
      'ours, unchanged (304)',
      async () => (await ours(server, folder)).second,
    );
    // The index, the archive; the index once more, and only its 304.
    const asked = server.heard.slice(-3).map(({ path }) => path);
    const isCheap = asked.join() === '/index.yaml,/chart-003.tgz,/index.yaml';
    const addedMiB = Math.max(first.addedMiB ?? 0, second.addedMiB ?? 0);
    const megabytes = Math.round(Buffer.byteLength(index) / 1e6);
    record('index', { megabytes, versions: VERSIONS, helm: theirs, first, unchanged: second });
    if (first.ms > theirs.ms || addedMiB > MAX_ADDED_MIB || !isCheap) process.exitCode = 1;
  } finally {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

interface Cost {
  readonly ms: number;
  /** The largest resident size of the process. */
  readonly rssMiB: number;
  /** Of it, what the work added. */
  readonly addedMiB?: number;
}

async function report(name: string, work: () => Promise<Cost>): Promise<Cost> {
  const costs: Cost[] = [];
  for (let round = 0; round < ROUNDS; round++) costs.push(await work());
  const middle = costs.toSorted((a, b) => a.ms - b.ms)[ROUNDS >> 1];
  if (middle === undefined) throw new Error('nothing was measured');
  const added = middle.addedMiB === undefined ? '' : ` (+${middle.addedMiB.toFixed(0)})`;
  process.stdout.write(
    `${name.padEnd(24)} ${middle.ms.toFixed(0).padStart(7)} ms  ${middle.rssMiB.toFixed(0).padStart(5)} MiB${added}\n`,
  );
  return middle;
}

/** Wall time and largest resident size of another program. */
async function measure(file: string, args: readonly string[], home: string): Promise<Cost> {
  const env = { HELM_CACHE_HOME: home, HELM_CONFIG_HOME: home, HELM_DATA_HOME: home };
  const startedMs = performance.now();
  const child = spawn(file, [...args], { env, stdio: 'ignore' });
  let rssMiB = 0;
  const timer = setInterval(() => {
    void readFile(`/proc/${child.pid}/status`, 'utf8').then(
      (text) => {
        rssMiB = Math.max(rssMiB, Number(/VmHWM:\s+([0-9]+)/.exec(text)?.[1] ?? 0) / 1024);
      },
      () => undefined,
    );
  }, 10);
  await new Promise((resolve) => child.once('exit', resolve));
  clearInterval(timer);
  return { ms: performance.now() - startedMs, rssMiB };
}

/** In a process of its own, so that nothing of one round is left for the next. */
async function ours(
  server: SourceServer,
  folder: string,
): Promise<{ readonly first: Cost; readonly second: Cost }> {
  const cache = await mkdtemp(join(folder, 'cache-'));
  const child = spawn(process.execPath, [CHILD, server.url, cache], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (part: Buffer) => {
    text += part.toString();
  });
  await new Promise((resolve) => child.once('close', resolve));
  return JSON.parse(text) as { first: Cost; second: Cost };
}

/** As large as those of the large public repositories: annotations, dependencies, keywords, maintainers. */
function makeIndex(): string {
  const parts = ['apiVersion: v1\nentries:\n'];
  for (let chart = 0; chart < CHARTS; chart++) {
    const name = `chart-${String(chart).padStart(3, '0')}`;
    parts.push(`  ${name}:\n`);
    const count =
      Math.floor((VERSIONS * (chart + 1)) / CHARTS) - Math.floor((VERSIONS * chart) / CHARTS);
    for (let version = count - 1; version >= 0; version--) parts.push(makeEntry(name, version));
  }
  parts.push('generated: "2026-01-01T00:00:00Z"\n');
  return parts.join('');
}

function makeEntry(name: string, minor: number): string {
  const version = `0.${minor}.0`;
  const images = [
    '',
    '-exporter',
    '-shell',
    '-volume',
    '-backup',
    '-metrics',
    '-init',
    '-proxy',
    '-agent',
    '-sidecar',
  ]
    .map(
      (part) =>
        `        - name: ${name}${part}\n          image: images.test/library/${name}${part}:${version}-r${minor}\n`,
    )
    .join('');
  const needs = ['common', 'database', 'queue']
    .map(
      (need) =>
        `    - condition: ${need}.enabled\n      name: ${need}\n      repository: https://charts.test/library\n      version: 2.x.x\n`,
    )
    .join('');
  const sources = ['charts', 'containers', 'app', 'docs']
    .map((part) => `    - https://code.test/example/${part}/tree/main/example/${name}\n`)
    .join('');
  return `  - annotations:
      category: Database
      images: |
${images}      licenses: Apache-2.0
    apiVersion: v2
    appVersion: ${minor}.4.1
    created: "2026-01-01T10:22:33.123456789Z"
    dependencies:
${needs}    description: ${name} is a thing that does many things for people who have things, with
      a description that is longer than one line and goes on here for a while, because real
      ones do so as well; it says where to find more, too, and what changed since the last one.
    digest: ${'0123456789abcdef'.repeat(4)}
    home: https://example.test
    icon: https://example.test/assets/stacks/${name}/img/${name}-stack-220x234.png
    keywords:
    - ${name}
    - database
    - cluster
    - replica
    kubeVersion: '>=1.23.0-0'
    maintainers:
    - email: people@example.test
      name: Example, Inc.
      url: https://code.test/example/charts
    name: ${name}
    sources:
${sources}    type: application
    urls:
    - chart-003.tgz
    version: ${version}
`;
}

await main();
