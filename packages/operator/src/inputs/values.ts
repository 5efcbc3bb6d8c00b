// SPDX-License-Identifier: Apache-2.0

/** The values a HelmRelease asks for, from where they are. */

import type { ReleaseIntent, ValuesSource } from '@helm-operator/api';
import {
  ChartError,
  type ComposedValues,
  composeValues,
  readValues,
  type SetLayer,
  type TargetPath,
  targetLine,
  type ValuesLayer,
  withTargetsOver,
} from '@helm-operator/chart';
import { maskUrl } from '@helm-operator/fetch';
import type { Value, ValueMap } from '@helm-operator/gocompat';
import { type ChartHandle, readChartFile } from '@helm-operator/helm';
import type { Cluster } from '@helm-operator/kube';
import type { ChartSource } from './chart.ts';

/** A source of values that is missing or not readable. The content is never shown. */
export class ValuesError extends Error {
  readonly code = 'operator/values';
  readonly retry: 'terminal' | 'waiting';
  constructor(message: string, retry: 'terminal' | 'waiting', cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'ValuesError';
    this.retry = retry;
  }
}

/**
 * Reads every source and merges them, the later over the earlier; a target path wins over inline values.
 *
 * @throws {ValuesError} `operator/values`
 * @throws {KubeError} the API server
 */
export async function composeInputs(
  intent: ReleaseIntent,
  world: ValuesWorld,
  signal: AbortSignal,
): Promise<ComposedInputs> {
  let layers: readonly ValuesLayer[] = [];
  const versions: string[] = [];
  const read: ReadObjects = new Map();
  for (const source of intent.values) {
    if (source.kind === 'inline') {
      const { values } = source;
      layers = withTargetsOver({ origin: 'spec.values', values, isSecret: false }, layers);
      versions.push('');
      continue;
    }
    const layer = await layerOf(source, { ...world, read }, signal);
    versions.push(layer?.version ?? '');
    if (layer !== undefined) layers = [...layers, layer];
  }
  return { ...compose(layers), versions };
}

/** A path that leads into what is no map or list. */
function compose(layers: readonly ValuesLayer[]): ComposedValues {
  try {
    return composeValues(layers);
  } catch (error) {
    if (!(error instanceof ChartError) || error.code !== 'chart/set') throw error;
    const targets = layers.filter((layer) => 'set' in layer).map(({ origin }) => origin);
    throw new ValuesError(
      `values of spec.valuesFrom cannot be set (${targets.join(', ')}): ${error.message}: let each targetPath lead through maps and lists`,
      'waiting',
      error,
    );
  }
}

/** Objects that were read for this composition: all of it sees one version of each. */
type ReadObjects = Map<string, ValueMap | undefined>;

/** Values, and the version of each source they come from. */
export interface ComposedInputs extends ComposedValues {
  readonly versions: readonly string[];
}

/** Where values come from. */
export interface ValuesWorld {
  readonly cluster: Cluster;
  readonly charts: ChartSource;
  readonly chart: ChartHandle;
}

/** One source as it was read; its version changes with its content. */
type ReadLayer = ValuesLayer & { readonly version: string };

async function layerOf(
  source: Exclude<ValuesSource, { kind: 'inline' }>,
  world: ValuesWorld & { readonly read: ReadObjects },
  signal: AbortSignal,
): Promise<ReadLayer | undefined> {
  switch (source.kind) {
    case 'Secret':
    case 'ConfigMap':
      return objectLayer(source, await readOnce(source, world, signal));
    case 'url':
      return urlLayer(source, world.charts, signal);
    case 'chart-file':
      return chartFileLayer(source, world.chart);
  }
}

/** `optional` forgives whatever goes wrong with a URL. Source: spec helm-operator.md §5.2 */
async function urlLayer(
  { at, isOptional }: Extract<ValuesSource, { kind: 'url' | 'chart-file' }>,
  charts: ChartSource,
  signal: AbortSignal,
): Promise<ReadLayer | undefined> {
  const what = `spec.valuesFrom externalSourceRef ${maskUrl(at)}`;
  try {
    if (!/^https?:/i.test(at))
      throw new ValuesError(`${what}: the URL must begin with http:// or https://`, 'terminal');
    if (charts.document === undefined)
      throw new ValuesError(`${what}: URLs are not read here`, 'terminal');
    const { text, version } = await charts.document(at, signal);
    const values = readDocument(text, `the document of ${what}`);
    return { origin: maskUrl(at), values, isSecret: false, version };
  } catch (error) {
    if (signal.aborted || !isOptional) throw error;
    return undefined;
  }
}

