// SPDX-License-Identifier: Apache-2.0

/** A chart from bytes or files, with nothing but the web's own gunzip: the same in Node and in browsers. */

import { decodeUtf8, encodeUtf8 } from '@helm-operator/gocompat';
import type { Chart, ChartFile } from '../chart/chart.ts';
import { type IgnoreRules, ignoreRules } from '../chart/ignore.ts';
import { archiveUnpacker, MAX_TAR_BYTES } from '../chart/load-archive.ts';
import { loadFiles, type UnpackArchive } from '../chart/load-files.ts';
import type { Profile } from '../profile.ts';
import type { Warn } from '../values/coalesce.ts';

/** The bytes of a chart archive (`.tgz`), or the files of a chart's folder: paths with `/`, relative to the folder. */
export type ChartSource =
  | Uint8Array
  | Iterable<readonly [path: string, content: Uint8Array | string]>;

/** How a chart is loaded. */
export interface LoadChartOptions {
  /** Whose rules count; `helm3` if absent. */
  readonly profile?: Profile | undefined;
  /** Hears what Helm would log. */
  readonly warn?: Warn | undefined;
}

/**
 * Loads a chart, with the charts and archives in its `charts/`. `.helmignore` of a folder counts.
 *
 * @throws {ChartError} `chart/archive`, `chart/load`, `chart/invalid` with Helm's text
 */
export async function loadChart(
  source: ChartSource,
  options: LoadChartOptions = {},
): Promise<Chart> {
  const inflated = new Map<Uint8Array, Inflated>();
  const unpacked = new Map<Uint8Array, readonly ChartFile[]>();
  const unpack = archiveUnpacker(
    { gunzip: (bytes) => contentOf(inflated, bytes) },
    options.profile,
  );
  // What is unpacked is asked for by the loader again: as it was then, for its own archives are known by their bytes.
  const unpackOnce: UnpackArchive = (bytes) => {
    const files = unpacked.get(bytes) ?? unpack(bytes);
    unpacked.set(bytes, files);
    return files;
  };
  const files =
    source instanceof Uint8Array
      ? await openArchive(source, inflated, unpackOnce)
      : await openFolder(source, inflated, unpackOnce);
  return loadFiles(files, { ...options, unpack: unpackOnce });
}

/** What gunzip gave. */
type Inflated = { readonly bytes: Uint8Array } | { readonly failure: unknown };

function contentOf(inflated: ReadonlyMap<Uint8Array, Inflated>, bytes: Uint8Array): Uint8Array {
  const found = inflated.get(bytes) ?? { failure: new Error('the archive was not opened') };
  if ('failure' in found) throw found.failure;
  return found.bytes;
}

type Opened = Map<Uint8Array, Inflated>;

async function openArchive(
  bytes: Uint8Array,
  inflated: Opened,
  unpack: UnpackArchive,
): Promise<readonly ChartFile[]> {
  inflated.set(bytes, await inflate(bytes));
  const files = unpack(bytes);
  inflated.delete(bytes);
  await openInner(files, inflated, unpack);
  return files;
}

async function openFolder(
  source: Exclude<ChartSource, Uint8Array>,
  inflated: Opened,
  unpack: UnpackArchive,
): Promise<readonly ChartFile[]> {
  const files = Array.from(source, ([name, content]): ChartFile => {
    const data = typeof content === 'string' ? encodeUtf8(content) : content;
    return {
      name,
      data: data[0] === 0xef && data[1] === 0xbb && data[2] === 0xbf ? data.subarray(3) : data,
    };
  });
  const rules = files.find(({ name }) => name === '.helmignore');
  const isIgnored = ignoreRules(rules === undefined ? '' : decodeUtf8(rules.data));
  const kept = files.filter(({ name }) => !isLeftOut(name, isIgnored));
  await openInner(kept, inflated, unpack);
  return kept;
}

/** A file is left out with its folder, too. */
function isLeftOut(path: string, isIgnored: IgnoreRules): boolean {
  const parts = path.split('/');
  return parts.some((_, i) => isIgnored(parts.slice(0, i + 1).join('/'), i < parts.length - 1));
}

const ARCHIVE_OF_A_CHART = /(?:^|\/)charts\/[^/]+\.tgz$/;

/** What cannot be opened is told when the loader asks for it: perhaps it never does. */
async function openInner(
  files: readonly ChartFile[],
  inflated: Opened,
  unpack: UnpackArchive,
): Promise<void> {
  for (const { name, data } of files) {
    if (!ARCHIVE_OF_A_CHART.test(name)) continue;
    try {
      await openArchive(data, inflated, unpack);
    } catch (failure) {
      inflated.set(data, { failure });
    }
  }
}

async function inflate(bytes: Uint8Array): Promise<Inflated> {
  try {
    return { bytes: await gunzip(bytes, MAX_TAR_BYTES) };
  } catch (failure) {
    return { failure };
  }
}

async function gunzip(bytes: Uint8Array, maxBytes: number): Promise<Uint8Array> {
  const packed = new Blob([new Uint8Array(bytes)]).stream();
  const reader = packed.pipeThrough(new DecompressionStream('gzip')).getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.length;
    if (size > maxBytes) {
      await reader.cancel();
      throw new RangeError(`more than ${maxBytes} bytes`);
    }
    chunks.push(value);
  }
  const whole = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
