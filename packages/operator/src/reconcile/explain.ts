// SPDX-License-Identifier: Apache-2.0

/** An error as a person reads it in a status: what, which object, why. */

import { accountOf, culpritsOf, describeCulprits } from '@helm-operator/helm';
import { verdictOf } from './verdict.ts';

/** Longest text of a condition. */
const LONGEST = 2_000;
/** Helm's list of errors with one entry. */
const ALONE_IN_LIST = /^1 error occurred:\s+\* /;

/** @param redact removes secrets */
export function explain(error: unknown, redact: (text: string) => string): string {
  const culprits = culpritsOf(error);
  // Their account says more than the message that names them.
  const message = messageOf(error)
    .replace(describeCulprits(culprits), '')
    .replace(ALONE_IN_LIST, '');
  const isMendSaid = culprits.some(({ mend }) => mend !== undefined);
  const mends = isMendSaid ? [] : mendOf(error, message);
  const parts = [message.replace(/:?\s*$/, ''), ...culprits.map(accountOf), ...mends];
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

/** What a person can do about it, and to which fields; nothing that is said already. */
function mendOf(error: unknown, message: string): readonly string[] {
  const { mend, fields } = verdictOf(error);
  const places = fields.length === 0 ? '' : ` (${fields.join(', ')})`;
  return mend === '' || message.includes(mend) ? [] : [`to mend it: ${mend}${places}`];
}
