// SPDX-License-Identifier: Apache-2.0

/** A text that is no version or no constraint; `message` is Masterminds' own. */
export class SemverError extends Error {
  readonly code = 'gocompat/semver' as const;
  readonly retry = 'terminal' as const;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SemverError';
  }
}
