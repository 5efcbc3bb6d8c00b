// SPDX-License-Identifier: Apache-2.0

import {
  quote,
  parseFloat as readFloat,
  parseInt as readInt,
  parseUint as readUint,
  unquote,
} from '@helm-operator/gocompat';
import type { NumberNode } from '../node.ts';

/**
 * Reads number constants: every Go type that holds the constant exactly gets its reading.
 *
 * Source: Go 1.26 text/template/parse/node.go newNumber
 */

type Reading = Omit<NumberNode, 'kind' | 'pos' | 'text'>;

const MAX_INT64 = (1n << 63n) - 1n;
const MIN_INT64 = -(1n << 63n);
const MAX_UINT64 = (1n << 64n) - 1n;

/** @throws {Error} with the text Go gives after `template: name:line: ` */
export function readNumber(
  kind: 'number' | 'complex' | 'char-constant',
  pos: number,
  text: string,
): NumberNode {
  return { kind: 'number', pos, text, ...reading(kind, text) };
}

function reading(kind: 'number' | 'complex' | 'char-constant', text: string): Reading {
  if (kind === 'char-constant') return readChar(text);
  if (kind === 'complex') return readComplex(text);
  if (text.endsWith('i')) {
    const im = attempt(() => readFloat(text.slice(0, -1), 64));
    if (im !== undefined) return simplify(0, im);
  }
  return readReal(text);
}

function readReal(text: string): Reading {
  const int = attempt(() => readInt(text, 0, 64));
  // Go's ParseUint takes no sign, hence -0 is fixed here.
  const uint = attempt(() => readUint(text, 0, 64)) ?? (int === 0n ? 0n : undefined);
  const whole = int ?? uint;
  if (whole !== undefined) return { int, uint, float: Number(whole) };
  const float = attempt(() => readFloat(text, 64));
  if (float === undefined) throw new Error(`illegal number syntax: ${quote(text)}`);
  if (!/[.eEpP]/.test(text)) throw new Error(`integer overflow: ${quote(text)}`);
  return { float, ...integersOf(float) };
}

/** The integers equal to a float, as Go's conversions on amd64 find them. */
function integersOf(float: number): Reading {
  if (!Number.isInteger(float)) return {};
  const whole = BigInt(float);
  return {
    int: whole >= MIN_INT64 && whole <= MAX_INT64 ? whole : undefined,
    uint: whole >= 0n && whole <= MAX_UINT64 ? whole : undefined,
  };
}

function simplify(re: number, im: number): Reading {
  const complex = { re, im };
  return im === 0 ? { complex, float: re, ...integersOf(re) } : { complex };
}

function readComplex(text: string): Reading {
  // The sign between the parts, not one of an exponent.
  const split = /^(.*[^eEpP])([+-].+)i$/s.exec(text);
  if (split === null) throw new Error('syntax error scanning complex number');
  return simplify(readFloat(split[1] ?? '', 64), readFloat(split[2] ?? '', 64));
}

/** Longest escape between the quotes: `\U0010FFFF`. */
const LONGEST_CHAR = 10;

function readChar(text: string): Reading {
  // Go's template parser knows no empty constant, its Unquote does.
  const char = text === "''" ? undefined : attempt(() => unquote(text));
  if (char === undefined) {
    const inner = text.slice(1);
    for (let end = 1; end <= LONGEST_CHAR && end < inner.length; end++) {
      if (attempt(() => unquote(`'${inner.slice(0, end)}'`)) !== undefined) {
        throw new Error(`malformed character constant: ${text}`);
      }
    }
    throw new Error('invalid syntax');
  }
  const code = char.codePointAt(0) ?? 0;
  // A byte that is no UTF-8 is held as a lone surrogate; as a constant it is that byte.
  const rune = code >= 0xdc80 && code <= 0xdcff ? code - 0xdc00 : code;
  return { int: BigInt(rune), uint: BigInt(rune), float: rune };
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof Error) return undefined;
    throw error;
  }
}
