// SPDX-License-Identifier: Apache-2.0

/** `-f` and the `--set` family, in Helm's order. Source: helm v3.22.0 pkg/cli/values/options.go. */

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { composeValues, readValues, type SetMode, type ValuesLayer } from '@helm-operator/chart';
import type { ValueMap } from '@helm-operator/gocompat';
import type { Command } from 'commander';
import { type CliContext, UsageError } from './context.ts';

interface ValueFlags {
  readonly values?: readonly string[];
  readonly set?: readonly string[];
  readonly setString?: readonly string[];
  readonly setJson?: readonly string[];
  readonly setFile?: readonly string[];
  readonly setLiteral?: readonly string[];
}

const collect = (value: string, before: readonly string[] = []): string[] => [...before, value];

export function addValueFlags(command: Command): Command {
  return command
    .option('-f, --values <file>', 'specify values in a YAML file (can specify multiple)', collect)
    .option('--set <line>', 'set values on the command line (key1=val1,key2=val2)', collect)
    .option('--set-string <line>', 'set STRING values on the command line', collect)
    .option('--set-json <line>', 'set JSON values on the command line', collect)
    .option('--set-file <line>', 'set values from files (key1=path1,key2=path2)', collect)
    .option('--set-literal <line>', 'set a literal STRING value on the command line', collect);
}

/** @throws {UsageError} with Helm's text */
export async function readValueFlags(flags: ValueFlags, context: CliContext): Promise<ValueMap> {
  const layers: ValuesLayer[] = [];
  for (const path of flags.values ?? []) layers.push(await fileLayer(path, context));
  const readFile = (path: string) => readFileSync(resolve(context.folder, path), 'utf8');
  const add = (lines: readonly string[] | undefined, mode: SetMode) => {
    for (const line of lines ?? [])
      layers.push({ origin: `--set ${line}`, isSecret: false, set: { line, mode, readFile } });
  };
  add(flags.setJson, 'json');
  add(flags.set, 'typed');
  add(flags.setString, 'string');
  add(flags.setFile, 'file');
  add(flags.setLiteral, 'literal');
  return compose(layers);
}

const FLAGS: ReadonlyMap<SetMode, string> = new Map([
  ['typed', '--set'],
  ['string', '--set-string'],
  ['json', '--set-json'],
  ['file', '--set-file'],
  ['literal', '--set-literal'],
]);

function compose(layers: readonly ValuesLayer[]): ValueMap {
  let last: ValuesLayer | undefined;
  try {
    for (let count = 1; count <= layers.length; count++) {
      last = layers[count - 1];
      if (last !== undefined && 'set' in last) composeValues(layers.slice(0, count));
    }
    return composeValues(layers).values;
  } catch (error) {
    if (last === undefined || !('set' in last)) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    const { mode, line } = last.set;
    throw new UsageError(
      mode === 'json'
        ? `failed parsing --set-json data ${line}`
        : `failed parsing ${FLAGS.get(mode)} data: ${reason}`,
    );
  }
}

async function fileLayer(path: string, context: CliContext): Promise<ValuesLayer> {
  const text =
    path.trim() === '-'
      ? await context.stdin()
      : await context.readText(resolve(context.folder, path));
  if (text === undefined) throw new UsageError(`open ${path}: no such file or directory`);
  try {
    return { origin: path, values: readValues(text), isSecret: false };
  } catch (error) {
    throw new UsageError(
      `failed to parse ${path}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
