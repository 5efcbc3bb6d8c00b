// SPDX-License-Identifier: Apache-2.0

import { quote } from '@helm-operator/gocompat';
import { ChartError } from '../errors.ts';
import type { Profile } from '../profile.ts';
import type { Chart, ChartFile } from './chart.ts';
import { type LoadOptions, loadFiles, type UnpackArchive } from './load-files.ts';
import { readTar, type TarEntry } from './untar.ts';

/** What loading an archive needs from the platform. */
export interface ArchivePorts {
  /**
   * Inflates gzip. @param maxBytes more than this is refused
   * @throws {RangeError} the content is larger than `maxBytes`; any other error: it is no gzip
   */
  readonly gunzip: (bytes: Uint8Array, maxBytes: number) => Uint8Array;
}

/** Helm's limits, in bytes. Source: helm v3.22.0 pkg/chart/loader/archive.go. */
export const MAX_CHART_BYTES: number = 100 * 1024 * 1024;
export const MAX_FILE_BYTES: number = 5 * 1024 * 1024;
/** Entries of one archive; Helm has no such limit. */
const MAX_ENTRIES = 100_000;
/** Headers and padding come on top of the files. */
export const MAX_TAR_BYTES: number = MAX_CHART_BYTES + MAX_ENTRIES * 1024;
/** All archives of one chart, those inside each other included; Helm has no such limit. */
const MAX_TREE_BYTES = 3 * MAX_CHART_BYTES;

/**
 * Loads a chart archive (`.tgz`).
 *
 * @throws {ChartError} `chart/archive` for the archive, else as `loadFiles`
 */
export function loadArchive(
  bytes: Uint8Array,
  ports: ArchivePorts,
  options: Omit<LoadOptions, 'unpack'> = {},
): Chart {
  const unpack = archiveUnpacker(ports, options.profile);
  return loadFiles(unpack(bytes), { ...options, unpack });
}

/** What the archives of one chart have used up together. */
interface Usage {
  bytes: number;
  entries: number;
}

/**
 * Unpacks the archives of one chart, whose bytes and entries are counted together: an archive of archives may be no way around the limits.
 */
export function archiveUnpacker(ports: ArchivePorts, profile?: Profile): UnpackArchive {
  const usage: Usage = { bytes: 0, entries: 0 };
  return (packed) => unpackCounted(packed, ports, { profile: profile ?? 'helm3', usage });
}

/** The files of a chart archive, under Helm's limits and path rules. @throws {ChartError} `chart/archive` */
export function unpackArchive(
  bytes: Uint8Array,
  ports: ArchivePorts,
  profile: Profile = 'helm3',
): ChartFile[] {
  return unpackCounted(bytes, ports, { profile, usage: { bytes: 0, entries: 0 } });
}

function unpackCounted(
  bytes: Uint8Array,
  { gunzip }: ArchivePorts,
  { profile, usage }: { readonly profile: Profile; readonly usage: Usage },
): ChartFile[] {
  const tar = inflate(bytes, gunzip, profile);
  usage.bytes += tar.length;
  if (usage.bytes > MAX_TREE_BYTES) throw tooManyBytes();
  const files: ChartFile[] = [];
  let remaining = MAX_CHART_BYTES;
  for (const entry of readTar(tar)) {
    if (++usage.entries > MAX_ENTRIES) throw tooManyEntries();
    if (entry.type === '5' || entry.type === 'g' || entry.name.endsWith('/')) continue;
    const name = checkedName(entry);
    if (entry.size > remaining) throw tooLarge(profile);
    if (entry.size > MAX_FILE_BYTES) {
      throw new ChartError(
        'chart/archive',
        `decompressed chart file ${quote(entry.name)} is larger than the maximum file size ${MAX_FILE_BYTES}`,
      );
    }
    remaining -= entry.size;
    if (remaining <= 0) throw tooLarge(profile);
    files.push({ name, data: withoutMark(entry.data) });
  }
  if (files.length === 0) throw new ChartError('chart/archive', 'no files in chart archive');
  return files;
}

function inflate(bytes: Uint8Array, gunzip: ArchivePorts['gunzip'], profile: Profile): Uint8Array {
  if (bytes.length < 10)
    throw new ChartError('chart/archive', bytes.length === 0 ? 'EOF' : 'unexpected EOF');
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b)
    throw new ChartError('chart/archive', 'gzip: invalid header');
  try {
    return gunzip(bytes, MAX_TAR_BYTES);
  } catch (error) {
    if (error instanceof RangeError) throw tooLarge(profile);
    throw new ChartError(
      'chart/archive',
      `gzip: ${error instanceof Error ? error.message : String(error)}`,
      error,
    );
  }
}

function tooManyBytes(): ChartError {
  return new ChartError(
    'chart/archive',
    `the archives of the chart, those in charts/ included, unpack to more than ${MAX_TREE_BYTES} bytes together: ship fewer or smaller subcharts`,
  );
}

function tooManyEntries(): ChartError {
  return new ChartError(
    'chart/archive',
    `chart archive has more than ${MAX_ENTRIES} entries, those of archives in charts/ included: ship fewer files`,
  );
}

function tooLarge(profile: Profile): ChartError {
  const size = profile === 'helm4' ? 'size' : 'file size';
  return new ChartError(
    'chart/archive',
    `decompressed chart is larger than the maximum ${size} ${MAX_CHART_BYTES}`,
  );
}

function checkedName(entry: TarEntry): string {
  const delimiter = entry.name.includes('\\') ? '\\' : '/';
  const parts = entry.name.split(delimiter);
  const rest = parts.slice(1).join('/');
  if (rest.startsWith('/'))
    throw new ChartError('chart/archive', 'chart illegally contains absolute paths');
  const name = cleanPath(rest);
  if (name === '.') {
    throw new ChartError(
      'chart/archive',
      `chart illegally contains content outside the base directory: ${quote(entry.name)}`,
    );
  }
  if (name.startsWith('..'))
    throw new ChartError('chart/archive', 'chart illegally references parent directory');
  if (/^[a-zA-Z]:\//.test(name))
    throw new ChartError('chart/archive', 'chart contains illegally named files');
  if (parts[0] === 'Chart.yaml')
    throw new ChartError('chart/archive', 'chart yaml not in base directory');
  return name;
}

/** Go's `path.Clean`. */
function cleanPath(path: string): string {
  const out: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..' && out.length > 0 && out.at(-1) !== '..') out.pop();
    else out.push(part);
  }
  return out.length === 0 ? '.' : out.join('/');
}

/** Without a UTF-8 byte order mark. */
function withoutMark(data: Uint8Array): Uint8Array {
  return data[0] === 0xef && data[1] === 0xbb && data[2] === 0xbf ? data.subarray(3) : data;
}
