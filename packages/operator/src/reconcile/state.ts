// SPDX-License-Identifier: Apache-2.0

import type { Recovery } from '@helm-operator/helm';

/** How a release stands against what is wanted. One name for each case that is treated differently, with the reason in words. */
export type ReleaseState =
  /** There is no release, or only its history. */
  | { readonly kind: 'absent'; readonly why: string; readonly hasHistory: boolean }
  /** Its objects are another HelmRelease's. */
  | { readonly kind: 'foreign'; readonly owner: string }
  /** The newest record says that somebody works on it. */
  | {
      readonly kind: 'locked';
      readonly recovery: Exclude<Recovery, { readonly kind: 'none' }>;
      /** What was begun is what is still wanted. */
      readonly isWanted: boolean;
      readonly begun: 'release' | 'rollback' | 'uninstall';
    }
  /** The newest revision is nobody's that we know. */
  | { readonly kind: 'unmanaged'; readonly why: string }
  /** The newest revision, or its tests, failed. */
  | {
      readonly kind: 'failed';
      readonly why: string;
      /** The newest good revision before it. */
      readonly rollbackTo: number | undefined;
      /** The last attempt left it, not somebody else. */
      readonly isOurs: boolean;
    }
  /** Chart, values or object are not those of the newest revision. */
  | {
      readonly kind: 'out-of-sync';
      readonly why: string;
      /** It cannot be upgraded to what is wanted: uninstalled, then installed. */
      readonly mustReinstall?: boolean | undefined;
    }
  /** As wanted, but its tests have not run. */
  | { readonly kind: 'untested' }
  /** As wanted, but live objects are not as its manifest says. */
  | { readonly kind: 'drifted'; readonly objects: readonly string[] }
  | { readonly kind: 'in-sync' };
