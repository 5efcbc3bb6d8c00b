// SPDX-License-Identifier: Apache-2.0

import { type JsonObject, textAt } from '@helm-operator/kube';
import { withMessage } from './obstacles/obstacle.ts';

/** Events of the cluster, the last one first. */
export function newestFirst(events: readonly JsonObject[]): readonly JsonObject[] {
  return events.toSorted((a, b) => (timeOf(a) < timeOf(b) ? 1 : -1));
}

export function eventText(event: JsonObject): string {
  return withMessage(textAt(event, 'reason'), textAt(event, 'message'));
}

function timeOf(event: JsonObject): string {
  return (
    textAt(event, 'series.lastObservedTime') ||
    textAt(event, 'lastTimestamp') ||
    textAt(event, 'eventTime')
  );
}
