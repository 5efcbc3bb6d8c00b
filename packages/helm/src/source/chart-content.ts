// SPDX-License-Identifier: Apache-2.0

/** From bytes or files to a chart that was fetched: checked, packed, and known by what Helm would load. */

import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import {
  archiveUnpacker,
  type Chart,
  type ChartFile,
  loadArchive,
  loadFiles,
} from '@helm-operator/chart';
import { digestOf } from '@helm-operator/fetch';
import { compareBytes, encodeUtf8 } from '@helm-operator/gocompat';
import { archivePorts } from './archive-ports.ts';
import type { FetchedChart } from './chart-source.ts';
import { SourceError } from './errors.ts';
import { packTar } from './pack-tar.ts';

/** Where a chart came from. */
export interface Origin {
  /** Masked; for messages. */
  readonly origin: string;
  readonly revision?: string | undefined;
  readonly provenance?: Uint8Array | undefined;
}

/** What an archive says of its chart. */
type ArchiveFacts = Pick<FetchedChart, 'digest' | 'metadata' | 'archiveDigest'>;

/** Of archives that somebody holds: many releases of one chart unpack it once. */
const knownFacts = new WeakMap<Uint8Array, ArchiveFacts>();

/** @param bytes never changed afterwards @throws {SourceError} `source/archive` */
export function chartOfArchive(bytes: Uint8Array, from: Origin): FetchedChart {
  try {
    const facts = knownFacts.get(bytes) ?? readFacts(bytes);
    knownFacts.set(bytes, facts);
    return fetched(facts, bytes, from);
  } catch (error) {
    throw notAChart(error, from);
  }
}

function readFacts(bytes: Uint8Array): ArchiveFacts {
  return factsOf(loadArchive(bytes, archivePorts), bytes);
}

function factsOf({ metadata, raw }: Chart, bytes: Uint8Array): ArchiveFacts {
  const { name, version, appVersion } = metadata;
  return {
    digest: contentDigest(raw),
    metadata: { name, version, appVersion },
    archiveDigest: digestOf(bytes),
  };
}

/**
 * A chart of files, ignore rules applied. Packed so that the same files give the same bytes.
 *
 * @param files by path in the chart's folder @throws {SourceError} `source/archive`
 */
export function chartOfFiles(files: readonly ChartFile[], from: Origin): FetchedChart {
  try {
    const chart = loadFiles(files, { unpack: archiveUnpacker(archivePorts) });
    const bytes = packChart(chart.metadata.name, files);
    return fetched(factsOf(chart, bytes), bytes, from);
  } catch (error) {
    throw notAChart(error, from);
  }
}

/** The same for the same names and contents, however and when they were packed. */
export function contentDigest(files: readonly ChartFile[]): string {
  const hash = createHash('sha256');
  const sorted = [...files].sort((a, b) => compareBytes(a.name, b.name));
  for (const { name, data } of sorted) {
    const path = encodeUtf8(name);
    hash.update(`${path.length} ${data.length}\n`).update(path).update(data);
  }
  return `sha256:${hash.digest('hex')}`;
}

function packChart(name: string, files: readonly ChartFile[]): Uint8Array {
  const sorted = [...files].sort((a, b) => compareBytes(a.name, b.name));
  const inside = sorted.map((file) => ({ name: `${name}/${file.name}`, data: file.data }));
  return gzipSync(packTar(inside));
}

function fetched(facts: ArchiveFacts, bytes: Uint8Array, from: Origin): FetchedChart {
  const { name, version } = facts.metadata;
  return {
    ...facts,
    bytes,
    fileName: `${name}-${version}.tgz`,
    origin: from.origin,
    revision: from.revision ?? '',
    provenance: from.provenance,
  };
}

function notAChart(error: unknown, { origin }: Origin): SourceError {
  if (error instanceof SourceError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new SourceError('source/archive', `${origin} is not a chart: ${reason}`, error);
}
