// SPDX-License-Identifier: Apache-2.0

/** Words of the command line → values of flags and what is left. Source: spf13/pflag v1.0.10 flag.go, spf13/cobra v1.10 command.go. */

import { quote } from '@helm-operator/gocompat';
import { UsageError } from '../context.ts';
import type { Flag, FlagTable } from './flag.ts';

export interface ParsedFlags {
  readonly values: Readonly<Record<string, unknown>>;
  /** Keys of the flags that stood on the command line. */
  readonly given: ReadonlySet<string>;
  readonly args: readonly string[];
  readonly mustHelp: boolean;
  /** What to tell of deprecated flags. */
  readonly warnings: readonly string[];
}

interface Parse {
  readonly byName: ReadonlyMap<string, string>;
  readonly byShort: ReadonlyMap<string, string>;
  readonly flags: FlagTable;
  readonly values: Map<string, unknown>;
  readonly args: string[];
  readonly warnings: string[];
  /** What is not read yet. */
  readonly words: string[];
  mustHelp: boolean;
}

/** @throws {UsageError} with pflag's text */
export function parseFlags(
  flags: FlagTable,
  words: readonly string[],
  env: ReadonlyMap<string, string>,
): ParsedFlags {
  const parse = openParse(flags, words);
  for (let word = parse.words.shift(); word !== undefined; word = parse.words.shift()) {
    if (word === '--') {
      parse.args.push(...parse.words);
      break;
    }
    if (word === '-' || !word.startsWith('-')) parse.args.push(word);
    else if (word.startsWith('--')) readLong(word.slice(2), parse);
    else readShort(word.slice(1), parse);
    if (parse.mustHelp) break;
  }
  const values = Object.fromEntries(
    Object.entries(flags).map(([key, flag]) => [
      key,
      parse.values.has(key) ? parse.values.get(key) : flag.initial(env),
    ]),
  );
  const { args, mustHelp, warnings } = parse;
  return { values, given: new Set(parse.values.keys()), args, mustHelp, warnings };
}

function openParse(flags: FlagTable, words: readonly string[]): Parse {
  const entries = Object.entries(flags);
  return {
    byName: new Map(entries.map(([key, { name }]) => [name, key])),
    byShort: new Map(
      entries.flatMap(([key, { short }]) => (short === undefined ? [] : [[short, key] as const])),
    ),
    flags,
    values: new Map(),
    args: [],
    warnings: [],
    words: [...words],
    mustHelp: false,
  };
}

function readLong(text: string, parse: Parse): void {
  if (text.startsWith('-') || text.startsWith('='))
    throw new UsageError(`bad flag syntax: --${text}`);
  const at = text.indexOf('=');
  const name = at < 0 ? text : text.slice(0, at);
  const key = parse.byName.get(name);
  const flag = key === undefined ? undefined : parse.flags[key];
  if (key === undefined || flag === undefined) {
    if (name !== 'help') throw new UsageError(`unknown flag: --${name}`);
    parse.mustHelp = true;
    return;
  }
  const value =
    at < 0
      ? (flag.bare ?? nextWord(parse, `flag needs an argument: --${name}`))
      : text.slice(at + 1);
  set(key, value, parse);
}

/** `-a`, `-abc`, `-fVALUE`, `-f=VALUE`, `-f VALUE` */
function readShort(letters: string, parse: Parse): void {
  for (let rest = letters; rest !== ''; ) {
    const letter = rest[0] ?? '';
    const key = parse.byShort.get(letter);
    const flag = key === undefined ? undefined : parse.flags[key];
    if (key === undefined || flag === undefined) {
      if (letter !== 'h') throw new UsageError(`unknown shorthand flag: '${letter}' in -${rest}`);
      parse.mustHelp = true;
      return;
    }
    if (rest.length > 2 && rest[1] === '=') {
      set(key, rest.slice(2), parse);
      return;
    }
    if (flag.bare === undefined) {
      const missing = `flag needs an argument: '${letter}' in -${rest}`;
      set(key, rest.length > 1 ? rest.slice(1) : nextWord(parse, missing), parse);
      return;
    }
    set(key, flag.bare, parse);
    rest = rest.slice(1);
  }
}

function nextWord({ words }: Parse, missing: string): string {
  const word = words.shift();
  if (word === undefined) throw new UsageError(missing);
  return word;
}

function set(key: string, text: string, parse: Parse): void {
  const flag = parse.flags[key];
  if (flag === undefined) return;
  try {
    parse.values.set(key, flag.parse(text, parse.values.get(key)));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(
      `invalid argument ${quote(text)} for ${quote(shownName(flag))} flag: ${reason}`,
      { cause: error },
    );
  }
  if (flag.deprecated !== undefined)
    parse.warnings.push(`Flag --${flag.name} has been deprecated, ${flag.deprecated}`);
}

function shownName({ name, short }: Flag<unknown>): string {
  return short === undefined ? `--${name}` : `-${short}, --${name}`;
}

/**
 * Which word of a line is the first that is no flag and no flag's value: the next command.
 *
 * @returns its place; -1 for none
 */
export function commandPlace(words: readonly string[], flags: FlagTable): number {
  const all = Object.values(flags);
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? '';
    if (word === '--') return -1;
    if (!word.startsWith('-') || word === '-') return i;
    if (word.includes('=')) continue;
    const isLong = word.startsWith('--');
    const flag = all.find(({ name, short }) =>
      isLong ? name === word.slice(2) : short === word.at(1),
    );
    const isHelp = word === '--help' || word === '-h';
    const hasOwnValue = !isLong && word.length > 2;
    if (!isHelp && !hasOwnValue && flag?.bare === undefined) i++;
  }
  return -1;
}
