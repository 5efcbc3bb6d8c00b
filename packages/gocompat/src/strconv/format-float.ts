// SPDX-License-Identifier: Apache-2.0

/** Formats of a float: `e`/`E` with exponent, `f`/`F` without, `g`/`G` whichever is shorter, `b` mantissa and binary exponent, `x`/`X` hexadecimal. */
export type FloatFormat = 'e' | 'E' | 'f' | 'F' | 'g' | 'G' | 'b' | 'x' | 'X';

/** Decimal digits without leading zeros: the value is 0.DIGITS × 10^point. */
interface Decimal {
  readonly digits: string;
  readonly point: number;
}

/**
 * `strconv.FormatFloat`.
 *
 * @param precision digits after the point (`e`, `f`, `x`) or significant digits (`g`); -1 for the fewest that read back the same
 * @param bits 32 when the value was a float32
 * Source: Go 1.26 strconv/ftoa.go
 */
export function formatFloat(
  value: number,
  format: FloatFormat,
  precision: number,
  bits: 32 | 64 = 64,
): string {
  if (Number.isNaN(value)) return 'NaN';
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const magnitude = Math.abs(value);
  if (magnitude === Number.POSITIVE_INFINITY) return sign === '-' ? '-Inf' : '+Inf';
  switch (format) {
    case 'b':
      return sign + binary(magnitude, bits);
    case 'x':
    case 'X': {
      const text = hexadecimal(magnitude, precision, bits);
      return sign + (format === 'X' ? text.toUpperCase() : text);
    }
    case 'f':
    case 'F':
      return sign + fixed(magnitude, precision, bits);
    case 'e':
    case 'E':
      return sign + exponential(magnitude, precision, { bits, letter: format });
    default:
      return sign + general(magnitude, precision, { bits, letter: format === 'G' ? 'E' : 'e' });
  }
}

function fixed(value: number, precision: number, bits: 32 | 64): string {
  const decimal =
    precision < 0 ? shortest(value, bits) : roundAt(value, (point) => point + precision);
  return plain(
    decimal,
    precision < 0 ? Math.max(decimal.digits.length - decimal.point, 0) : precision,
  );
}

interface ExponentStyle {
  readonly bits: 32 | 64;
  readonly letter: 'e' | 'E';
}

function exponential(value: number, precision: number, style: ExponentStyle): string {
  const decimal = precision < 0 ? shortest(value, style.bits) : roundAt(value, () => precision + 1);
  return scientific(decimal, precision < 0 ? decimal.digits.length - 1 : precision, style.letter);
}

function general(value: number, precision: number, style: ExponentStyle): string {
  const isShortest = precision < 0;
  const wanted = precision === 0 ? 1 : precision;
  const decimal = trimZeros(
    isShortest ? shortest(value, style.bits) : roundAt(value, () => wanted),
  );
  const count = decimal.digits.length;
  let bound = isShortest ? 6 : wanted;
  if (!isShortest && bound > count && count >= decimal.point) bound = count;
  const exponent = decimal.point - 1;
  if (value !== 0 && (exponent < -4 || exponent >= bound)) {
    return scientific(decimal, Math.max(count, 1) - 1, style.letter);
  }
  return plain(decimal, Math.max(count - decimal.point, 0));
}

function trimZeros({ digits, point }: Decimal): Decimal {
  const trimmed = digits.replace(/0+$/, '');
  return { digits: trimmed, point: trimmed === '' ? 0 : point };
}

function plain({ digits, point }: Decimal, places: number): string {
  const whole = point > 0 ? digits.slice(0, point).padEnd(point, '0') : '0';
  if (places <= 0) return whole;
  const lead = point < 0 ? '0'.repeat(Math.min(-point, places)) : '';
  const rest = lead + digits.slice(Math.max(point, 0));
  return `${whole}.${rest.slice(0, places).padEnd(places, '0')}`;
}

function scientific({ digits, point }: Decimal, places: number, letter: 'e' | 'E'): string {
  const exponent = digits === '' ? 0 : point - 1;
  const rest = digits.slice(1, places + 1).padEnd(Math.max(places, 0), '0');
  const sign = exponent < 0 ? '-' : '+';
  const text = String(Math.abs(exponent)).padStart(2, '0');
  return `${digits.charAt(0) || '0'}${places > 0 ? `.${rest}` : ''}${letter}${sign}${text}`;
}

