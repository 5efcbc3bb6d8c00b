// SPDX-License-Identifier: Apache-2.0

/** A merge that cannot be computed; the message is Go's. */
export class MergeError extends Error {
  override readonly name: string = 'MergeError';
  readonly code = 'kube/merge';
  readonly retry = 'terminal';
}
