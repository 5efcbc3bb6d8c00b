// SPDX-License-Identifier: Apache-2.0

/** Values files: a chart's values.yaml, a user's `-f`, the text of a ConfigMap or Secret. */

import {
  decodeYaml,
  decodeYamlWithLines,
  type Value,
  type ValueMap,
  type YamlLines,
} from '@helm-operator/gocompat';
import { ChartError, wrapError } from '../errors.ts';
import type { Profile } from '../profile.ts';
import { mergeMaps } from './merge.ts';
import { isTable } from './tables.ts';
import { separateDocuments } from './yaml-documents.ts';

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
  for (const document of separateDocuments(text, wrongSeparator)) {
    values = mergeMaps(values, readDocument(document.text));
  }
  return values;
}

/**
 * `readValues`, and the line each value stands on.
 *
 * @throws {YamlError | ChartError} as `readValues`
 */
export function readValuesWithLines(
  text: string,
  profile: Profile = 'helm3',
): { readonly values: ValueMap; readonly lines: YamlLines } {
  const values = readValues(text, profile);
  if (profile === 'helm3') return { values, lines: decodeYamlWithLines(text).lines };
  let lines: YamlLines = { line: 1 };
  for (const document of separateDocuments(text, wrongSeparator)) {
    lines = mergeLines(lines, decodeYamlWithLines(document.text).lines, document.linesBefore);
  }
  return { values, lines };
}

/** The lines of maps merged as `mergeMaps` does. */
function mergeLines(base: YamlLines | undefined, over: YamlLines, linesBefore: number): YamlLines {
  const line = over.line + linesBefore;
  if (over.keys === undefined) {
    if (over.items === undefined) return { line };
    return { line, items: over.items.map((item) => mergeLines(undefined, item, linesBefore)) };
  }
  const keys = new Map(base?.keys);
  for (const [key, inner] of over.keys)
    keys.set(key, mergeLines(keys.get(key), inner, linesBefore));
  return { line, keys };
}

function wrongSeparator(rest: string): ChartError {
  return new ChartError(
    'chart/values',
    `error reading yaml document: invalid Yaml document separator: ${rest}`,
  );
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
