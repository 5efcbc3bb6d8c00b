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
  /** The revision that the last good attempt stored, as `failedRevision`. */
  readonly releasedRevision: string | undefined;
  /** Generation of the HelmRelease that was released last. */
  readonly generation: number;
  /** An attempt that was begun, until its end is known. */
  readonly begun: BegunAttempt | undefined;
  /** Failed attempts with the same inputs. */
  readonly failures: { readonly install: number; readonly upgrade: number };
  /** The revision that was counted last, as `printRevision` prints it. */
  readonly failedRevision: string | undefined;
  /** The newest revision that was tested. */
  readonly test: { readonly revision: number; readonly isGood: boolean } | undefined;
  /** Requests that were dealt with. */
  readonly handled: Requests;
}

/** Written before anything is done, so that who comes after a crash knows what lies there. */
export interface BegunAttempt {
  /** The one that it stores. */
  readonly revision: number;
  /** As `ReleaseMemory.chartDigest`, of the chart that is released. */
  readonly chartDigest: string;
  readonly generation: number;
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
  releasedRevision: undefined,
  generation: 0,
  begun: undefined,
  failures: { install: 0, upgrade: 0 },
  failedRevision: undefined,
  test: undefined,
  handled: {},
};
