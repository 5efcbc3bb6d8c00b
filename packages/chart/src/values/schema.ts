// SPDX-License-Identifier: Apache-2.0

import { decodeUtf8, type ValueMap, validateSchema } from '@helm-operator/gocompat';
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
    const lines = validateSchema(decodeUtf8(chart.schema), values);
    if (lines !== '') text += `${chart.metadata.name}:\n${lines}`;
  }
  for (const child of chart.dependencies) {
    const inner = values.get(child.metadata.name);
    if (isTable(inner)) text += problemsOf(child, inner);
  }
  return text;
}
