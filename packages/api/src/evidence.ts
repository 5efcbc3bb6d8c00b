// SPDX-License-Identifier: Apache-2.0

/** What is known of a failure: which link of the chain broke, at which object, why, and what comes next. Redacted and bounded. */

import type { Retry } from '@helm-operator/helm';

/** What a change passes on its way from a chart's source to running pods, in order. */
export const CHAIN = ['source', 'chart', 'values', 'render', 'apply', 'ready', 'test'] as const;
/** `spec`: what comes before all of it, the HelmRelease itself. */
export type ChainLink = (typeof CHAIN)[number] | 'spec';

/** One object that is to blame. */
export interface EvidenceCulprit {
  /** `Deployment apps/web` */
  readonly object: string;
  readonly pod?: string | undefined;
  readonly container?: string | undefined;
  /** In the cluster's words: `ImagePullBackOff: …`. */
  readonly reason?: string | undefined;
  readonly message?: string | undefined;
  readonly mend?: string | undefined;
  /** Newest last. */
  readonly events?: readonly string[] | undefined;
  readonly logTail?: string | undefined;
}

export interface Evidence {
  /** The links before it held. */
  readonly broken: ChainLink;
  /** A word for the kind of failure: `immutable-field`. */
  readonly reason: string;
  readonly message: string;
  readonly retry: Retry;
  /** What a person can do. */
  readonly mend?: string | undefined;
  readonly culprits: readonly EvidenceCulprit[];
}

/** When it is tried again. */
export type NextAttempt =
  /** Milliseconds since 1970. */
  | { readonly kind: 'at'; readonly timeMs: number }
  /** When the spec, the chart or the values change, or a person asks. */
  | { readonly kind: 'on-change' };

/** `source ok, chart ok, values ok, render ok, apply failed`, for people. */
export function printChain(broken: ChainLink): string {
  if (broken === 'spec') return 'spec failed';
  const before = CHAIN.slice(0, CHAIN.indexOf(broken));
  return [...before.map((link) => `${link} ok`), `${broken} failed`].join(', ');
}
