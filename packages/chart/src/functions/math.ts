// SPDX-License-Identifier: Apache-2.0

/** Arithmetic. Source: Masterminds/sprig v3.3.0 numeric.go, functions.go */

import {
  type Int,
  int,
  int64,
  NumError,
  parseInt as parseGoInt,
  sprint,
  Typed,
  types,
  type Value,
} from '@helm-operator/gocompat';
import type { TemplateFunction } from '@helm-operator/gotemplate';
import { castToFloat64, castToInt64, parseDecimal } from './cast.ts';
import { add, type Decimal, decimalOf, divide, floatOf, multiply, subtract } from './decimal.ts';
import { alias, define } from './define.ts';
import { FunctionError, FunctionLimitError } from './errors.ts';
import { powerOfTen } from './power.ts';
import { intsType } from './reflect.ts';

/** Most numbers one sequence may have. */
const MAX_NUMBERS = 4_000_000;

function sequence(start: bigint, stop: bigint, step: bigint): bigint[] {
  const isDown = stop < start;
  if (isDown ? step >= 0n : step <= 0n) return [];
  const distance = isDown ? start - stop : stop - start;
  const stride = isDown ? -step : step;
  const count = (distance + stride - 1n) / stride;
  if (count > MAX_NUMBERS) throw new FunctionLimitError('numbers', MAX_NUMBERS);
  return Array.from({ length: Number(count) }, (_, i) => start + BigInt(i) * step);
}

function ints(numbers: readonly bigint[]): Typed {
  return new Typed(
    intsType,
    numbers.map((number) => int(number)),
  );
}

function seq(numbers: readonly bigint[]): string {
  const [a = 0n, b = 0n, c = 0n] = numbers;
  switch (numbers.length) {
    case 1: {
      const step = a < 1n ? -1n : 1n;
      return sequence(1n, a + step, step).join(' ');
    }
    case 2: {
      const step = b < a ? -1n : 1n;
      return sequence(a, b + step, step).join(' ');
    }
    case 3: {
      if (c < a && b > 0n) return '';
      return sequence(a, c + (c < a ? -1n : 1n), b).join(' ');
    }
    default:
      return '';
  }
}

function divisor(value: Value): bigint {
  const number = castToInt64(value);
  if (number === 0n) throw new FunctionError('runtime error: integer divide by zero');
  return number;
}

function decimals(first: Value, rest: readonly Value[], run: (a: Decimal, b: Decimal) => Decimal) {
  const start = decimalOf(castToFloat64(first));
  return floatOf(rest.reduce<Decimal>((a, b) => run(a, decimalOf(castToFloat64(b))), start));
}

function greater(a: bigint, b: bigint): bigint {
  if (b > a) return b;
  return a;
}

function lesser(a: bigint, b: bigint): bigint {
  if (b < a) return b;
  return a;
}

function larger(a: number, b: number): number {
  return a === Infinity || b === Infinity ? Infinity : Math.max(a, b);
}

function smaller(a: number, b: number): number {
  return a === -Infinity || b === -Infinity ? -Infinity : Math.min(a, b);
}

function round(value: Value, places: number, roundOn = 0.5): number {
  const power = powerOfTen(places);
  const digit = power * castToFloat64(value);
  const fraction = digit - Math.trunc(digit);
  return (fraction >= roundOn ? Math.ceil(digit) : Math.floor(digit)) / power;
}

function toDecimal(value: Value): Int {
  try {
    return int64(parseGoInt(sprint([value]), 8, 64));
  } catch (error) {
    if (error instanceof NumError) return int64(0);
    throw error;
  }
}

const int64Type = types.int64;
const float = types.float64;
const max = define('max', ['any', '...any'], int64Type, (first, ...rest) =>
  int64(rest.map(castToInt64).reduce(greater, castToInt64(first))),
);

/** Sprig's integer functions; every argument is cast to `int64`, results wrap. */
const integerFunctions: readonly TemplateFunction[] = [
  define('add', ['...any'], int64Type, (...numbers) =>
    int64(numbers.reduce<bigint>((sum, number) => sum + castToInt64(number), 0n)),
  ),
  define('add1', ['any'], int64Type, (number) => int64(castToInt64(number) + 1n)),
  define('sub', ['any', 'any'], int64Type, (a, b) => int64(castToInt64(a) - castToInt64(b))),
  define('div', ['any', 'any'], int64Type, (a, b) => int64(castToInt64(a) / divisor(b))),
  define('mod', ['any', 'any'], int64Type, (a, b) => int64(castToInt64(a) % divisor(b))),
  define('mul', ['any', '...any'], int64Type, (first, ...rest) =>
    rest.reduce<Int>(
      (product, b) => int64(product.value * castToInt64(b)),
      int64(castToInt64(first)),
    ),
  ),
  max,
  ...alias(max, 'biggest'),
  define('min', ['any', '...any'], int64Type, (first, ...rest) =>
    int64(rest.map(castToInt64).reduce(lesser, castToInt64(first))),
  ),
  define('until', ['int'], intsType, (count) => ints(sequence(0n, count, count < 0n ? -1n : 1n))),
  define('untilStep', ['int', 'int', 'int'], intsType, (start, stop, step) =>
    ints(sequence(start, stop, step)),
  ),
  define('seq', ['...int'], types.string, (...numbers) => seq(numbers)),
];

/** Sprig's conversions to numbers. */
const castFunctions: readonly TemplateFunction[] = [
  define('atoi', ['string'], types.int, (text) => int(parseDecimal(text))),
  define('int', ['any'], types.int, (value) => int(castToInt64(value))),
  define('int64', ['any'], int64Type, (value) => int64(castToInt64(value))),
  define('float64', ['any'], float, castToFloat64),
  define('toDecimal', ['any'], int64Type, toDecimal),
];

/** Sprig's float functions; sums and products are decimal. */
const floatFunctions: readonly TemplateFunction[] = [
  define('addf', ['...any'], float, (...numbers) => decimals(0, numbers, add)),
  define('add1f', ['any'], float, (number) => decimals(number, [1], add)),
  define('subf', ['any', '...any'], float, (first, ...rest) => decimals(first, rest, subtract)),
  define('mulf', ['any', '...any'], float, (first, ...rest) => decimals(first, rest, multiply)),
  define('divf', ['any', '...any'], float, (first, ...rest) => decimals(first, rest, divide)),
  define('maxf', ['any', '...any'], float, (first, ...rest) =>
    rest.map(castToFloat64).reduce(larger, castToFloat64(first)),
  ),
  define('minf', ['any', '...any'], float, (first, ...rest) =>
    rest.map(castToFloat64).reduce(smaller, castToFloat64(first)),
  ),
  define('ceil', ['any'], float, (value) => Math.ceil(castToFloat64(value))),
  define('floor', ['any'], float, (value) => Math.floor(castToFloat64(value))),
  define('round', ['any', 'size', '...float64'], float, (value, places, ...rest) =>
    round(value, places, rest[0]),
  ),
];

/** Sprig's functions over numbers. */
export const mathFunctions: readonly TemplateFunction[] = [
  ...integerFunctions,
  ...castFunctions,
  ...floatFunctions,
];
