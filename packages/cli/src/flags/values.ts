// SPDX-License-Identifier: Apache-2.0

/** `-f` and the `--set` family, in Helm's order. Source: helm v3.22.0 pkg/cli/values/options.go. */

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  composeValues,
  type Profile,
  readValuesWithLines,
  type SetMode,
  type ValuesLayer,
} from '@helm-operator/chart';
import type { ValueMap } from '@helm-operator/gocompat';
import { type CliContext, UsageError } from '../context.ts';
import { type Flag, type FlagValues, listFlag, textsFlag } from './flag.ts';

export const VALUE_FLAGS: {
  readonly values: Flag<readonly string[]>;
  readonly set: Flag<readonly string[]>;
  readonly setString: Flag<readonly string[]>;
  readonly setFile: Flag<readonly string[]>;
  readonly setJson: Flag<readonly string[]>;
  readonly setLiteral: Flag<readonly string[]>;
} = {
  values: listFlag('values', 'a YAML file with values; can be repeated, the last wins', {
    short: 'f',
  }),
  set: textsFlag('set', 'values as key1=val1,key2=val2; can be repeated'),
  setString: textsFlag('set-string', 'like --set, but every value is a text'),
  setFile: textsFlag('set-file', 'like --set, but every value is the content of a file'),
  setJson: textsFlag('set-json', 'like --set, but every value is JSON'),
  setLiteral: textsFlag('set-literal', 'one text without any special character: key=text'),
};

/** As Helm 4 a values file may hold several documents. */
export type ValueFlags = FlagValues<typeof VALUE_FLAGS> & { readonly profile: Profile };

/** @throws {UsageError} with Helm's text */
export async function readValueFlags(flags: ValueFlags, context: CliContext): Promise<ValueMap> {
  return composeLayers(await readValueLayers(flags, context));
}

/** What `-f` and the `--set` family say, the weakest first. @throws {UsageError} with Helm's text */
export async function readValueLayers(
  flags: ValueFlags,
  context: CliContext,
): Promise<readonly ValuesLayer[]> {
  const layers: ValuesLayer[] = [];
  for (const path of flags.values) layers.push(await fileLayer(path, flags.profile, context));
  const readFile = (path: string) => readTextNow(path, context);
  const add = (lines: readonly string[], mode: SetMode) => {
    for (const line of lines)
      layers.push({
        origin: `${FLAGS.get(mode)} ${line}`,
        isSecret: false,
        set: { line, mode, readFile, profile: flags.profile },
      });
  };
  add(flags.setJson, 'json');
  add(flags.set, 'typed');
  add(flags.setString, 'string');
  add(flags.setFile, 'file');
  add(flags.setLiteral, 'literal');
  return layers;
}

function readTextNow(path: string, { folder }: CliContext): string {
  try {
    return readFileSync(resolve(folder, path), 'utf8');
  } catch (error) {
    throw new UsageError(`open ${path}: no such file or directory`, { cause: error });
  }
}

const FLAGS: ReadonlyMap<SetMode, string> = new Map([
  ['typed', '--set'],
  ['string', '--set-string'],
  ['json', '--set-json'],
  ['file', '--set-file'],
  ['literal', '--set-literal'],
]);

/** @throws {UsageError} with Helm's text: which flag cannot be read */
export function composeLayers(layers: readonly ValuesLayer[]): ValueMap {
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

async function fileLayer(
  path: string,
  profile: Profile,
  context: CliContext,
): Promise<ValuesLayer> {
  const text =
    path.trim() === '-'
      ? await context.stdin()
      : await context.readText(resolve(context.folder, path));
  if (text === undefined) throw new UsageError(`open ${path}: no such file or directory`);
  try {
    return { origin: path, ...readValuesWithLines(text, profile), isSecret: false };
  } catch (error) {
    throw new UsageError(
      `failed to parse ${path}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
