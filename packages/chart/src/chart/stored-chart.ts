// SPDX-License-Identifier: Apache-2.0

/** A chart as a release record holds it. Source: helm v3.22.0 pkg/chart (struct tags), engine.md §6.1. */

import { encodeJson, type Value } from '@helm-operator/gocompat';
import type { Chart, ChartDependency, ChartFile, ChartLock, ChartMetadata } from './chart.ts';

/**
 * The JSON of the record's field `chart`: fields in Helm's order, subcharts left out.
 *
 * @param base64 encodes bytes as standard base64
 * @param known lists of files written before, and those written now: a chart is stored with each of its releases
 */
export function storedChart(
  chart: Chart,
  base64: (bytes: Uint8Array) => string,
  known: WeakMap<readonly ChartFile[], string> = new WeakMap(),
): string {
  const file = ({ name, data }: ChartFile) =>
    `{"name":${encodeJson(name)},"data":${data.length === 0 ? '""' : `"${base64(data)}"`}}`;
  const list = (files: readonly ChartFile[]): string => {
    const written =
      known.get(files) ?? (files.length === 0 ? 'null' : `[${files.map(file).join()}]`);
    known.set(files, written);
    return written;
  };
  const members = [
    `"metadata":${metadataJson(chart.metadata)}`,
    `"lock":${chart.lock === undefined ? 'null' : lockJson(chart.lock)}`,
    `"templates":${list(chart.templates)}`,
    `"values":${chart.values === undefined ? 'null' : encodeJson(chart.values)}`,
    `"schema":${chart.schema === undefined ? 'null' : `"${base64(chart.schema)}"`}`,
    `"files":${list(chart.files)}`,
  ];
  return `{${members.join(',')}}`;
}

type Member = readonly [name: string, value: Value | readonly Value[] | undefined];

/** Members that hold something, in the order given. */
function object(members: readonly Member[]): string {
  const parts = members
    .filter(([, value]) => !isEmpty(value))
    .map(([name, value]) => `${encodeJson(name)}:${encodeJson(value as Value)}`);
  return `{${parts.join(',')}}`;
}

function isEmpty(value: Value | readonly Value[] | undefined): boolean {
  if (value === undefined || value === '' || value === false) return true;
  if (Array.isArray(value)) return value.length === 0;
  return value instanceof Map && value.size === 0;
}

/** What Chart.yaml says, as Go's encoding/json writes it. */
export function metadataJson(metadata: ChartMetadata): string {
  const text = object([
    ['name', metadata.name],
    ['home', metadata.home],
    ['sources', metadata.sources],
    ['version', metadata.version],
    ['description', metadata.description],
    ['keywords', metadata.keywords],
  ]);
  const rest = object([
    ['icon', metadata.icon],
    ['apiVersion', metadata.apiVersion],
    ['condition', metadata.condition],
    ['tags', metadata.tags],
    ['appVersion', metadata.appVersion],
    ['deprecated', metadata.isDeprecated],
    ['annotations', new Map<string, Value>(metadata.annotations)],
    ['kubeVersion', metadata.kubeVersion],
  ]);
  const maintainers = metadata.maintainers.map(({ name, email, url }) =>
    object([
      ['name', name],
      ['email', email],
      ['url', url],
    ]),
  );
  const dependencies = (metadata.dependencies ?? []).map(dependencyJson);
  return joinObjects([
    text,
    maintainers.length === 0 ? '{}' : `{"maintainers":[${maintainers.join(',')}]}`,
    rest,
    dependencies.length === 0 ? '{}' : `{"dependencies":[${dependencies.join(',')}]}`,
    object([['type', metadata.type]]),
  ]);
}

/** One object with the members of all. */
function joinObjects(texts: readonly string[]): string {
  const inner = texts.map((text) => text.slice(1, -1)).filter((text) => text !== '');
  return `{${inner.join(',')}}`;
}

/** A dependency as Go's encoding/json writes it. */
export function dependencyJson(entry: ChartDependency): string {
  const always = (name: string, value: string) => `{${encodeJson(name)}:${encodeJson(value)}}`;
  return joinObjects([
    always('name', entry.name),
    object([['version', entry.version]]),
    always('repository', entry.repository),
    object([
      ['condition', entry.condition],
      ['tags', entry.tags],
      ['enabled', entry.isEnabled],
      ['import-values', entry.importValues],
      ['alias', entry.alias],
    ]),
  ]);
}

/** A lock as Go's encoding/json writes it. */
export function lockJson({ generated, digest, dependencies }: ChartLock): string {
  const list =
    dependencies === undefined ? 'null' : `[${dependencies.map(dependencyJson).join(',')}]`;
  return `{"generated":${encodeJson(generated)},"digest":${encodeJson(digest)},"dependencies":${list}}`;
}
