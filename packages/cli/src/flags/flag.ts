// SPDX-License-Identifier: Apache-2.0

/** Flags as data: name, value, default and how a text becomes the value. Source: spf13/pflag v1.0.10 as Helm 3.22 uses it. */

import {
  NumError,
  parseBool,
  parseDuration,
  parseInt as parseGoInt,
} from '@helm-operator/gocompat';

/** One flag of a command. */
export interface Flag<T> {
  readonly name: string;
  readonly short?: string | undefined;
  /** What the help calls its value; a switch has none. */
  readonly value?: string | undefined;
  readonly help: string;
  /** Taken where the flag stands without a value (`--dry-run`). */
  readonly bare?: string | undefined;
  /** What the help says of the default. */
  readonly shownDefault?: string | undefined;
  /** Why not to use it; printed when it is. */
  readonly deprecated?: string | undefined;
  initial(env: ReadonlyMap<string, string>): T;
  /** @param before what earlier uses of the flag gave @throws {Error} with Go's text */
  parse(text: string, before: T | undefined): T;
}

/** Flags by the name the code knows them by. */
export type FlagTable = Readonly<Record<string, Flag<unknown>>>;

/** What the flags of a table hold. */
export type FlagValues<F extends FlagTable> = {
  readonly [K in keyof F]: F[K] extends Flag<infer T> ? T : never;
};

interface FlagOptions {
  readonly short?: string;
  readonly value?: string;
  readonly bare?: string;
  readonly deprecated?: string;
  /** Variable of the environment that gives the default. */
  readonly env?: string;
}

export function switchFlag(name: string, help: string, options: FlagOptions = {}): Flag<boolean> {
  return {
    ...options,
    name,
    help,
    bare: 'true',
    initial: (env) => isTrue(options.env === undefined ? undefined : env.get(options.env)),
    parse: (text) => parseBool(text),
  };
}

function isTrue(text: string | undefined): boolean {
  try {
    return text !== undefined && parseBool(text);
  } catch {
    return false;
  }
}

/** A text; empty where it is not given. */
export function textFlag(
  name: string,
  help: string,
  options: FlagOptions & { readonly initial?: string } = {},
): Flag<string> {
  const { env: variable, initial = '' } = options;
  return {
    value: 'string',
    ...options,
    name,
    help,
    shownDefault: initial === '' ? undefined : `"${initial}"`,
    initial: (env) => (variable === undefined ? initial : (env.get(variable) ?? initial)),
    parse: (text) => text,
  };
}

/** A text that must be one of a few. */
export function choiceFlag<T extends string>(
  name: string,
  help: string,
  options: FlagOptions & { readonly choices: readonly T[]; readonly wrong: string },
): Flag<T> {
  const { choices, wrong, ...rest } = options;
  const [first] = choices;
  return {
    ...rest,
    name,
    help: `${help}: ${choices.join(', ')}`,
    shownDefault: first,
    initial: () => first as T,
    parse: (text) => {
      const found = choices.find((choice) => choice === text);
      if (found === undefined) throw new Error(wrong);
      return found;
    },
  };
}

/** Every use adds one text as it is (pflag's stringArray). */
export function textsFlag(
  name: string,
  help: string,
  options: FlagOptions = {},
): Flag<readonly string[]> {
  return {
    value: 'stringArray',
    ...options,
    name,
    help,
    initial: (env) => listed(options.env === undefined ? undefined : env.get(options.env)),
    parse: (text, before = []) => [...before, text],
  };
}

function listed(text = ''): readonly string[] {
  const trimmed = text.replace(/^[, ]+|[, ]+$/g, '');
  return trimmed === '' ? [] : trimmed.split(',');
}

/** Every use adds the fields of one line of CSV (pflag's stringSlice). */
export function listFlag(
  name: string,
  help: string,
  options: FlagOptions = {},
): Flag<readonly string[]> {
  return {
    value: 'strings',
    ...options,
    name,
    help,
    initial: () => [],
    parse: (text, before = []) => [...before, ...readCsv(text)],
  };
}

/** `a=1,b=2` (pflag's stringToString). */
export function mapFlag(
  name: string,
  help: string,
  options: FlagOptions = {},
): Flag<ReadonlyMap<string, string>> {
  return {
    value: 'stringToString',
    ...options,
    name,
    help,
    shownDefault: '[]',
    initial: () => new Map(),
    parse: (text, before = new Map()) => new Map([...before, ...readPairs(text)]),
  };
}

function readPairs(text: string): readonly (readonly [string, string])[] {
  const count = text.split('=').length - 1;
  if (count === 0) throw new Error(`${text} must be formatted as key=value`);
  const pairs = count === 1 ? [text.replace(/^"+|"+$/g, '')] : readCsv(text);
  return pairs.map((pair) => {
    const at = pair.indexOf('=');
    if (at < 0) throw new Error(`${pair} must be formatted as key=value`);
    return [pair.slice(0, at), pair.slice(at + 1)];
  });
}

export function numberFlag(
  name: string,
  help: string,
  options: FlagOptions & { readonly initial: number },
): Flag<number> {
  const { env: variable, initial } = options;
  return {
    value: 'int',
    ...options,
    name,
    help,
    shownDefault: initial === 0 ? undefined : String(initial),
    initial: (env) => numberOr(variable === undefined ? undefined : env.get(variable), initial),
    parse: (text) => Number(parseGoInt(text, 0, 64)),
  };
}

function numberOr(text: string | undefined, initial: number): number {
  try {
    return text === undefined ? initial : Number(parseGoInt(text, 10, 64));
  } catch (error) {
    if (error instanceof NumError) return initial;
    throw error;
  }
}

/** A duration as Go writes it; the value is in milliseconds. */
export function durationFlag(
  name: string,
  help: string,
  options: FlagOptions & { readonly initialMs: number; readonly shown: string },
): Flag<number> {
  const { initialMs, shown, ...rest } = options;
  return {
    value: 'duration',
    ...rest,
    name,
    help,
    shownDefault: shown,
    initial: () => initialMs,
    parse: (text) => Number(parseDuration(text)) / 1e6,
  };
}

/** The fields of one line of CSV. Source: Go 1.26 encoding/csv. @throws {Error} with Go's text */
export function readCsv(text: string): readonly string[] {
  if (text === '') return [];
  const fields: string[] = [];
  let rest = text;
  for (;;) {
    if (!rest.startsWith('"')) {
      const end = rest.indexOf(',');
      const field = end < 0 ? rest : rest.slice(0, end);
      const wrong = field.indexOf('"');
      if (wrong >= 0)
        throw csvError(text, text.length - rest.length + wrong, 'bare " in non-quoted-field');
      fields.push(field);
      if (end < 0) return fields;
      rest = rest.slice(end + 1);
      continue;
    }
    const quoted = /^"((?:[^"]|"")*)"/.exec(rest);
    if (quoted === null)
      throw csvError(text, text.length, 'extraneous or missing " in quoted-field');
    fields.push((quoted[1] ?? '').replaceAll('""', '"'));
    rest = rest.slice(quoted[0].length);
    if (rest === '') return fields;
    if (!rest.startsWith(','))
      throw csvError(
        text,
        text.length - rest.length - 1,
        'extraneous or missing " in quoted-field',
      );
    rest = rest.slice(1);
  }
}

/** @param at offset of the wrong character */
function csvError(text: string, at: number, reason: string): Error {
  const column = Buffer.byteLength(text.slice(0, at)) + 1;
  return new Error(`parse error on line 1, column ${column}: ${reason}`);
}
