// SPDX-License-Identifier: Apache-2.0

/**
 * A repository's index.yaml, read while it comes: of a large one only what is needed is ever held.
 *
 * Source:  helm v3.22.0 pkg/repo/index.go (loadIndex)
 * Differs: a fault in an index of more than `MAX_HELD_BYTES` is told without Go's line numbers; versions that compare equal
 *          keep their order.
 */

import { setImmediate as nextTurn } from 'node:timers/promises';
import { decodeJson, decodeUtf8, decodeYaml, quote, type Value } from '@helm-operator/gocompat';
import { SourceError } from './errors.ts';
import { cutIndex, UnusualIndexError } from './index-pieces.ts';
import { hasHeadFault, haveVersionsFault, type IndexFormat, indexFault } from './index-shape.ts';
import { type IndexVersion, readVersions, sortVersions } from './index-versions.ts';

/** A chart of the index with its versions, the newest first. */
export interface IndexChart {
  readonly name: string;
  readonly versions: readonly IndexVersion[];
}

export interface ReadIndex {
  readonly charts: readonly IndexChart[];
  /** What Helm logs: entries it leaves out. */
  readonly skipped: readonly string[];
}

/** Up to so many bytes the index is held, for Go's own words about its faults. */
const MAX_HELD_BYTES = 2 * 1024 * 1024;
/** An index in an unusual form (JSON, flow style, anchors) is read whole. */
const MAX_WHOLE_BYTES = 256 * 1024 * 1024;

/**
 * Reads an index: JSON when it is JSON, else YAML without unknown or duplicate keys.
 *
 * @param open gives the bytes; called again when a large index turns out to have to be read whole
 * @param source where it comes from, for messages: masked
 * @throws {SourceError} `source/index`
 */
export async function readIndex(
  open: () => Promise<AsyncIterable<Uint8Array>>,
  source: string,
): Promise<ReadIndex> {
  const { held, rest } = await hold(await open());
  const parts = rest === undefined ? once(held) : chained(held, rest);
  try {
    return await readPieces(parts, source);
  } catch (error) {
    if (!(error instanceof UnusualIndexError)) throw error;
    return readWhole(rest === undefined ? held : await collect(await open()), source);
  }
}

interface Held {
  readonly held: Uint8Array;
  /** What follows, when there is more than is held. */
  readonly rest: AsyncIterator<Uint8Array> | undefined;
}

async function hold(parts: AsyncIterable<Uint8Array>): Promise<Held> {
  const iterator = parts[Symbol.asyncIterator]();
  const seen: Uint8Array[] = [];
  let sizeBytes = 0;
  while (sizeBytes <= MAX_HELD_BYTES) {
    const next = await iterator.next();
    if (next.done === true) return { held: Buffer.concat(seen), rest: undefined };
    seen.push(next.value);
    sizeBytes += next.value.length;
  }
  return { held: Buffer.concat(seen), rest: iterator };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function* chained(
  held: Uint8Array,
  rest: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  try {
    yield held;
    for (let next = await rest.next(); next.done !== true; next = await rest.next())
      yield next.value;
  } finally {
    await rest.return?.();
  }
}

async function collect(parts: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const seen: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const part of parts) {
    seen.push(part);
    sizeBytes += part.length;
    if (sizeBytes > MAX_WHOLE_BYTES)
      throw new SourceError('source/index', `the index is larger than ${MAX_WHOLE_BYTES} bytes`);
  }
  return Buffer.concat(seen);
}

/** @throws {UnusualIndexError} it cannot be read so, or has a fault that is found only so */
async function readPieces(parts: AsyncIterable<Uint8Array>, source: string): Promise<ReadIndex> {
  const skipped: string[] = [];
  const charts = new Map<string, IndexVersion[]>();
  let headYaml = '';
  for await (const piece of cutIndex(parts)) {
    if (piece.kind === 'head') headYaml = piece.yaml;
    else if (piece.kind === 'chart') {
      if (charts.has(piece.chart)) throw new UnusualIndexError(`${piece.chart} comes twice`);
      charts.set(piece.chart, []);
    } else {
      const read = readVersions(piece.chart, versionsOf(piece.yaml), source);
      charts.get(piece.chart)?.push(...detached(read.versions));
      skipped.push(...read.skipped);
      // Others have their turn: a large index takes seconds.
      await nextTurn();
    }
  }
  const head = decodePiece(headYaml);
  if (!(head instanceof Map) || hasHeadFault(head, 'yaml'))
    throw new UnusualIndexError('what stands beside the entries has a fault');
  refuseWithoutApiVersion(head);
  return {
    charts: [...charts].map(([name, list]) => ({ name, versions: sortVersions(list) })),
    skipped,
  };
}

function versionsOf(yaml: string): readonly Value[] {
  const list = decodePiece(yaml);
  if (list === null) return [];
  if (!Array.isArray(list) || haveVersionsFault(list, 'yaml'))
    throw new UnusualIndexError('a version has a fault');
  return list;
}

function decodePiece(yaml: string): Value {
  try {
    return decodeYaml(yaml, { strict: true });
  } catch {
    throw new UnusualIndexError('a piece is no YAML');
  }
}

/** Copies of the texts: parts of a piece would keep all of it in memory. */
function detached(versions: readonly IndexVersion[]): IndexVersion[] {
  return JSON.parse(JSON.stringify(versions)) as IndexVersion[];
}

function readWhole(bytes: Uint8Array, source: string): ReadIndex {
  const text = decodeUtf8(bytes);
  if (text === '') throw new SourceError('source/index', 'empty index.yaml file');
  const { root, format } = decodeWhole(text);
  const fault = indexFault(root, format);
  if (fault !== undefined) throw new SourceError('source/index', fault);
  const skipped: string[] = [];
  const charts: IndexChart[] = [];
  const entries = root instanceof Map ? root.get('entries') : undefined;
  for (const [name, list] of entries instanceof Map ? entries : []) {
    const read = readVersions(name, Array.isArray(list) ? list : [], source);
    skipped.push(...read.skipped);
    charts.push({ name, versions: sortVersions(detached(read.versions)) });
  }
  refuseWithoutApiVersion(root);
  return { charts, skipped };
}

function decodeWhole(text: string): { root: Value; format: IndexFormat } {
  if (/^\s*[{["\d-]/.test(text)) {
    try {
      return { root: decodeJson(text), format: 'json' };
    } catch {
      // Flow YAML begins like JSON.
    }
  }
  try {
    return { root: decodeYaml(text, { strict: true }), format: 'yaml' };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SourceError('source/index', reason, error);
  }
}

function refuseWithoutApiVersion(root: Value): void {
  const version = root instanceof Map ? root.get('apiVersion') : undefined;
  if (version === undefined || version === null || version === '')
    throw new SourceError('source/index', 'no API version specified');
}

/** @returns what Helm says when `chart` is not there: it names what was asked for */
export function missingText(chart: string, version: string): string {
  return version === ''
    ? `chart ${quote(chart)}`
    : `chart ${quote(chart)} version ${quote(version)}`;
}
