// SPDX-License-Identifier: Apache-2.0

/** `values.yaml` and the table of values, from `values.schema.json`: what a value means is written once. */

import { decodeJson, encodeYaml } from '@helm-operator/gocompat';

export interface ValueSchema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly deprecated?: boolean;
  readonly properties?: Readonly<Record<string, ValueSchema>>;
}

/** One value that can be set. */
export interface ChartValue {
  /** `image.tag`. */
  readonly path: string;
  readonly schema: ValueSchema;
}

const LINE = 110;

/** Every value in the order of the schema; groups are left out. */
export function chartValues(schema: ValueSchema, prefix = ''): readonly ChartValue[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, one]) => {
    if (one.description === undefined) return [];
    const path = prefix + name;
    return isGroup(one) ? chartValues(one, `${path}.`) : [{ path, schema: one }];
  });
}

function isGroup(schema: ValueSchema): boolean {
  return schema.properties !== undefined && schema.default === undefined;
}

/** The text of `values.yaml`. */
export function valuesYaml(schema: ValueSchema): string {
  return `# Made from values.schema.json by scripts/generate-deploy.ts.\n${entries(schema, 0)}`;
}

function entries(schema: ValueSchema, depth: number): string {
  const indent = '  '.repeat(depth);
  return Object.entries(schema.properties ?? {})
    .filter(([, { description }]) => description !== undefined)
    .map(([name, one]) => {
      const comment = wrapped(one.description ?? '', LINE - 2 * depth)
        .map((line) => `${indent}# ${line}\n`)
        .join('');
      const gap = depth === 0 ? '\n' : '';
      if (isGroup(one)) return `${gap}${comment}${indent}${name}:\n${entries(one, depth + 1)}`;
      return `${gap}${comment}${indent}${name}:${printed(one.default, indent)}\n`;
    })
    .join('');
}

function printed(value: unknown, indent: string): string {
  if (isScalar(value) || Object.keys(value as object).length === 0)
    return ` ${JSON.stringify(value)}`;
  const text = encodeYaml(decodeJson(JSON.stringify(value), { numbers: 'int64orFloat64' }));
  const lines = text.trimEnd().split('\n');
  return lines.map((line) => `\n${indent}  ${line}`).join('');
}

function isScalar(value: unknown): boolean {
  return typeof value !== 'object' || value === null;
}

function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}

/** The table of the chart's README. */
export function valuesTable(schema: ValueSchema): string {
  const rows = chartValues(schema).map(({ path, schema: { default: value, description = '' } }) => {
    const text = JSON.stringify(value);
    const shown = text.length > 60 ? 'see values.yaml' : `\`${text}\``;
    return `| \`${path}\` | ${shown} | ${description.replaceAll('|', '\\|')} |\n`;
  });
  return `| value | default | |\n|---|---|---|\n${rows.join('')}`;
}
