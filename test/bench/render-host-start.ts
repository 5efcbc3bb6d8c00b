// SPDX-License-Identifier: Apache-2.0

/** How long a render host takes from its start to the first podinfo: the shipped host, a new one each time. */

import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { RenderPool } from '@helm-operator/helm';
import { systemClock } from '@helm-operator/kube';
import { type CorpusCase, readCases, readChart } from '../conformance/corpus-folder.ts';

const entryPath = fileURLToPath(new URL('../../dist/npm/bundle/render-host.js', import.meta.url));

export interface HostStart {
  readonly wallMs: number;
  /** Processor time of the host, all threads, in steps of 10 ms; `undefined` where the system does not tell. */
  readonly cpuMs: number | undefined;
}

/** The median of some starts. */
export async function timeHostStart(folder: string, starts: number): Promise<HostStart> {
  const row = readCases(folder).find(({ chart }) => chart.includes('podinfo'));
  if (row === undefined) throw new Error(`${folder} has no podinfo`);
  const samples: HostStart[] = [];
  for (let i = 0; i < starts; i++) samples.push(await startOnce(folder, row));
  const middle = (pick: (sample: HostStart) => number): number =>
    samples.map(pick).sort((a, b) => a - b)[starts >> 1] ?? 0;
  const hasCpu = samples.every(({ cpuMs }) => cpuMs !== undefined);
  return {
    wallMs: middle(({ wallMs }) => wallMs),
    cpuMs: hasCpu ? middle(({ cpuMs }) => cpuMs ?? 0) : undefined,
  };
}

async function startOnce(folder: string, row: CorpusCase): Promise<HostStart> {
  const bytes = readChart(folder, row);
  const before = new Set(childrenOf());
  const started = performance.now();
  const pool = new RenderPool({
    nodePath: process.execPath,
    entryPath,
    memoryLimitMiB: 512,
    timeLimitMs: 60_000,
    clock: systemClock,
  });
  try {
    await pool.render({
      profile: 'helm3',
      chart: { digest: row.chart, bytes, metadata: { name: 'podinfo', version: '' } },
      values: new Map(),
      release: { name: 'demo', namespace: 'apps', revision: 1, isInstall: true, isUpgrade: false },
      capabilities: { gitVersion: 'v1.31.0', major: '1', minor: '31', apiVersions: ['v1'] },
      policy: {},
    });
    const wallMs = performance.now() - started;
    const host = childrenOf().find((pid) => !before.has(pid));
    return { wallMs, cpuMs: host === undefined ? undefined : cpuMsOf(host) };
  } finally {
    await pool.close();
  }
}

/** Children of this process, as Linux tells. */
function childrenOf(): readonly string[] {
  try {
    return readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8')
      .split(' ')
      .filter(Boolean);
  } catch {
    return [];
  }
}

const MS_PER_TICK = 10;

/** User and system time of a process, fields 14 and 15 of its `stat`. */
function cpuMsOf(pid: string): number | undefined {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK;
}
