// SPDX-License-Identifier: Apache-2.0

/** A zone that is not known; the message is Go's. */
export class ZoneError extends Error {
  readonly code = 'gocompat/zone';
  readonly retry = 'terminal';
}
