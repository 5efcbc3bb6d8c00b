// SPDX-License-Identifier: Apache-2.0

/** How far an object is. Words of kstatus; `NotFound` and `Unknown` say that it could not be looked at. */
export type VerdictStatus =
  | 'Current'
  | 'InProgress'
  | 'Failed'
  | 'Terminating'
  | 'NotFound'
  | 'Unknown';

export interface Verdict {
  readonly status: VerdictStatus;
  /** For people; stable between two looks at the same state. */
  readonly message: string;
  /** One CamelCase word, `''` when there is none. */
  readonly reason: string;
}

export function current(message: string): Verdict {
  return { status: 'Current', message, reason: '' };
}

export function inProgress(reason: string, message: string): Verdict {
  return { status: 'InProgress', message, reason };
}

export function failed(reason: string, message: string): Verdict {
  return { status: 'Failed', message, reason };
}