/** Differs: a path that leads out of the chart finds nothing; every kind of source has files. */
function chartFileLayer(
  { at, isOptional }: Extract<ValuesSource, { kind: 'url' | 'chart-file' }>,
  chart: ChartHandle,
): ReadLayer | undefined {
  const what = `spec.valuesFrom chartFileRef ${at}`;
  try {
    const text = readChartFile(chart, at);
    if (text === undefined)
      throw new ValuesError(
        `${what}: chart ${chart.metadata.name} ${chart.metadata.version} has no such file: name one of its files by its path in the chart`,
        'waiting',
      );
    const values = readDocument(text, `${what} of the chart`);
    return { origin: `${at} of the chart`, values, isSecret: false, version: chart.digest };
  } catch (error) {
    if (!isOptional) throw error;
    return undefined;
  }
}

/** The parser's text could hold a piece of the document: it stays here. */
function readDocument(text: string, what: string): ValueMap {
  try {
    return readValues(text);
  } catch {
    throw new ValuesError(`${what} is not a YAML map of values: mend it`, 'waiting');
  }
}

type ObjectSource = Extract<ValuesSource, { kind: 'Secret' | 'ConfigMap' }>;

async function readOnce(
  { kind, namespace, name }: ObjectSource,
  { cluster, read }: { readonly cluster: Cluster; readonly read: ReadObjects },
  signal: AbortSignal,
): Promise<ValueMap | undefined> {
  const key = `${kind} ${namespace}/${name}`;
  if (!read.has(key))
    read.set(key, await cluster.get({ apiVersion: 'v1', kind, namespace, name }, { signal }));
  return read.get(key);
}

function objectLayer(source: ObjectSource, object: ValueMap | undefined): ReadLayer | undefined {
  const { kind, namespace, name, key, target } = source;
  const what = `${kind} ${namespace}/${name}`;
  if (object === undefined) {
    if (source.isOptional) return undefined;
    throw new ValuesError(
      `${what} of spec.valuesFrom does not exist: create it, or mark the reference optional`,
      'waiting',
    );
  }
  const text = documentOf(object, source);
  if (text === undefined) {
    if (source.isOptional) return undefined;
    throw new ValuesError(
      `could not find key ${key} in ${kind} ${namespace}/${name}: add it, or mark the reference optional`,
      'waiting',
    );
  }
  const facts = { isSecret: kind === 'Secret', version: versionOf(object) };
  if (target !== undefined)
    return {
      origin: `${what} key ${key} at ${target.path}`,
      set: setAt(target, text, what),
      ...facts,
    };
  const values = parse(text, { source, what });
  return values === undefined ? undefined : { origin: `${what} key ${key}`, values, ...facts };
}

/** The parser's text could hold a piece of the content: it stays here. */
function setAt(target: TargetPath, text: string, what: string): SetLayer['set'] {
  const set = targetLine(target, text);
  try {
    composeValues([{ origin: what, isSecret: true, set }]);
  } catch {
    const mend = target.isLiteral
      ? 'mend the path'
      : 'mend the path, escape commas and brackets by a backslash, or set literal: true';
    throw new ValuesError(
      `what ${what} holds for targetPath ${target.path} is nothing that --set could read: ${mend}`,
      'waiting',
    );
  }
  return set;
}

function versionOf(object: ValueMap): string {
  const metadata = object.get('metadata');
  const version = metadata instanceof Map ? metadata.get('resourceVersion') : undefined;
  return typeof version === 'string' ? version : '';
}

function documentOf(object: ValueMap, { kind, key }: ObjectSource): string | undefined {
  const data: Value = object.get('data') ?? null;
  const held = data instanceof Map ? data.get(key) : undefined;
  if (typeof held !== 'string') return undefined;
  return kind === 'Secret' ? Buffer.from(held, 'base64').toString('utf8') : held;
}

function parse(
  text: string,
  { source, what }: { source: ObjectSource; what: string },
): ValueMap | undefined {
  try {
    return readDocument(text, `key ${source.key} of ${what}`);
  } catch (error) {
    if (source.isOptional) return undefined;
    throw error;
  }
}
