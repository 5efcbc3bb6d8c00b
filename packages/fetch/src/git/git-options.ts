// SPDX-License-Identifier: Apache-2.0

import type { GitEnvironment } from './session.ts';

/** How repositories are kept and asked. */
export interface GitOptions {
  /** Made if it is not there (0700); nothing else may live in it. */
  readonly folder: string;
  readonly env: GitEnvironment;
  /** For each operation: a listing, a fetch. In milliseconds. Default 60,000. */
  readonly timeoutMs?: number | undefined;
  /** Of one mirror. Default 2 GiB. */
  readonly maxMirrorBytes?: number | undefined;
  /** Mirrors kept at the same time. Default 200. */
  readonly maxMirrors?: number | undefined;
  /** A listing answers so long for all who ask for the same, in milliseconds. Default 0: every question is asked. */
  readonly freshMs?: number | undefined;
  /** Whether `http:` may be used, which hides nothing. Default true. */
  readonly mayUseHttp?: boolean | undefined;
}
