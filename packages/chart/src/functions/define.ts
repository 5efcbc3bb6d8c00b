// SPDX-License-Identifier: Apache-2.0

import {
  type GoType,
  Int,
  normalize,
  Typed,
  timeType,
  types,
  type Value,
  type ValueMap,
} from '@helm-operator/gocompat';
import type { Run, TemplateFunction } from '@helm-operator/gotemplate';
import { certificateType } from './certificate-type.ts';

/** Go parameter types of template functions, each with what a function body receives for it. */
interface Arguments {
  string: string;
  bool: boolean;
  int: bigint;
  /** A Go `int` that counts bytes or items: exact below 2^53. */
  size: number;
  uint32: bigint;
  float64: number;
  any: Value;
  /** `null` is Go's nil map. */
  map: ValueMap | null;
  /** `[]interface{}`; `null` is Go's nil slice. */
  list: readonly Value[] | null;
  time: Typed;
  certificate: Typed;
}

type Token = keyof Arguments;
type Rest = `...${Token}`;
type ArgumentOf<P> = P extends Token ? Arguments[P] : never;
type ArgumentsOf<P extends readonly (Token | Rest)[]> = P extends readonly [
  ...infer Head extends readonly Token[],
  `...${infer Tail extends Token}`,
]
  ? [...{ [K in keyof Head]: ArgumentOf<Head[K]> }, ...Arguments[Tail][]]
  : { [K in keyof P]: ArgumentOf<P[K]> };

const GO_TYPES: Readonly<Record<Token, GoType>> = {
  string: types.string,
  bool: types.bool,
  int: types.int,
  size: types.int,
  uint32: { kind: 'uint32', name: 'uint32' },
  float64: types.float64,
  any: types.any,
  map: types.map,
  list: types.slice,
  time: timeType,
  certificate: certificateType,
};

function integer(value: Value): bigint {
  if (value instanceof Int) return value.value;
  throw new TypeError('a template function was called without its integer argument');
}

function mapOf(value: Value): ValueMap | null {
  if (value instanceof Map) return value;
  return value instanceof Typed && value.data instanceof Map ? (value.data as ValueMap) : null;
}

function listOf(value: Value): readonly Value[] | null {
  if (Array.isArray(value)) return value;
  return value instanceof Typed && Array.isArray(value.data) ? (value.data as Value[]) : null;
}

/** Bytes that came together by concatenation are joined before a function looks at them. */
function joined(value: Value): Value {
  return typeof value === 'string' && !value.isWellFormed() ? normalize(value) : value;
}

const READ: Readonly<Record<Token, ((value: Value) => unknown) | undefined>> = {
  string: joined,
  bool: undefined,
  int: integer,
  size: (value) => Number(integer(value)),
  uint32: integer,
  float64: undefined,
  any: joined,
  map: mapOf,
  list: listOf,
  time: undefined,
  certificate: undefined,
};

/** Items of a list or entries of a map. */
function sizeOf(made: Value): number {
  if (Array.isArray(made)) return made.length;
  if (made instanceof Map) return made.size;
  return made instanceof Typed && Array.isArray(made.data) ? made.data.length : 0;
}

/** Functions that copy all that is inside their arguments. */
const COPIES_DEEPLY: ReadonlySet<string> = new Set(['deepCopy', 'mustDeepCopy']);

/** Counts items and entries at any depth; in a value that holds itself there is no end of them but the budget's. */
function spendDeeply({ budget }: Run, value: Value): void {
  const open: unknown[] = [value];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const data = at instanceof Typed ? at.data : at;
    if (!Array.isArray(data) && !(data instanceof Map)) continue;
    budget.spendElements(sizeOf(data));
    for (const inner of data.values()) {
      if (typeof inner === 'object' && inner !== null) open.push(inner);
    }
  }
}

/** Letters and items that cost as much as a step. */
const UNITS_PER_STEP = 64;
/** Less is not counted. */
const LIGHT = 4096;

/** Work for milliseconds, however small the arguments are: the clock is looked at with every call. */
const SLOW: ReadonlySet<string> = new Set([
  'bcrypt',
  'htpasswd',
  'derivePassword',
  'genPrivateKey',
  'genCA',
  'genCAWithKey',
  'genSelfSignedCert',
  'genSelfSignedCertWithKey',
  'genSignedCert',
  'genSignedCertWithKey',
  'getHostByName',
]);
const SLOW_WEIGHT = 2048 * UNITS_PER_STEP;

/** How much a call has to look at: so that the clock is looked at in time, however few calls there are. */
function weightOf(args: readonly Value[]): number {
  let weight = 0;
  for (const arg of args) {
    if (typeof arg === 'string') weight += arg.length;
    else if (typeof arg === 'object' && arg !== null) weight += sizeOf(arg);
  }
  return weight;
}

function isRest(parameter: Token | Rest): parameter is Rest {
  return parameter.startsWith('...');
}

function tokenOf(parameter: Token | Rest): Token {
  return (isRest(parameter) ? parameter.slice(3) : parameter) as Token;
}

/**
 * One template function as data: the Go signature decides how a template converts arguments and which
 * errors it reports, the body receives them as plain JavaScript values.
 *
 * @param parameters Go parameter types; the last may be variadic (`...any`)
 * @param body       throws an Error with Go's text on failure
 */
export function define<const P extends readonly (Token | Rest)[]>(
  name: string,
  parameters: P,
  result: GoType,
  body: (...args: ArgumentsOf<P>) => Value,
): TemplateFunction {
  const tokens = parameters.map(tokenOf);
  const last = parameters.at(-1);
  const isVariadic = last !== undefined && isRest(last);
  const readers = tokens.map((token) => READ[token]);
  // A result of another type is a value that was there before.
  const isMaker = result.kind === 'slice' || result.kind === 'map';
  const untouched = readers.every((reader) => reader === undefined);
  const spread = body as (...args: readonly unknown[]) => Value;
  const read = (arg: Value, i: number): unknown => {
    const reader = readers[Math.min(i, readers.length - 1)];
    return reader === undefined ? arg : reader(arg);
  };
  const ownWeight = SLOW.has(name) ? SLOW_WEIGHT : 0;
  const copiesDeeply = COPIES_DEEPLY.has(name);
  const call = (args: readonly Value[], run: Run): Value => {
    // Before the copy is made: each may double what is held.
    if (copiesDeeply) for (const arg of args) spendDeeply(run, arg);
    const weight = ownWeight + weightOf(args);
    if (weight > LIGHT) run.budget.spendSteps(Math.floor(weight / UNITS_PER_STEP));
    const made = untouched ? spread(...args) : spread(...args.map(read));
    if (isMaker && !args.includes(made)) run.budget.spendElements(sizeOf(made));
    return made;
  };
  return { name, params: tokens.map((token) => GO_TYPES[token]), isVariadic, result, call };
}

/** The same function under other names. */
export function alias(fn: TemplateFunction, ...names: readonly string[]): TemplateFunction[] {
  return names.map((name) => ({ ...fn, name }));
}
