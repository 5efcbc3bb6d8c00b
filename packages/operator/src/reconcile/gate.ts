// SPDX-License-Identifier: Apache-2.0

import type { ReleaseIntent } from '@helm-operator/api';

/** Keeps an object until its release is gone. */
export const FINALIZER = 'helm.fluxcd.io/release';

/** What comes before any work on a release. */
export type Gate =
  | { readonly kind: 'open' }
  | { readonly kind: 'add-finalizer' }
  /** The object is being deleted and waits for us. */
  | { readonly kind: 'remove-release' }
  /** The object is being deleted; our part is done. */
  | { readonly kind: 'gone' };

/** Pure. */
export function gate(intent: ReleaseIntent): Gate {
  const isKept = intent.finalizers.includes(FINALIZER);
  if (intent.isDeleting) return { kind: isKept ? 'remove-release' : 'gone' };
  return { kind: isKept ? 'open' : 'add-finalizer' };
}
