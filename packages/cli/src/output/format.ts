// SPDX-License-Identifier: Apache-2.0

import { encodeJson, encodeYaml, type Value } from '@helm-operator/gocompat';
import type { CliContext } from '../context.ts';
import { choiceFlag, type Flag } from '../flags/flag.ts';
import { printTable } from './table.ts';

export type Format = 'table' | 'json' | 'yaml';

export function outputFlag(): Flag<Format> {
  return choiceFlag<Format>('output', 'how to print', {
    short: 'o',
    value: 'format',
    choices: ['table', 'json', 'yaml'],
    wrong: 'invalid format type',
  });
}

/** What a command prints, in each form. */
export interface Printable {
  readonly rows: readonly (readonly string[])[];
  /** Members of structs in Go's order: an array of [name, value] pairs for each item. */
  readonly items: readonly (readonly (readonly [string, Value])[])[];
}

/** Prints as Helm does: JSON on one line in the order of the struct, YAML with sorted keys. */
export function print(printable: Printable, format: Format, context: CliContext): void {
  switch (format) {
    case 'table':
      context.stdout(printTable(printable.rows));
      return;
    case 'json': {
      const items = printable.items.map(
        (members) =>
          `{${members.map(([name, value]) => `${encodeJson(name)}:${encodeJson(value)}`).join(',')}}`,
      );
      context.stdout(`[${items.join(',')}]\n`);
      return;
    }
    case 'yaml':
      context.stdout(encodeYaml(printable.items.map((members) => new Map(members))));
  }
}
