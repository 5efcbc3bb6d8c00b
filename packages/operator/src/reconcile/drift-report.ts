// SPDX-License-Identifier: Apache-2.0

/** Drift as a status shows it. Pure. */

import type { DriftEntry, DriftReport } from '@helm-operator/api';
import { encodeJson, type Value } from '@helm-operator/gocompat';
import type { DriftedObject } from '@helm-operator/helm';

const SHOWN_OBJECTS = 10;
const SHOWN_FIELDS = 10;
const LONGEST_VALUE = 100;

/** @param redact removes secrets; contents of Secrets are masked already */
export function driftReport(
  objects: readonly DriftedObject[],
  isCorrected: boolean,
  redact: (text: string) => string,
): DriftReport {
  const shown = objects.slice(0, SHOWN_OBJECTS);
  return {
    isCorrected,
    objects: shown.map((object) => entryOf(object, redact)),
    more: objects.length - shown.length,
  };
}

function entryOf(
  { ref, kind, changes }: DriftedObject,
  redact: (text: string) => string,
): DriftEntry {
  const name = ref.namespace === undefined ? ref.name : `${ref.namespace}/${ref.name}`;
  const fields = changes.slice(0, SHOWN_FIELDS).map(({ path, before, after }) => {
    const print = (value: Value | undefined) => printed(value, redact);
    return `${redact(path)}: ${print(before)} instead of ${print(after)}`;
  });
  const more = changes.length - fields.length;
  return {
    object: `${ref.kind} ${name}`,
    change: kind,
    fields: more > 0 ? [...fields, `and ${more} more`] : fields,
  };
}

/** Redacted first: half a secret is not recognised. */
function printed(value: Value | undefined, redact: (text: string) => string): string {
  if (value === undefined) return 'nothing';
  const text = redact(typeof value === 'string' ? value : encodeJson(value));
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text;
}
