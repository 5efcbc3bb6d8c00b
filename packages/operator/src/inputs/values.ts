// SPDX-License-Identifier: Apache-2.0

/** The values a HelmRelease asks for, from where they are. */

import type { ReleaseIntent, ValuesSource } from '@helm-operator/api';
import {
  type ComposedValues,
  composeValues,
  readValues,
  type ValuesLayer,
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
 * Reads every source and merges them, the later over the earlier.
 *
 * @throws {ValuesError} `operator/values`
 * @throws {KubeError} the API server
 */
export async function composeInputs(
  intent: ReleaseIntent,
  world: ValuesWorld,
  signal: AbortSignal,
): Promise<ComposedInputs> {
  const layers: ValuesLayer[] = [];
  const versions: string[] = [];
  for (const source of intent.values) {
    const layer = await layerOf(source, world, signal);
    versions.push(layer?.version ?? '');
    if (layer !== undefined) layers.push(layer);
  }
  return { ...composeValues(layers), versions };
}

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
  source: ValuesSource,
  world: ValuesWorld,
  signal: AbortSignal,
): Promise<ReadLayer | undefined> {
  switch (source.kind) {
    case 'inline':
      return { origin: 'spec.values', values: source.values, isSecret: false, version: '' };
    case 'Secret':
    case 'ConfigMap':
      return objectLayer(source, world.cluster, signal);
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

async function objectLayer(
  source: ObjectSource,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<ReadLayer | undefined> {
  const { kind, namespace, name, key } = source;
  const what = `${kind} ${namespace}/${name}`;
  const object = await cluster.get({ apiVersion: 'v1', kind, namespace, name }, { signal });
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
  const values = parse(text, { source, what });
  return values === undefined
    ? undefined
    : {
        origin: `${what} key ${key}`,
        values,
        isSecret: kind === 'Secret',
        version: versionOf(object),
      };
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