/** The fewest digits that read back as the same float. */
function shortest(value: number, bits: 32 | 64): Decimal {
  if (value === 0) return { digits: '', point: 0 };
  if (bits === 32) return shortest32(Math.fround(value));
  const [mantissa = '', exponent = '0'] = value.toExponential().split('e');
  return trimZeros({ digits: mantissa.replace('.', ''), point: Number(exponent) + 1 });
}

function shortest32(single: number): Decimal {
  for (let count = 1; ; count++) {
    const decimal = roundAt(single, () => count);
    if (Math.fround(Number(`0.${decimal.digits}e${decimal.point}`)) === single) {
      return trimZeros(decimal);
    }
  }
}

/** The exact decimal value, rounded half to even at a number of digits that may depend on the decimal point. */
function roundAt(value: number, digitsWanted: (point: number) => number): Decimal {
  const { digits, point } = exact(value);
  const count = digitsWanted(point);
  if (count >= digits.length) return { digits, point };
  if (count < 0) return { digits: '', point: 0 };
  const kept = digits.slice(0, count);
  if (!mustRoundUp(digits, count))
    return kept === '' ? { digits: '', point: 0 } : { digits: kept, point };
  const up = (BigInt(kept === '' ? '0' : kept) + 1n).toString();
  return { digits: up, point: point + up.length - kept.length };
}

function mustRoundUp(digits: string, count: number): boolean {
  const next = digits.charCodeAt(count) - 0x30;
  if (next !== 5 || digits.length > count + 1) return next >= 5;
  return count > 0 && (digits.charCodeAt(count - 1) - 0x30) % 2 === 1;
}

/** Mantissa and exponent: value = mantissa × 2^exponent. */
function decompose(value: number): { mantissa: bigint; exponent: number } {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const raw = view.getBigUint64(0);
  const biased = Number((raw >> 52n) & 0x7ffn);
  const fraction = raw & 0xfffffffffffffn;
  return biased === 0
    ? { mantissa: fraction, exponent: -1074 }
    : { mantissa: fraction | (1n << 52n), exponent: biased - 1075 };
}

function exact(value: number): Decimal {
  if (value === 0) return { digits: '', point: 0 };
  const { mantissa, exponent } = decompose(value);
  const digits =
    exponent >= 0
      ? (mantissa << BigInt(exponent)).toString()
      : (mantissa * 5n ** BigInt(-exponent)).toString();
  return trimZeros({ digits, point: digits.length + Math.min(exponent, 0) });
}

function binary(value: number, bits: 32 | 64): string {
  const { mantissa, exponent } = decompose(value);
  if (bits === 64) return `${mantissa}p${exponent < 0 ? '' : '+'}${exponent}`;
  // Below -149 the last bits of a float32 are gone.
  const shift = value === 0 ? 0 : Math.max(29, -149 - exponent);
  const exponent32 = value === 0 ? -149 : exponent + shift;
  return `${mantissa >> BigInt(shift)}p${exponent32 < 0 ? '' : '+'}${exponent32}`;
}

/** `0x1.MANTISSAp±EE`; rounds half to even at `precision` hexadecimal digits. */
function hexadecimal(value: number, precision: number, bits: 32 | 64): string {
  let { mantissa, exponent } = decompose(value);
  if (mantissa === 0n) exponent = 0;
  else {
    while (mantissa < 1n << 52n) {
      mantissa <<= 1n;
      exponent--;
    }
    exponent += 52;
  }
  mantissa <<= 8n; // 60 bits after the leading one: 15 digits
  if (precision >= 0 && precision < 15) {
    const drop = BigInt(60 - precision * 4);
    const half = 1n << (drop - 1n);
    const rest = mantissa & ((1n << drop) - 1n);
    mantissa >>= drop;
    if (rest > half || (rest === half && (mantissa & 1n) === 1n)) mantissa++;
    mantissa <<= drop;
    if (mantissa >= 1n << 61n) {
      mantissa >>= 1n;
      exponent++;
    }
  }
  const lead = mantissa >> 60n;
  let digits = (mantissa & ((1n << 60n) - 1n)).toString(16).padStart(15, '0');
  digits =
    precision < 0 ? digits.replace(/0+$/, '') : digits.slice(0, precision).padEnd(precision, '0');
  void bits;
  const sign = exponent < 0 ? '-' : '+';
  return `0x${lead}${digits === '' ? '' : `.${digits}`}p${sign}${String(Math.abs(exponent)).padStart(2, '0')}`;
}
