// SPDX-License-Identifier: Apache-2.0

/** An error as a person reads it in a status: what, which object, why. */

import { diagnose, type NotReady, WaitError } from '@helm-operator/helm';

/** Longest text of a condition. */
const LONGEST = 2_000;
const EVENTS_SHOWN = 2;
const LOG_LINES_SHOWN = 5;

/** @param redact removes secrets */
export function explain(error: unknown, redact: (text: string) => string): string {
  const parts = [messageOf(error), ...notReadyOf(error).map(printNotReady), ...mendOf(error)];
  // Helm's lists of errors are written for a terminal.
  const text = redact(
    parts
      .join('; ')
      .replaceAll(/\s*\n\s*/g, ' ')
      .trim(),
  );
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** What a person can do about it, and to which fields. */
function mendOf(error: unknown): readonly string[] {
  const { mend, fields } = diagnose(error);
  const places = fields.length === 0 ? '' : ` (${fields.join(', ')})`;
  return mend === '' ? [] : [`to mend it: ${mend}${places}`];
}

/** What was not ready, from wherever in the chain of causes it is known. */
function notReadyOf(error: unknown): readonly NotReady[] {
  for (let at = error; at instanceof Error; at = at.cause)
    if (at instanceof WaitError) return at.notReady;
  return [];
}

function printNotReady({ ref, message, podReason, events = [], logTail }: NotReady): string {
  const name = ref.namespace === undefined ? ref.name : `${ref.namespace}/${ref.name}`;
  const parts = [`${ref.kind} ${name}: ${message}`];
  if (podReason !== undefined) parts.push(podReason);
  for (const event of events.slice(-EVENTS_SHOWN)) parts.push(`event: ${event}`);
  const lines = logTail?.trim().split('\n').slice(-LOG_LINES_SHOWN) ?? [];
  if (lines.length > 0 && lines[0] !== '') parts.push(`last log lines: ${lines.join(' | ')}`);
  return parts.join(', ');
}
