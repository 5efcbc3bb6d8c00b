// SPDX-License-Identifier: Apache-2.0

import { compareBytes, decodeUtf8, type ValueMap } from '@helm-operator/gocompat';
import { ChartError, messageOf, wrapError } from '../errors.ts';
import type { Profile } from '../profile.ts';
import type { Warn } from '../values/coalesce.ts';
import { readValues } from '../values/read-values.ts';
import { type Chart, type ChartFile, type ChartLock, placeCharts } from './chart.ts';
import { decodeGoYaml } from './go-struct.ts';
import {
  type RawMetadata,
  readLock,
  readMetadata,
  readRequirements,
  validateMetadata,
} from './metadata.ts';

/** Unpacks a chart archive into its files, the first path component cut off. */
export type UnpackArchive = (bytes: Uint8Array) => readonly ChartFile[];

/** What the known files of a chart gave. */
interface Parts {
  metadata: RawMetadata | undefined;
  lock: ChartLock | undefined;
  values: ValueMap | undefined;
  schema: Uint8Array | undefined;
  readonly templates: ChartFile[];
  readonly files: ChartFile[];
  /** Folder or archive in `charts/` → its files, relative to `charts/`. */
  readonly subcharts: Map<string, ChartFile[]>;
}

export interface LoadOptions {
  /** Unpacks the archives in `charts/`. */
  readonly unpack: UnpackArchive;
  /** `helm4` merges all documents of values.yaml; `helm3`, the default, reads the first. */
  readonly profile?: Profile | undefined;
  /** Hears what Helm would log. */
  readonly warn?: Warn | undefined;
}

/**
 * Builds a chart from its files.
 *
 * Source: helm v3.22.0 pkg/chart/loader/load.go (LoadFiles); helm4: v4.2.1 pkg/chart/v2/loader/load.go
 * Differs: subcharts come in order of their names, not of a Go map.
 *
 * @throws {ChartError} `chart/load`, `chart/invalid`, `chart/archive`
 */
export function loadFiles(files: readonly ChartFile[], options: LoadOptions): Chart {
  return placeCharts(loadTree(files, options));
}

function loadTree(files: readonly ChartFile[], options: LoadOptions): Chart {
  const parts: Parts = {
    metadata: undefined,
    lock: undefined,
    values: undefined,
    schema: undefined,
    templates: [],
    files: [],
    subcharts: new Map(),
  };
  for (const file of files)
    if (file.name === 'Chart.yaml') parts.metadata = loadMetadata(file, options.profile);
  for (const file of files) sort(file, parts, options);
  if (parts.metadata === undefined)
    throw new ChartError('chart/load', 'Chart.yaml file is missing');
  const metadata = validateMetadata(parts.metadata);
  return {
    metadata,
    lock: parts.lock,
    values: parts.values,
    schema: parts.schema,
    templates: parts.templates,
    files: parts.files,
    raw: files,
    dependencies: [...parts.subcharts]
      .sort(([a], [b]) => compareBytes(a, b))
      .filter(([name]) => !name.startsWith('_') && !name.startsWith('.'))
      .map(([name, inner]) => loadSubchart(name, inner, { parent: metadata.name, options })),
    path: metadata.name,
  };
}

function loadMetadata(file: ChartFile, profile: Profile | undefined): RawMetadata {
  try {
    const metadata = readMetadata(decodeGoYaml(decodeUtf8(file.data)), profile);
    return metadata.apiVersion === '' ? { ...metadata, apiVersion: 'v1' } : metadata;
  } catch (error) {
    throw wrapError('chart/load', 'cannot load Chart.yaml', error);
  }
}

/** Puts one file where it belongs. */
function sort(file: ChartFile, parts: Parts, options: LoadOptions): void {
  const { name } = file;
  if (name === 'Chart.yaml') return;
  if (name === 'Chart.lock') parts.lock = loadLock(file, options.profile);
  else if (name === 'values.yaml') parts.values = loadValues(file, options.profile);
  else if (name === 'values.schema.json') parts.schema = file.data;
  else if (name === 'requirements.yaml') loadRequirements(file, parts, options);
  else if (name === 'requirements.lock') {
    parts.lock = loadLock(file, options.profile);
    if (parts.metadata?.apiVersion === 'v1') parts.files.push(file);
    else options.warn?.(LOCK_WARNING);
  } else if (name.startsWith('templates/')) parts.templates.push(file);
  else if (name.startsWith('charts/') && !name.endsWith('.prov')) {
    const inner = name.slice('charts/'.length);
    const slash = inner.indexOf('/');
    const key = slash < 0 ? inner : inner.slice(0, slash);
    const known = parts.subcharts.get(key) ?? [];
    known.push({ name: inner, data: file.data });
    parts.subcharts.set(key, known);
  } else parts.files.push(file);
}

function loadLock(file: ChartFile, profile: Profile | undefined): ChartLock | undefined {
  try {
    return readLock(decodeGoYaml(decodeUtf8(file.data)), profile);
  } catch (error) {
    throw wrapError('chart/load', `cannot load ${file.name}`, error);
  }
}

const REQUIREMENTS_WARNING =
  'Warning: Dependencies are handled in Chart.yaml since apiVersion "v2". We recommend migrating dependencies to Chart.yaml.';
const LOCK_WARNING =
  'Warning: Dependency locking is handled in Chart.lock since apiVersion "v2". We recommend migrating to Chart.lock.';

function loadRequirements(file: ChartFile, parts: Parts, { warn, profile }: LoadOptions): void {
  if (parts.metadata?.apiVersion !== 'v1') warn?.(REQUIREMENTS_WARNING);
  try {
    const dependencies = readRequirements(decodeGoYaml(decodeUtf8(file.data)), profile);
    if (parts.metadata !== undefined && dependencies !== undefined) {
      parts.metadata = { ...parts.metadata, dependencies };
    }
  } catch (error) {
    throw wrapError('chart/load', 'cannot load requirements.yaml', error);
  }
  if (parts.metadata?.apiVersion === 'v1') parts.files.push(file);
}

function loadValues(file: ChartFile, profile: Profile | undefined): ValueMap {
  try {
    return readValues(decodeUtf8(file.data), profile);
  } catch (error) {
    throw wrapError('chart/load', 'cannot load values.yaml', error);
  }
}

interface SubchartContext {
  readonly parent: string;
  readonly options: LoadOptions;
}

function loadSubchart(name: string, files: readonly ChartFile[], context: SubchartContext): Chart {
  try {
    return name.endsWith('.tgz')
      ? loadPacked(name, files, context)
      : loadFolder(files, context.options);
  } catch (error) {
    if (messageOf(error).startsWith('error unpacking subchart tar in')) throw error;
    throw wrapError('chart/load', `error unpacking subchart ${name} in ${context.parent}`, error);
  }
}

function loadPacked(name: string, files: readonly ChartFile[], context: SubchartContext): Chart {
  const [file] = files;
  if (file === undefined || file.name !== name) {
    throw new ChartError(
      'chart/load',
      `error unpacking subchart tar in ${context.parent}: expected ${name}, got ${file?.name ?? ''}`,
    );
  }
  return loadTree(context.options.unpack(file.data), context.options);
}

function loadFolder(files: readonly ChartFile[], options: LoadOptions): Chart {
  const inner = files.flatMap((file) => {
    const slash = file.name.indexOf('/');
    return slash < 0 ? [] : [{ name: file.name.slice(slash + 1), data: file.data }];
  });
  return loadTree(inner, options);
}
