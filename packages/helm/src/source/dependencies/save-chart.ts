// SPDX-License-Identifier: Apache-2.0

/** A chart as `helm package` writes it. Source: helm v3.22.0 pkg/chartutil/save.go. */

import { gzipSync } from 'node:zlib';
import { type Chart, lockJson, metadataJson } from '@helm-operator/chart';
import { decodeJson, encodeUtf8, encodeYaml, quote } from '@helm-operator/gocompat';
import { SourceError } from '../errors.ts';
import { packTar, type TarFile } from '../pack-tar.ts';

/** The archive's bytes; the same for the same chart. @throws {SourceError} `source/archive` */
export function saveChart(chart: Chart): Uint8Array {
  return gzipSync(packTar(filesOf(chart, '')));
}

/** `NAME-VERSION.tgz` */
export function archiveName({ metadata }: Chart): string {
  return `${metadata.name}-${metadata.version}.tgz`;
}

function filesOf(chart: Chart, prefix: string): TarFile[] {
  const { metadata, lock, schema } = chart;
  const base = `${prefix}${metadata.name}/`;
  const isOld = metadata.apiVersion === 'v1';
  const own = isOld ? { ...metadata, dependencies: undefined } : metadata;
  const files: TarFile[] = [{ name: 'Chart.yaml', data: yamlOf(metadataJson(own)) }];
  if (metadata.apiVersion === 'v2' && lock !== undefined) {
    files.push({ name: 'Chart.lock', data: yamlOf(lockJson(lock)) });
  }
  files.push(...chart.raw.filter(({ name }) => name === 'values.yaml'));
  if (schema !== undefined) {
    refuseBadSchema(schema);
    files.push({ name: 'values.schema.json', data: schema });
  }
  files.push(...chart.templates, ...chart.files);
  return [
    ...files.map(({ name, data }) => ({ name: base + name, data })),
    ...chart.dependencies.flatMap((inner) => filesOf(inner, `${base}charts/`)),
  ];
}

function yamlOf(json: string): Uint8Array {
  return encodeUtf8(encodeYaml(decodeJson(json)));
}

function refuseBadSchema(schema: Uint8Array): void {
  try {
    JSON.parse(Buffer.from(schema).toString('utf8'));
  } catch (error) {
    const name = 'values.schema.json';
    throw new SourceError('source/archive', `Invalid JSON in ${name}`, error);
  }
}

/** @throws {SourceError} `source/archive`: a name that would lead out of its folder */
export function refuseBadName(name: string): void {
  if (name.includes('/')) {
    throw new SourceError('source/archive', `${quote(name)} is not a valid chart name`);
  }
}
