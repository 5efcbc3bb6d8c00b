// SPDX-License-Identifier: Apache-2.0

import { globSync, readFileSync } from 'node:fs';

const CLOCK_TICKS_PER_SECOND = 100;
const SAMPLE_EVERY_MS = 100;
const MIB = 1024 * 1024;

/** What a process has used so far, its children included. */
export interface Usage {
  readonly cpuMs: number;
  readonly rssMiB: number;
  /** `rssMiB` apart: the process itself, then its children. */
  readonly eachRssMiB: readonly number[];
}

/** Of a process and its children, from /proc; nothing for one that is gone. */
export function usageOf(pid: number): Usage {
  let cpuMs = 0;
  const eachRssMiB: number[] = [];
  for (const id of [pid, ...childrenOf(pid)]) {
    try {
      const stat = readFileSync(`/proc/${id}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      cpuMs += ((Number(fields[11]) + Number(fields[12])) * 1000) / CLOCK_TICKS_PER_SECOND;
      const rss = /VmRSS:\s+([0-9]+)/.exec(readFileSync(`/proc/${id}/status`, 'utf8'));
      eachRssMiB.push(Number(rss?.[1] ?? 0) / 1024);
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }
  return { cpuMs, rssMiB: eachRssMiB.reduce((sum, rss) => sum + rss, 0), eachRssMiB };
}

function childrenOf(pid: number): readonly number[] {
  return globSync(`/proc/${pid}/task/*/children`).flatMap((file) => {
    try {
      return readFileSync(file, 'utf8').split(' ').filter(Boolean).map(Number);
    } catch (error) {
      if (!isGone(error)) throw error;
      return [];
    }
  });
}

function isGone(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'ENOENT' || code === 'ESRCH';
}

/** Looks at a process now and then, for its highest memory. */
export interface UsageSampler {
  /** Highest so far, in MiB. */
  readonly peakMiB: () => number;
  /** The look that found it. */
  readonly peak: () => Usage;
  stop(): void;
}

export function sampleUsage(pid: number): UsageSampler {
  let peak = usageOf(pid);
  const timer = setInterval(() => {
    const now = usageOf(pid);
    if (now.rssMiB > peak.rssMiB) peak = now;
  }, SAMPLE_EVERY_MS);
  timer.unref();
  return { peakMiB: () => peak.rssMiB, peak: () => peak, stop: () => clearInterval(timer) };
}

/** Decimal megabytes, as targets are written. */
export function megabytes(mebibytes: number): number {
  return (mebibytes * MIB) / 1e6;
}
