// SPDX-License-Identifier: Apache-2.0

/**
 * Records as text: Go's JSON in the order of Helm's structs, gzip, base64.
 *
 * Source: helm v3.22.0 pkg/release/*.go, pkg/time/time.go, pkg/storage/driver/util.go;
 *         helm v4.2.1 pkg/release/v1/*.go (zero times are left out, `apply_method`)
 */

import { promisify } from 'node:util';
import { gzip, gzipSync } from 'node:zlib';
import { encodeJson, encodeUtf8, type Value, type ValueMap } from '@helm-operator/gocompat';
import type { Profile } from '../actions/options.ts';
import type { HookRecord, ReleaseInfo, ReleaseRecord } from './record.ts';

const gzipAsync = promisify(gzip);

/** Helm's `gzip.BestCompression`. */
const GZIP_LEVEL = 9;
/** zlib's most memory: packs large records a little better. */
const GZIP_MEMORY_LEVEL = 9;

/** Packed at once, in bytes: off this thread the way there and back would take longer. */
const SMALL_BYTES = 16 * 1024;

/** The text a storage object holds. All but small records are compressed off this thread. */
export async function encodeRecord(record: ReleaseRecord, profile: Profile): Promise<string> {
  return (await pack(recordToJson(record, profile))).toString('base64');
}

/** Bytes a text would take in a storage object, were it there alone. */
export async function packedLength(text: string): Promise<number> {
  return Math.ceil((await pack(text)).length / 3) * 4;
}

async function pack(text: string): Promise<Buffer> {
  const bytes = encodeUtf8(text);
  const options = { level: GZIP_LEVEL, memLevel: GZIP_MEMORY_LEVEL };
  return bytes.length <= SMALL_BYTES ? gzipSync(bytes, options) : gzipAsync(bytes, options);
}

/** Objects of a release, by `version/Kind`. */
type Resources = ReadonlyMap<string, readonly ValueMap[]>;

/**
 * The record as Helm's `json.Marshal` prints it.
 *
 * @param resources printed with it; never stored
 */
export function recordToJson(
  record: ReleaseRecord,
  profile: Profile,
  resources?: Resources,
): string {
  const fields = new Fields();
  fields.text('name', record.name);
  fields.raw('info', infoToJson(record.info, profile, resources));
  if (record.chart !== undefined) fields.raw('chart', record.chart.json);
  if (record.config !== undefined && record.config.size > 0) {
    fields.raw('config', encodeJson(record.config));
  }
  fields.text('manifest', record.manifest);
  if (record.hooks.length > 0) {
    fields.raw('hooks', `[${record.hooks.map((hook) => hookToJson(hook, profile)).join(',')}]`);
  }
  if (record.revision !== 0) fields.raw('version', String(record.revision));
  fields.text('namespace', record.namespace);
  if (profile === 'helm4') fields.text('apply_method', record.applyMethod);
  return fields.toString();
}

class Fields {
  readonly #parts: string[] = [];

  raw(key: string, json: string): void {
    this.#parts.push(`"${key}":${json}`);
  }

  /** Leaves an empty text out, as `omitempty`. */
  text(key: string, value: string): void {
    if (value !== '') this.raw(key, encodeJson(value));
  }

  /** `time.Time` of Helm 3 prints its zero as `""`; Helm 4 leaves it out. */
  time(key: string, value: string, profile: Profile): void {
    if (value !== '' || profile === 'helm3') this.raw(key, encodeJson(value));
  }

  list(key: string, values: readonly Value[]): void {
    if (values.length > 0) this.raw(key, encodeJson([...values]));
  }

  toString(): string {
    return `{${this.#parts.join(',')}}`;
  }
}

function infoToJson(info: ReleaseInfo, profile: Profile, resources: Resources = new Map()): string {
  const fields = new Fields();
  fields.time('first_deployed', info.firstDeployed, profile);
  fields.time('last_deployed', info.lastDeployed, profile);
  fields.time('deleted', info.deleted, profile);
  fields.text('description', info.description);
  fields.text('status', info.status);
  fields.text('notes', info.notes);
  if (resources.size > 0) {
    const lists = new Map<string, Value>();
    for (const [key, objects] of resources) lists.set(key, [...objects]);
    fields.raw('resources', encodeJson(lists));
  }
  return fields.toString();
}

function hookToJson(hook: HookRecord, profile: Profile): string {
  const run = new Fields();
  run.time('started_at', hook.lastRun.startedAt, profile);
  run.time('completed_at', hook.lastRun.completedAt, profile);
  run.raw('phase', encodeJson(hook.lastRun.phase));
  const fields = new Fields();
  fields.text('name', hook.name);
  fields.text('kind', hook.kind);
  fields.text('path', hook.path);
  fields.text('manifest', hook.manifest);
  fields.list('events', hook.events);
  fields.raw('last_run', run.toString());
  if (hook.weight !== 0) fields.raw('weight', String(hook.weight));
  fields.list('delete_policies', hook.deletePolicies);
  fields.list('output_log_policies', hook.outputLogPolicies);
  return fields.toString();
}
