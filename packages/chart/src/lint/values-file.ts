// SPDX-License-Identifier: Apache-2.0

/** What is wrong with values.yaml. Source: helm v3.22.0 pkg/lint/rules/values.go. */

import { decodeUtf8, type ValueMap, validateSchema } from '@helm-operator/gocompat';
import { messageOf } from '../errors.ts';
import { coalesceTables } from '../values/coalesce.ts';
import { readValues } from '../values/read-values.ts';
import type { Finding } from './finding.ts';
import type { LintFolder } from './folder.ts';

const PATH = 'values.yaml';

/** @param overrides the user's values */
export function lintValuesFile(folder: LintFolder, overrides: ValueMap): readonly Finding[] {
  const { valuesFile, schemaFile } = folder;
  if (valuesFile === undefined)
    return [{ severity: 'info', path: PATH, message: 'file does not exist' }];
  const message = problemOf(decodeUtf8(valuesFile), schemaFile, overrides);
  return message === undefined ? [] : [{ severity: 'error', path: PATH, message }];
}

function problemOf(
  text: string,
  schema: Uint8Array | undefined,
  overrides: ValueMap,
): string | undefined {
  let values: ValueMap;
  try {
    values = readValues(text);
  } catch (error) {
    return `unable to parse YAML: ${messageOf(error)}`;
  }
  if (schema === undefined || schema.length === 0) return undefined;
  const given = coalesceTables(new Map(), overrides);
  try {
    const lines = validateSchema(decodeUtf8(schema), coalesceTables(given, values));
    return lines === '' ? undefined : lines;
  } catch (error) {
    return messageOf(error);
  }
}
