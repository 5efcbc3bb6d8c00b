// SPDX-License-Identifier: Apache-2.0

/** What one fetch may cost. */
export interface FetchLimits {
  /** Time for the whole fetch, redirects and waiting included, in milliseconds. */
  readonly timeoutMs: number;
  /** More bytes than this are refused. */
  readonly maxBytes: number;
  /** More redirects than this are refused. */
  readonly maxRedirects: number;
  /** How often a fetch that failed for now is tried again within its time. */
  readonly retries: number;
}

const MIB = 1024 * 1024;

/** Helm waits 120 s and follows ten redirects (Go); it reads archives of at most 100 MiB. */
export const CHART_LIMITS: FetchLimits = {
  timeoutMs: 120_000,
  maxBytes: 100 * MIB,
  maxRedirects: 10,
  retries: 0,
};

export const INDEX_LIMITS: FetchLimits = { ...CHART_LIMITS, maxBytes: 512 * MIB };
