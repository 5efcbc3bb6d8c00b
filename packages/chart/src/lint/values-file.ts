// SPDX-License-Identifier: Apache-2.0

/** What is wrong with values.yaml. Source: helm v3.22.0 pkg/lint/rules/values.go; helm4: v4.2.1 pkg/chart/v2/lint/rules/values.go. */

import { decodeUtf8, decodeYaml, type ValueMap, validateSchema } from '@helm-operator/gocompat';
import { mapOf } from '../chart/go-struct.ts';
import { messageOf } from '../errors.ts';
import type { Profile } from '../profile.ts';
import { coalesceTables } from '../values/coalesce.ts';
import type { Finding } from './finding.ts';
import type { LintFolder } from './folder.ts';
import type { TemplateLintOptions } from './templates.ts';

const PATH = 'values.yaml';

const GO_TYPE: Readonly<Record<Profile, string>> = {
  helm3: 'chartutil.Values',
  helm4: 'common.Values',
};

export function lintValuesFile(
  folder: LintFolder,
  options: TemplateLintOptions,
): readonly Finding[] {
  const { valuesFile, schemaFile } = folder;
  if (valuesFile === undefined)
    return [{ severity: 'info', path: PATH, message: 'file does not exist' }];
  const message = problemOf(decodeUtf8(valuesFile), schemaFile, options);
  return message === undefined ? [] : [{ severity: 'error', path: PATH, message }];
}

function problemOf(
  text: string,
  schema: Uint8Array | undefined,
  { values: overrides, profile, mustSkipSchemaValidation }: TemplateLintOptions,
): string | undefined {
  let values: ValueMap;
  try {
    const read = decodeYaml(text);
    values = mapOf(read, GO_TYPE[profile], undefined) ?? new Map();
  } catch (error) {
    return `unable to parse YAML: ${messageOf(error)}`;
  }
  if (schema === undefined || schema.length === 0) return undefined;
  // Helm 3 knows the flag, but looks at this schema all the same.
  if (profile === 'helm4' && mustSkipSchemaValidation === true) return undefined;
  const given = coalesceTables(new Map(), overrides);
  try {
    const lines = validateSchema(decodeUtf8(schema), coalesceTables(given, values));
    return lines === '' ? undefined : lines;
  } catch (error) {
    return messageOf(error);
  }
}
