// SPDX-License-Identifier: Apache-2.0

import { deleteObject, type ObjectRef } from '@helm-operator/kube';
import { textOf } from '../errors.ts';
import type { Session } from './session.ts';

/**
 * Deletes what a failed action created (`--cleanup-on-fail`).
 *
 * @returns Helm's text for what could not be deleted; `undefined` when all is gone
 */
export async function cleanupCreated(
  created: readonly ObjectRef[],
  session: Session,
): Promise<string | undefined> {
  const results = await Promise.allSettled(
    created.map((ref) => deleteObject(ref, {}, session.context)),
  );
  session.context.signal.throwIfAborted();
  const errors = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
  return errors.length === 0
    ? undefined
    : `unable to cleanup resources: ${errors.map(textOf).join(', ')}`;
}
