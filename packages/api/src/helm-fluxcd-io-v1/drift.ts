// SPDX-License-Identifier: Apache-2.0

/** `status.drift`: what was found, and whether it was put right. */

import { isDeepStrictEqual } from 'node:util';
import type { DriftReport } from '../drift-report.ts';
import { integer, list, object, type Schema, text, time } from '../schema.ts';

export interface DriftStatus {
  readonly state: 'Detected' | 'Corrected';
  readonly time: string;
  readonly objects: DriftReport['objects'];
  readonly more?: number;
}

export const driftSchema: Schema = object(
  {
    state: {
      type: 'string',
      enum: ['Detected', 'Corrected'],
      description: 'Whether it was put right.',
    },
    time: time('When it was found.'),
    objects: list(
      object({
        object: text('Kind and name.'),
        change: text('removed or changed.'),
        fields: list({ type: 'string' }, 'What is, instead of what shall be.'),
      }),
      'Objects that are not as the release says.',
    ),
    more: integer('How many objects there are beside those.'),
  },
  [],
  'Live objects that are not, or were not, as the release says.',
);

/**
 * What was put right is told until something is released; what is there, as long as it is.
 *
 * @param nowIso RFC 3339
 */
export function driftAfter(
  before: DriftStatus | undefined,
  report: DriftReport | undefined,
  nowIso: string,
): DriftStatus | undefined {
  if (report === undefined) return before?.state === 'Corrected' ? before : undefined;
  const { isCorrected, objects, more } = report;
  const found = {
    state: isCorrected ? 'Corrected' : 'Detected',
    objects,
    ...(more === 0 ? {} : { more }),
  } as const;
  const { time: told, ...same } = before ?? {};
  return isDeepStrictEqual(same, found) && told !== undefined ? before : { ...found, time: nowIso };
}
