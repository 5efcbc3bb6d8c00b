// SPDX-License-Identifier: Apache-2.0
import { formatFloat } from '../strconv/format-float.ts';

/** Go's big.Rat refuses larger exponents. */
const MAX_EXPONENT = 1_000_000;
const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([-+]?\d+))?$/;
const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** A decimal number: its text, and exactly `digits * 10 ** exponent`. */
export class Numeral {
  /** As written, or as Go's `%v` prints it. */
  readonly text: string;
  readonly #digits: bigint;
  readonly #exponent: number;

  constructor(text: string) {
    this.text = text;
    const [, sign = '', whole = '0', fraction = '', power = '0'] = DECIMAL.exec(text) ?? [];
    this.#digits = BigInt(sign + whole + fraction);
    this.#exponent = this.#digits === 0n ? 0 : Number(power) - fraction.length;
  }

  static of(value: number): Numeral {
    return new Numeral(formatFloat(value, 'g', -1, 64).replace('e+', 'e'));
  }

  /** Whether Go can calculate with it. */
  isUsable(): boolean {
    return Math.abs(this.#exponent) <= MAX_EXPONENT;
  }

  /** -1, 0 or 1. */
  compare(other: Numeral): number {
    const [a, b] = aligned(this, other);
    if (a === b) return 0;
    return a < b ? -1 : 1;
  }

  isInteger(): boolean {
    if (this.#exponent >= 0) return true;
    return this.#digits % 10n ** BigInt(-this.#exponent) === 0n;
  }

  isMultipleOf(other: Numeral): boolean {
    const [a, b] = aligned(this, other);
    return b !== 0n && a % b === 0n;
  }

  toNumber(): number {
    return Number(this.text);
  }

  /** As golang.org/x/text prints a float64 in English. */
  toString(): string {
    return localFloat(this.toNumber());
  }

  /** The digits of both with the same exponent. */
  static align(a: Numeral, b: Numeral): [bigint, bigint] {
    const exponent = Math.min(a.#exponent, b.#exponent);
    return [
      a.#digits * 10n ** BigInt(a.#exponent - exponent),
      b.#digits * 10n ** BigInt(b.#exponent - exponent),
    ];
  }
}

function aligned(a: Numeral, b: Numeral): [bigint, bigint] {
  return Numeral.align(a, b);
}

function localFloat(value: number): string {
  const text = formatFloat(value, 'g', -1, 64);
  const [mantissa = '', power] = text.split('e');
  if (power === undefined) return grouped(mantissa);
  const sign = power.startsWith('-') ? '⁻' : '';
  const digits = Array.from(power.slice(1), (digit) => SUPERSCRIPTS.charAt(Number(digit)));
  return `${mantissa}×10${sign}${digits.join('')}`;
}

/** Digits with commas between the thousands. */
export function grouped(text: string): string {
  const [whole = '', fraction] = text.split('.');
  const commas = whole.replaceAll(/\B(?=(?:\d{3})+$)/g, ',');
  return fraction === undefined ? commas : `${commas}.${fraction}`;
}
