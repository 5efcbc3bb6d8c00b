// SPDX-License-Identifier: Apache-2.0

/** What was tried last for a HelmRelease, and how it went. */
export interface ReleaseMemory {
  /** The release that all this is about, as `printTarget` prints it. */
  readonly release: string | undefined;
  /** The release action tried last; its failure policy is the one that counts. */
  readonly action: 'install' | 'upgrade' | undefined;
  /** Digest over what went into the last attempt; failures are counted anew when it changes. No secret can be guessed from it. */
  readonly inputs: string | undefined;
  /** Digest of the chart that the last good attempt released, or the revision of its source where that counts. */
  readonly chartDigest: string | undefined;
  /** Generation of the HelmRelease at the last attempt. */
  readonly generation: number;
  /** Failed attempts with the same inputs. */
  readonly failures: { readonly install: number; readonly upgrade: number };
  /** The newest revision that was tested. */
  readonly test: { readonly revision: number; readonly isGood: boolean } | undefined;
  /** Requests that were dealt with. */
  readonly handled: Requests;
}

/** Tokens a person wrote into annotations; a new value is a new request. */
export interface Requests {
  readonly reconcileAt?: string | undefined;
  /** Install or upgrade once, whatever the counters and the comparison say. */
  readonly forceAt?: string | undefined;
  /** Forget failed attempts. */
  readonly resetAt?: string | undefined;
}

/** Of a HelmRelease that nothing was tried for. */
export const NO_MEMORY: ReleaseMemory = {
  release: undefined,
  action: undefined,
  inputs: undefined,
  chartDigest: undefined,
  generation: 0,
  failures: { install: 0, upgrade: 0 },
  test: undefined,
  handled: {},
};
