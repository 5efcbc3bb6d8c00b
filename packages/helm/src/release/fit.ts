// SPDX-License-Identifier: Apache-2.0

/**
 * Makes a record fit into one storage object: what only `helm get` would show goes first, what a rollback needs never does.
 *
 * Differs from Helm, which sends whatever it is and shows the API server's refusal.
 */

import { encodeJson } from '@helm-operator/gocompat';
import type { Profile } from '../actions/options.ts';
import { HelmError } from '../errors.ts';
import { encodeRecord, packedLength } from './encode.ts';
import { jsonFields } from './json-fields.ts';
import { recordKey } from './names.ts';
import type { ReleaseRecord, StoredChart } from './record.ts';

/** What the API server takes as data of a Secret or a ConfigMap, in bytes. */
export const RECORD_LIMIT_BYTES: number = 1024 * 1024;

/** Kept free when a record is created, in bytes: later writes add times, descriptions and hook policies. */
export const RECORD_SLACK_BYTES: number = 16 * 1024;

/** Descriptions are cut to so many characters when nothing else is left to leave out. */
const SHORT_DESCRIPTION = 1_000;

/** Charts' fields that nothing but `helm get` needs, in the order they are left out. */
const SPARE_FIELDS = ['files', 'templates'] as const;

export interface FittedRecord {
  /** As it is stored: perhaps without files and templates of its chart. */
  readonly record: ReleaseRecord;
  readonly payload: string;
}

/**
 * @param limitBytes of the payload
 * @throws {HelmError} `helm/record-too-large`: with the size of every part
 */
export async function fitRecord(
  record: ReleaseRecord,
  profile: Profile,
  limitBytes: number,
): Promise<FittedRecord> {
  let fitted = record;
  let payload = await encodeRecord(fitted, profile);
  for (const field of SPARE_FIELDS) {
    if (payload.length <= limitBytes) return { record: fitted, payload };
    if (fitted.chart === undefined) continue;
    fitted = { ...fitted, chart: without(fitted.chart, field) };
    payload = await encodeRecord(fitted, profile);
  }
  if (payload.length <= limitBytes) return { record: fitted, payload };
  const { info } = fitted;
  if (info.description.length > SHORT_DESCRIPTION) {
    const description = `${info.description.slice(0, SHORT_DESCRIPTION)}…`;
    return fitRecord({ ...fitted, info: { ...info, description } }, profile, limitBytes);
  }
  throw await tooLarge(fitted, payload.length, limitBytes);
}

function without(chart: StoredChart, field: (typeof SPARE_FIELDS)[number]): StoredChart {
  const members = [...jsonFields(chart.json)].map(
    ([key, json]) => `${encodeJson(key)}:${key === field ? 'null' : json}`,
  );
  return { ...chart, json: `{${members.join(',')}}` };
}

async function tooLarge(
  record: ReleaseRecord,
  size: number,
  limitBytes: number,
): Promise<HelmError> {
  const parts = new Map<string, string>([
    ['manifest', record.manifest],
    ['hooks', record.hooks.map(({ manifest }) => manifest).join('\n')],
    ['values', record.config === undefined ? '' : encodeJson(record.config)],
    ['notes', record.info.notes],
    ...(record.chart === undefined
      ? []
      : [...jsonFields(record.chart.json)].map(([key, json]) => [`chart.${key}`, json] as const)),
  ]);
  const sizes: (readonly [string, number])[] = [];
  for (const [name, text] of parts) {
    if (text.length > 100) sizes.push([name, await packedLength(text)]);
  }
  const list = sizes
    .toSorted(([, a], [, b]) => b - a)
    .map(([name, bytes]) => `${name} ${bytes}`)
    .join(', ');
  const key = recordKey(record.name, record.revision);
  return new HelmError(
    'helm/record-too-large',
    `release record ${key} is too large: ${size} bytes packed, ${limitBytes} allowed, even without the chart's files and templates; packed bytes of its parts: ${list}`,
  );
}

/** Whether a record is so small that nobody need measure it. */
export function surelyFits(record: ReleaseRecord): boolean {
  const characters =
    record.manifest.length +
    record.info.notes.length +
    (record.chart?.json.length ?? 0) +
    record.hooks.reduce((sum, { manifest }) => sum + manifest.length, 0);
  return characters < RECORD_LIMIT_BYTES / 4;
}
