// SPDX-License-Identifier: Apache-2.0

/** The values a HelmRelease asks for, from where they are. */

import type { ReleaseIntent, ValuesSource } from '@helm-operator/api';
import {
  type ComposedValues,
  composeValues,
  readValues,
  type ValuesLayer,
} from '@helm-operator/chart';
import type { Value, ValueMap } from '@helm-operator/gocompat';
import type { Cluster } from '@helm-operator/kube';

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
  cluster: Cluster,
  signal: AbortSignal,
): Promise<ComposedInputs> {
  const layers: ValuesLayer[] = [];
  const versions: string[] = [];
  for (const source of intent.values) {
    const layer = await layerOf(source, cluster, signal);
    versions.push(layer?.version ?? '');
    if (layer !== undefined) layers.push(layer);
  }
  return { ...composeValues(layers), versions };
}

/** Values, and the version of each source they come from. */
export interface ComposedInputs extends ComposedValues {
  readonly versions: readonly string[];
}

/** One source as it was read; its version changes with its content. */
type ReadLayer = ValuesLayer & { readonly version: string };

async function layerOf(
  source: ValuesSource,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<ReadLayer | undefined> {
  switch (source.kind) {
    case 'inline':
      return { origin: 'spec.values', values: source.values, isSecret: false, version: '' };
    case 'Secret':
    case 'ConfigMap':
      return objectLayer(source, cluster, signal);
    case 'url':
    case 'chart-file': {
      const field = source.kind === 'url' ? 'externalSourceRef' : 'chartFileRef';
      if (source.isOptional) return undefined;
      throw new ValuesError(
        `spec.valuesFrom ${field} ${source.at} is not supported yet: put the values into a ConfigMap or Secret`,
        'terminal',
      );
    }
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
    return readValues(text);
  } catch {
    if (source.isOptional) return undefined;
    // The parser's text could hold a piece of the document: it stays here.
    throw new ValuesError(
      `key ${source.key} of ${what} is not a YAML map of values: mend the document`,
      'waiting',
    );
  }
}
