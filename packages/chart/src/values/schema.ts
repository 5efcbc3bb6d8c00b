// SPDX-License-Identifier: Apache-2.0

import {
  type CompiledSchema,
  compileSchema,
  decodeUtf8,
  JsonSchemaError,
  typeName,
  type ValueMap,
} from '@helm-operator/gocompat';
import type { Chart } from '../chart/chart.ts';
import { ChartError } from '../errors.ts';
import { isTable } from './tables.ts';

/**
 * Checks values against the schemas of a chart and its subcharts.
 *
 * Source: helm v3.22.0 pkg/chartutil/jsonschema.go (ValidateAgainstSchema), values.go
 * @throws {ChartError} `chart/schema` with Helm's text
 */
export function checkSchemas(chart: Chart, values: ValueMap): void {
  const problems = problemsOf(chart, values);
  if (problems === '') return;
  throw new ChartError(
    'chart/schema',
    `values don't meet the specifications of the schema(s) in the following chart(s):\n${problems}`,
  );
}

function problemsOf(chart: Chart, values: ValueMap): string {
  let text = '';
  if (chart.schema !== undefined) {
    const lines = linesOf(chart.schema, values);
    if (lines !== '') text += `${chart.metadata.name}:\n${lines}`;
  }
  for (const child of chart.dependencies) {
    const name = child.metadata.name;
    const inner = values.get(name) ?? null;
    if (isTable(inner)) text += problemsOf(child, inner);
    else if (inner !== null) {
      text += `${name}:\ninvalid type for values: expected object (map), got ${typeName(inner)}\n`;
    }
  }
  return text;
}

/** Compiled schemas live as long as the charts they belong to. */
const schemas = new WeakMap<Uint8Array, CompiledSchema>();

function schemaOf(bytes: Uint8Array): CompiledSchema {
  const known = schemas.get(bytes);
  if (known !== undefined) return known;
  const schema = compileSchema(decodeUtf8(bytes));
  schemas.set(bytes, schema);
  return schema;
}

/** A schema that cannot be used counts like values that do not fit it. */
function linesOf(schema: Uint8Array, values: ValueMap): string {
  try {
    return schemaOf(schema).check(values);
  } catch (error) {
    if (error instanceof JsonSchemaError) return error.message;
    throw error;
  }
}
