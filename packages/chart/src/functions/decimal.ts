// SPDX-License-Identifier: Apache-2.0

/** Decimal arithmetic on floats. Source: shopspring/decimal v1.4.0 (Add, Sub, Mul, DivRound) */

import { formatFloat } from '@helm-operator/gocompat';
import { FunctionError } from './errors.ts';

/** The number `coefficient` × 10^`exponent`. */
export interface Decimal {
  readonly coefficient: bigint;
  readonly exponent: number;
}

/** Digits after the point a division keeps. */
const DIVISION_PRECISION = 16;

const FLOAT_PARTS = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/;

/** The shortest decimal that reads back as `float`. */
export function decimalOf(float: number): Decimal {
  const parts = FLOAT_PARTS.exec(String(float));
  if (parts === null) {
    throw new FunctionError(`Cannot create a Decimal from ${formatFloat(float, 'g', -1, 64)}`);
  }
  const [, sign = '', whole = '', fraction = '', power = '0'] = parts;
  const digits = `${whole}${fraction}`;
  const significant = digits.replace(/0+$/, '');
  if (significant === '') return { coefficient: 0n, exponent: 0 };
  const exponent = Number(power) - fraction.length + (digits.length - significant.length);
  return { coefficient: BigInt(`${sign}${significant}`), exponent };
}

/** The nearest float; what is too large becomes infinite. */
export function floatOf({ coefficient, exponent }: Decimal): number {
  // Go knows no negative zero here.
  return coefficient === 0n ? 0 : Number(`${coefficient}e${exponent}`);
}

function rescale({ coefficient, exponent }: Decimal, to: number): bigint {
  return coefficient * 10n ** BigInt(exponent - to);
}

export function add(a: Decimal, b: Decimal): Decimal {
  const exponent = Math.min(a.exponent, b.exponent);
  return { coefficient: rescale(a, exponent) + rescale(b, exponent), exponent };
}

export function subtract(a: Decimal, b: Decimal): Decimal {
  return add(a, { coefficient: -b.coefficient, exponent: b.exponent });
}

export function multiply(a: Decimal, b: Decimal): Decimal {
  return { coefficient: a.coefficient * b.coefficient, exponent: a.exponent + b.exponent };
}

function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value;
}

/** Rounds half away from zero after 16 digits behind the point. */
export function divide(a: Decimal, b: Decimal): Decimal {
  if (b.coefficient === 0n) throw new FunctionError('decimal division by 0');
  const power = a.exponent - b.exponent + DIVISION_PRECISION;
  const numerator = power < 0 ? a.coefficient : a.coefficient * 10n ** BigInt(power);
  const denominator = power < 0 ? b.coefficient * 10n ** BigInt(-power) : b.coefficient;
  const quotient = numerator / denominator;
  const remainder = magnitude(numerator % denominator);
  const isUp = 2n * remainder >= magnitude(denominator);
  const away = numerator < 0n === denominator < 0n ? 1n : -1n;
  return { coefficient: isUp ? quotient + away : quotient, exponent: -DIVISION_PRECISION };
}
