// SPDX-License-Identifier: Apache-2.0

/** What the bench of rendering measures, and what it makes of it. */

/** What a piece of work took, in milliseconds: of the clock, and of the processor, all threads of the process. */
export interface Spent {
  readonly wall: number;
  readonly cpu: number;
}

/** One case: loading, the first render with loading, a render of a chart that is known. */
export interface CaseTimes {
  readonly id: string;
  readonly load: Spent;
  readonly cold: Spent;
  readonly warm: Spent;
}

/** Each column by itself. */
export function median(samples: readonly Spent[]): Spent {
  const middle = (pick: (spent: Spent) => number): number =>
    samples.map(pick).sort((a, b) => a - b)[samples.length >> 1] ?? 0;
  return { wall: middle(({ wall }) => wall), cpu: middle(({ cpu }) => cpu) };
}

/** One case on both sides. */
export interface Pair {
  readonly id: string;
  readonly makesKeys: boolean;
  readonly ours: CaseTimes;
  readonly helm: CaseTimes;
}

export type Clock = keyof Spent;
export type Temperature = 'warm' | 'cold';

export interface Sums {
  readonly oursMs: number;
  readonly helmMs: number;
  /** How many times as fast ours is. */
  readonly ratio: number;
}

export function sums(pairs: readonly Pair[], temperature: Temperature, clock: Clock): Sums {
  const oursMs = pairs.reduce((sum, { ours }) => sum + ours[temperature][clock], 0);
  const helmMs = pairs.reduce((sum, { helm }) => sum + helm[temperature][clock], 0);
  return { oursMs, helmMs, ratio: helmMs / oursMs };
}

/** How many times as fast ours is, case by case, slowest first. */
export function ratios(
  pairs: readonly Pair[],
  temperature: Temperature,
  clock: Clock,
): readonly number[] {
  return pairs
    .map(({ ours, helm }) => helm[temperature][clock] / ours[temperature][clock])
    .sort((a, b) => a - b);
}

/** The share of cases that are at least so many times as fast. */
export function shareAtLeast(sorted: readonly number[], ratio: number): number {
  return sorted.filter((found) => found >= ratio).length / Math.max(1, sorted.length);
}

export function percentile(sorted: readonly number[], percent: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? 0;
}
