// SPDX-License-Identifier: Apache-2.0

/** A HelmRelease as somebody reads it who was woken by it: how it stands, what broke, who is to blame, what mends it, what comes next. Pure. */

import type { HelmReleaseStatus } from '@helm-operator/api';
import type { JsonObject } from '@helm-operator/kube';

type Failure = NonNullable<HelmReleaseStatus['failure']>;
type Line = readonly [name: string, text: string | undefined];

/** @param object as the API server gives it; what others wrote into its status is printed without control characters */
export function printAccount(object: JsonObject): string {
  const metadata = (object['metadata'] ?? {}) as JsonObject;
  const status = (object['status'] ?? {}) as HelmReleaseStatus;
  const { failure } = status;
  const place = `${String(metadata['namespace'])}/${String(metadata['name'])}`;
  const lines: readonly Line[] = [
    [`HelmRelease ${place}`, standing(status, Number(metadata['generation'] ?? 0))],
    ['says', released(status)?.message],
    ...(failure === undefined ? [] : failureLines(failure)),
    ...healthLines(status),
    ...driftLines(status),
  ];
  return lines
    .filter(([, text]) => text !== undefined && text !== '')
    .map(([name, text]) => `${name}: ${plain(text ?? '')}\n`)
    .join('');
}

const released = ({ conditions = [] }: HelmReleaseStatus) =>
  conditions.find(({ type }) => type === 'Released');

function standing(status: HelmReleaseStatus, generation: number): string {
  const condition = released(status);
  if (condition === undefined)
    return 'nothing is known yet: does an operator run, and does it watch this namespace?';
  const { observedGeneration = 0, revision, releaseStatus } = status;
  return [
    `Released=${condition.status} (${condition.reason}) since ${condition.lastTransitionTime}`,
    ...(observedGeneration < generation ? ['its newest edit has not been worked on yet'] : []),
    ...(revision === undefined ? [] : [`deployed ${revision}`]),
    ...(releaseStatus === undefined ? [] : [`Helm says ${releaseStatus}`]),
  ].join(', ');
}

function failureLines(failure: Failure): readonly Line[] {
  const { nextAttempt, waitsForChange } = failure;
  return [
    ['chain', failure.chain],
    ['since', failure.since],
    ['reason', `${failure.reason} (${failure.retry})`],
    ['message', failure.message],
    ...(failure.culprits ?? []).flatMap(culpritLines),
    ['to mend it', failure.mend],
    ['done about it', failure.remedy],
    ['next attempt', nextAttempt ?? (waitsForChange === true ? WAITS : undefined)],
  ];
}

const WAITS =
  'when the spec, the chart or the values change, or when asked (annotations reconcile.fluxcd.io/requestedAt and forceAt)';

function culpritLines(culprit: NonNullable<Failure['culprits']>[number]): readonly Line[] {
  const { object, pod, container, reason, message, mend, events = [], logTail } = culprit;
  const where = [object, pod && `pod ${pod}`, container && `container ${container}`];
  return [
    ['object', where.filter(Boolean).join(', ')],
    ['  why', [reason, message].filter(Boolean).join('; ')],
    ...events.map((event): Line => ['  event', event]),
    ...(logTail ?? '')
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line): Line => ['  log', line]),
    ['  to mend it', mend],
  ];
}

function healthLines({ health }: HelmReleaseStatus): readonly Line[] {
  if (health === undefined) return [];
  const { state, ready, since, notReady = [] } = health;
  return [
    ['health', `${state}, ${ready} ready, since ${since}`],
    ...notReady.map(({ object, pod, reason, message, mend }): Line => {
      const why = [pod && `pod ${pod}`, reason, message, mend && `to mend it: ${mend}`];
      return ['  not ready', `${object}: ${why.filter(Boolean).join('; ')}`];
    }),
  ];
}

function driftLines({ drift }: HelmReleaseStatus): readonly Line[] {
  if (drift === undefined) return [];
  const { state, time, objects, more } = drift;
  return [
    ['drift', `${state} at ${time}${more === undefined ? '' : `, ${more} more objects`}`],
    ...objects.map(({ object, change, fields = [] }): Line => {
      return ['  object', `${object} ${change}: ${fields.join('; ')}`];
    }),
  ];
}

/** On one line, and nothing that a terminal obeys. */
function plain(text: string): string {
  return text
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/\p{Cc}/gu, '')
    .trim();
}
