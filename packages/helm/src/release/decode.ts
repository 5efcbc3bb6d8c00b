// SPDX-License-Identifier: Apache-2.0

/**
 * Records from text, whoever wrote them: Helm 3 and 4, ours, and those from before compression.
 *
 * Source: helm v3.22.0 pkg/storage/driver/util.go decodeRelease
 */

import { promisify } from 'node:util';
import { gunzip, gunzipSync } from 'node:zlib';
import { decodeJson, decodeUtf8, type ValueMap } from '@helm-operator/gocompat';
import { HelmError } from '../errors.ts';
import { jsonFields } from './json-fields.ts';
import type {
  HookEvent,
  HookPhase,
  HookRecord,
  ReleaseInfo,
  ReleaseRecord,
  ReleaseStatus,
  StoredChart,
} from './record.ts';

const gunzipAsync = promisify(gunzip);

/** A record fits into 1 MiB packed; nothing sound unpacks to more. */
const UNPACKED_LIMIT_BYTES = 256 * 1024 * 1024;

/** Unpacked at once, in bytes: off this thread the way there and back would take longer. A thousand times of it is the most it holds. */
const SMALL_BYTES = 8 * 1024;

/** What rides beside the payload. */
export interface RecordEnvelope {
  readonly labels: ReadonlyMap<string, string>;
  readonly timeLabel?: ReleaseRecord['timeLabel'];
  readonly mark: ReleaseRecord['mark'];
  readonly resourceVersion: string | undefined;
}

const EMPTY_ENVELOPE: RecordEnvelope = {
  labels: new Map(),
  mark: undefined,
  resourceVersion: undefined,
};

/**
 * @param payload base64 of gzip of JSON, or base64 of JSON
 * @throws {HelmError} `helm/record-decode`
 */
export async function decodeRecord(
  payload: string,
  envelope: RecordEnvelope = EMPTY_ENVELOPE,
): Promise<ReleaseRecord> {
  try {
    if (!/^[A-Za-z0-9+/\r\n]*={0,2}\s*$/.test(payload)) throw new Error('illegal base64 data');
    const bytes = Buffer.from(payload, 'base64');
    const isPacked = bytes.length > 3 && bytes[0] === 0x1f && bytes[1] === 0x8b && bytes[2] === 8;
    const json = isPacked ? await unpack(bytes) : bytes;
    return recordFromJson(decodeUtf8(json), envelope);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new HelmError('helm/record-decode', `decode release record: ${reason}`, { cause });
  }
}

async function unpack(bytes: Buffer): Promise<Buffer> {
  const options = { maxOutputLength: UNPACKED_LIMIT_BYTES };
  return bytes.length <= SMALL_BYTES ? gunzipSync(bytes, options) : gunzipAsync(bytes, options);
}

/** @throws {SyntaxError} the text is no record */
export function recordFromJson(
  json: string,
  envelope: RecordEnvelope = EMPTY_ENVELOPE,
): ReleaseRecord {
  // Go refuses broken JSON anywhere; looking only at our fields would not.
  const whole: unknown = JSON.parse(json);
  const fields = jsonFields(json);
  const record = objectOf(whole);
  const chart = fields.get('chart');
  const config = fields.get('config');
  return {
    name: textIn(record, 'name'),
    namespace: textIn(record, 'namespace'),
    revision: numberIn(record, 'version'),
    info: infoOf(objectOf(record['info'])),
    chart: chart === undefined || chart === 'null' ? undefined : storedChartOf(chart),
    config: config === undefined || config === 'null' ? undefined : configOf(config),
    manifest: textIn(record, 'manifest'),
    hooks: arrayOf(record['hooks']).map((hook) => hookOf(objectOf(hook))),
    applyMethod: applyMethodOf(textIn(record, 'apply_method')),
    ...envelope,
  };
}

/** Keeps a chart's JSON as it is and reads its facts. */
export function storedChartOf(json: string): StoredChart {
  const metadata = objectOf(JSON.parse(jsonFields(json).get('metadata') ?? '{}'));
  return {
    json,
    facts: {
      name: textIn(metadata, 'name'),
      version: textIn(metadata, 'version'),
      appVersion: textIn(metadata, 'appVersion'),
    },
  };
}

function configOf(json: string): ValueMap | undefined {
  const value = decodeJson(json, { numbers: 'float64' });
  return value instanceof Map ? value : undefined;
}

function infoOf(info: Readonly<Record<string, unknown>>): ReleaseInfo {
  return {
    firstDeployed: textIn(info, 'first_deployed'),
    lastDeployed: textIn(info, 'last_deployed'),
    deleted: textIn(info, 'deleted'),
    description: textIn(info, 'description'),
    status: statusOf(textIn(info, 'status')),
    notes: textIn(info, 'notes'),
  };
}

const STATUSES: ReadonlySet<string> = new Set<ReleaseStatus>([
  'unknown',
  'deployed',
  'uninstalled',
  'superseded',
  'failed',
  'uninstalling',
  'pending-install',
  'pending-upgrade',
  'pending-rollback',
]);

function statusOf(text: string): ReleaseStatus {
  return STATUSES.has(text) ? (text as ReleaseStatus) : 'unknown';
}

function applyMethodOf(text: string): ReleaseRecord['applyMethod'] {
  return text === 'ssa' || text === 'csa' ? text : '';
}

function hookOf(hook: Readonly<Record<string, unknown>>): HookRecord {
  const run = objectOf(hook['last_run']);
  return {
    name: textIn(hook, 'name'),
    kind: textIn(hook, 'kind'),
    path: textIn(hook, 'path'),
    manifest: textIn(hook, 'manifest'),
    events: textsOf(hook['events']) as readonly HookEvent[],
    lastRun: {
      startedAt: textIn(run, 'started_at'),
      completedAt: textIn(run, 'completed_at'),
      phase: textIn(run, 'phase') as HookPhase,
    },
    weight: numberIn(hook, 'weight'),
    deletePolicies: textsOf(hook['delete_policies']),
    outputLogPolicies: textsOf(hook['output_log_policies']),
  };
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  if (value === undefined || value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw new SyntaxError('a JSON object was expected');
  }
  return value as Readonly<Record<string, unknown>>;
}

function arrayOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function textsOf(value: unknown): readonly string[] {
  return arrayOf(value).filter((item) => typeof item === 'string');
}

function textIn(object: Readonly<Record<string, unknown>>, key: string): string {
  const value = object[key];
  return typeof value === 'string' ? value : '';
}

function numberIn(object: Readonly<Record<string, unknown>>, key: string): number {
  const value = object[key];
  return typeof value === 'number' ? value : 0;
}
