// SPDX-License-Identifier: Apache-2.0

/** A server that wants longer is asked again by the next turn anyway. */
const LONGEST_MS = 3_600_000;

/** `Retry-After` in milliseconds: seconds, or a date. `undefined` for none or nonsense. */
export function retryAfterMs(
  header: string | string[] | undefined,
  nowMs: number = Date.now(),
): number | undefined {
  if (typeof header !== 'string') return undefined;
  const text = header.trim();
  const ms = /^[0-9]{1,9}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - nowMs;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), LONGEST_MS);
}
