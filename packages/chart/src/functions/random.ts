// SPDX-License-Identifier: Apache-2.0

/** Random texts and numbers. Source: Masterminds/sprig v3.3.0; Masterminds/goutils v1.1.1 CryptoRandom */

import { int, types } from '@helm-operator/gocompat';
import type { TemplateFunction } from '@helm-operator/gotemplate';
import { encodeBase64 } from './base-n.ts';
import { MAX_TEXT_BYTES } from './bytes.ts';
import { define } from './define.ts';
import { FunctionError, FunctionLimitError } from './errors.ts';
import type { FunctionPorts } from './ports.ts';
import { RandomSource } from './random-source.ts';
import { runesOf, stringOf } from './unicode.ts';

const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const LETTERS = UPPER + UPPER.toLowerCase();
const DIGITS = '0123456789';
const FIRST_PRINTABLE = 32;
const PRINTABLE_COUNT = 95;
const PRINTABLE = String.fromCharCode(
  ...Array.from({ length: PRINTABLE_COUNT }, (_, i) => FIRST_PRINTABLE + i),
);

const UUID_BYTES = 16;

function checkedCount(count: number): number {
  if (count > MAX_TEXT_BYTES) throw new FunctionLimitError('bytes', MAX_TEXT_BYTES);
  return Math.max(count, 0);
}

function randomBytes(count: number, ports: FunctionPorts): string {
  if (count < 0) throw new FunctionError('runtime error: makeslice: len out of range');
  return encodeBase64(ports.randomBytes(checkedCount(count)));
}

/** A version 4 UUID of the RFC 9562 variant. */
function uuid(ports: FunctionPorts): string {
  const bytes = ports.randomBytes(UUID_BYTES);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return [
    [0, 8],
    [8, 12],
    [12, 16],
    [16, 20],
    [20, 32],
  ]
    .map(([from, to]) => hex.slice(from, to))
    .join('-');
}

function shuffle(text: string, source: RandomSource): string {
  if (text === '') return '';
  const runes = runesOf(text);
  for (let i = runes.length - 1; i > 0; i--) {
    const j = Number(source.below(BigInt(i + 1)));
    const kept = runes[i] ?? 0;
    runes[i] = runes[j] ?? 0;
    runes[j] = kept;
  }
  return stringOf(runes);
}

function randInt(min: bigint, max: bigint, source: RandomSource): bigint {
  const range = BigInt.asIntN(64, max - min);
  if (range <= 0n) throw new FunctionError('invalid argument to Intn');
  return min + source.below(range);
}

/** Sprig's random functions, drawing from the random port. */
export function randomFunctions(ports: FunctionPorts): readonly TemplateFunction[] {
  const source = new RandomSource(ports);
  const text = (name: string, alphabet: string): TemplateFunction =>
    define(name, ['size'], types.string, (count) => source.text(alphabet, checkedCount(count)));
  return [
    text('randAlphaNum', LETTERS + DIGITS),
    text('randAlpha', LETTERS),
    text('randNumeric', DIGITS),
    text('randAscii', PRINTABLE),
    define('randBytes', ['size'], types.string, (count) => randomBytes(count, ports)),
    define('randInt', ['int', 'int'], types.int, (min, max) => int(randInt(min, max, source))),
    define('uuidv4', [], types.string, () => uuid(ports)),
    define('shuffle', ['string'], types.string, (given) => shuffle(given, source)),
  ];
}
