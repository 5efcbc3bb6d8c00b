// SPDX-License-Identifier: Apache-2.0

import { formatInstant, type Instant, parseInstant, RFC3339_NANO } from '@helm-operator/gocompat';

/** `time.Time.String` of a record's time; `-` for none. @param layout a Go layout instead */
export function printRecordTime(
  text: string,
  layout = '2006-01-02 15:04:05.999999999 -0700 MST',
): string {
  const instant = recordInstant(text);
  return instant === undefined ? '-' : formatInstant(instant, layout);
}

/** `time.ANSIC`. */
export function printAnsic(text: string): string {
  const instant = recordInstant(text);
  return instant === undefined
    ? 'Mon Jan  1 00:00:00 0001'
    : formatInstant(instant, 'Mon Jan _2 15:04:05 2006');
}

function recordInstant(text: string): Instant | undefined {
  return text === '' ? undefined : parseInstant(RFC3339_NANO, text, 'UTC');
}
