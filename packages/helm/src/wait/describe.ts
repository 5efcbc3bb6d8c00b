// SPDX-License-Identifier: Apache-2.0

/** Culprits in words: which object, which pod and container, why, and what to do. Pure. */

import type { Culprit } from './wait-error.ts';

const DESCRIBED = 3;
const EVENTS_SHOWN = 2;
const LOG_LINES_SHOWN = 5;

/** `Deployment apps/web: pod web-1, container main: ImagePullBackOff: … To mend: check …` */
export function describeCulprit(culprit: Culprit): string {
  const { ref, message, pod, container, reason, mend } = culprit;
  const name = ref.namespace === undefined ? ref.name : `${ref.namespace}/${ref.name}`;
  const place = [
    pod === undefined || pod === ref.name ? '' : `pod ${pod}`,
    container === undefined ? '' : `container ${container}`,
  ].filter((part) => part !== '');
  const parts = [`${ref.kind} ${name}`];
  if (place.length > 0) parts.push(place.join(', '));
  parts.push(reason ?? message);
  const text = parts.join(': ');
  return mend === undefined ? text : `${text.replace(/\.+$/, '')}. To mend: ${mend}`;
}

/** The first few, and how many more there are. */
export function describeCulprits(culprits: readonly Culprit[]): string {
  const texts = culprits.slice(0, DESCRIBED).map(describeCulprit);
  const more = culprits.length - texts.length;
  return [...texts, ...(more > 0 ? [`and ${more} more`] : [])].join('; ');
}

/** All that is known of one culprit, in one line: what the rule misses, why, the last events and log lines, the mend. */
export function accountOf(culprit: Culprit): string {
  const { message, reason, mend, events = [], logTail } = culprit;
  const parts = [describeCulprit({ ...culprit, mend: undefined })];
  if (reason !== undefined && message !== '' && message !== reason) parts.push(message);
  const told = events.filter((event) => reason === undefined || !reason.includes(event));
  for (const event of told.slice(-EVENTS_SHOWN)) parts.push(`event: ${event}`);
  const lines = logTail?.trim().split('\n').slice(-LOG_LINES_SHOWN) ?? [];
  if (lines.length > 0 && lines[0] !== '') parts.push(`last log lines: ${lines.join(' | ')}`);
  if (mend !== undefined) parts.push(`to mend: ${mend}`);
  return parts.join(', ');
}
