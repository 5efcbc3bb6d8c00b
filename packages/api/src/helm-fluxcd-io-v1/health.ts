// SPDX-License-Identifier: Apache-2.0

/** `status.health`: how the release's objects are now; written on its own, whenever that changes. */

import type { ReleaseHealth, UnreadyObject } from '../release-health.ts';
import { list, object, type Schema, text, time } from '../schema.ts';

export interface HealthStatus {
  readonly state: ReleaseHealth['state'];
  /** `2/3` */
  readonly ready: string;
  readonly since: string;
  readonly notReady?: readonly UnreadyObject[];
}

export const healthSchema: Schema = object(
  {
    state: {
      type: 'string',
      enum: ['Healthy', 'Progressing', 'Unhealthy', 'Unknown'],
      description: 'How the objects of the release are now.',
    },
    ready: text('How many of its objects are ready.'),
    since: time('Since when it is in that state.'),
    notReady: list(
      object({
        object: text('Kind and name.'),
        message: text('What is missed.'),
        pod: text('The pod behind it.'),
        reason: text('Why the pod does not run.'),
        mend: text('What a person can do.'),
      }),
      'Objects that are not ready.',
    ),
  },
  [],
  'How the objects of the release are now, whatever became of the release.',
);

/** @param nowIso RFC 3339 */
export function withHealth(
  before: HealthStatus | undefined,
  { state, ready, total, notReady }: ReleaseHealth,
  nowIso: string,
): HealthStatus {
  return {
    state,
    ready: `${ready}/${total}`,
    since: before?.state === state ? before.since : nowIso,
    ...(notReady.length === 0 ? {} : { notReady }),
  };
}
