// SPDX-License-Identifier: Apache-2.0

import type { Refusal, ReleaseIntent } from '@helm-operator/api';
import { isElsewhere, notYet } from './not-yet.ts';

/** Keeps an object until its release is gone. */
export const FINALIZER = 'helm.fluxcd.io/release';

/** What comes before any work on a release. */
export type Gate =
  | { readonly kind: 'open' }
  | { readonly kind: 'add-finalizer' }
  /** A person wants nothing to be done. */
  | { readonly kind: 'suspended' }
  /** It asks for what cannot be done. */
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  /** The object is being deleted and waits for us. */
  | { readonly kind: 'remove-release' }
  /** The object is being deleted; its release stays, since a person wants it so. */
  | { readonly kind: 'let-go'; readonly why: 'suspended' | 'orphaned' }
  /** The object is being deleted; our part is done. */
  | { readonly kind: 'gone' };

/** Pure. */
export function gate(intent: ReleaseIntent): Gate {
  const isKept = intent.finalizers.includes(FINALIZER);
  const elsewhere = isElsewhere(intent);
  if (intent.isDeleting) {
    if (!isKept) return { kind: 'gone' };
    if (intent.isOrphaned) return { kind: 'let-go', why: 'orphaned' };
    if (elsewhere !== undefined) return { kind: 'refused', refusal: elsewhere };
    return intent.isSuspended ? { kind: 'let-go', why: 'suspended' } : { kind: 'remove-release' };
  }
  if (intent.isSuspended) return { kind: 'suspended' };
  const refusal = intent.refusal ?? elsewhere ?? notYet(intent);
  if (refusal !== undefined) return { kind: 'refused', refusal };
  return { kind: isKept ? 'open' : 'add-finalizer' };
}
