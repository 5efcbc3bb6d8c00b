// SPDX-License-Identifier: Apache-2.0

/** What a person asks for by annotations, in every dialect. Source: spec helm-controller.md §1.6. */

import type { Fields } from './fields.ts';
import type { Requests } from './release-memory.ts';

/** Annotation of each request. A value is a token: a new one is a new request. */
export const REQUEST_ANNOTATIONS: Readonly<Record<keyof Requests, string>> = {
  reconcileAt: 'reconcile.fluxcd.io/requestedAt',
  forceAt: 'reconcile.fluxcd.io/forceAt',
  resetAt: 'reconcile.fluxcd.io/resetAt',
};

/** @param metadata of a HelmRelease */
export function decodeRequests(metadata: Fields): Requests {
  const annotations = metadata.fields('annotations');
  return {
    reconcileAt: annotations.text(REQUEST_ANNOTATIONS.reconcileAt),
    forceAt: annotations.text(REQUEST_ANNOTATIONS.forceAt),
    resetAt: annotations.text(REQUEST_ANNOTATIONS.resetAt),
  };
}
