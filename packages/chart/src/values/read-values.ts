// SPDX-License-Identifier: Apache-2.0

/** Values files: a chart's values.yaml, a user's `-f`, the text of a ConfigMap or Secret. */

import { decodeYaml, type Value, type ValueMap } from '@helm-operator/gocompat';
import { ChartError, wrapError } from '../errors.ts';
import type { Profile } from '../profile.ts';
import { trimSpace } from '../render/split.ts';
import { mergeMaps } from './merge.ts';
import { isTable } from './tables.ts';

/**
 * The values of a file; one that holds nothing gives an empty map.
 *
 * Source: helm v3.22.0 pkg/chartutil/values.go (ReadValues): the first document; helm4: v4.2.1 pkg/chart/v2/loader/load.go
 * (LoadValues): all documents, later ones win
 * @throws {YamlError | ChartError} `gocompat/yaml` or `chart/values` with Go's text
 */
export function readValues(text: string, profile: Profile = 'helm3'): ValueMap {
  if (profile === 'helm3') return tableOf(decodeYaml(text));
  let values: ValueMap = new Map();
  for (const document of separateDocuments(text)) {
    values = mergeMaps(values, readDocument(document));
  }
  return values;
}

function readDocument(text: string): ValueMap {
  try {
    return tableOf(decodeYaml(text));
  } catch (error) {
    throw wrapError('chart/values', 'cannot unmarshal yaml document', error);
  }
}

function tableOf(value: Value): ValueMap {
  if (value === null) return new Map();
  if (isTable(value)) return value;
  throw new ChartError(
    'chart/values',
    `error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${jsonKind(value)} into Go value of type map[string]interface {}`,
  );
}

/** What encoding/json calls a value. */
function jsonKind(value: Value): string {
  if (typeof value === 'string') return 'string';
  if (typeof value === 'boolean') return 'bool';
  if (Array.isArray(value)) return 'array';
  return 'number';
}

/**
 * Cuts a text at its separator lines, as Kubernetes does.
 *
 * Source: k8s.io/apimachinery v0.36.1 pkg/util/yaml/decoder.go (YAMLReader.Read)
 */
function* separateDocuments(text: string): Generator<string> {
  let document = '';
  for (const line of linesOf(text)) {
    if (line.startsWith('---')) {
      const rest = trimSpace(line.slice(3));
      if (rest !== '' && !rest.startsWith('#')) {
        throw new ChartError(
          'chart/values',
          `error reading yaml document: invalid Yaml document separator: ${rest}`,
        );
      }
      if (document !== '') {
        yield document;
        document = '';
        continue;
      }
    }
    document += `${line}\n`;
  }
  if (document !== '') yield document;
}

/** Lines without their ends; behind a final line break there is none. */
function linesOf(text: string): string[] {
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}
