// SPDX-License-Identifier: Apache-2.0

import type { JsonObject, ListQuery } from '@helm-operator/kube';

/** What a rule of Helm 3 says of one object. */
export type Readiness =
  | { readonly state: 'ready' }
  | { readonly state: 'waiting'; readonly message: string }
  /** It cannot become ready; Helm stops waiting with this text. */
  | { readonly state: 'failed'; readonly message: string };

/**
 * When one kind counts as ready. Pure: what else must be read is asked for first, then given.
 *
 * Source: helm v3.22.0 pkg/kube/ready.go
 */
export interface ReadyRule {
  /** Objects the rule needs beside its own. */
  readonly related?: (object: JsonObject) => ListQuery | undefined;
  /** `check` picks what it needs from more than `related` asked for. */
  readonly picksRelated?: boolean;
  readonly check: (object: JsonObject, related: readonly JsonObject[]) => Readiness;
}

export const READY: Readiness = { state: 'ready' };

export function waiting(message: string): Readiness {
  return { state: 'waiting', message };
}
