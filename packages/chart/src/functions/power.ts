// SPDX-License-Identifier: Apache-2.0

/** Beyond this every power of ten is infinite or zero. */
const MAX_EXPONENT = 400;

/** A float as `mantissa` × 2^`exponent`, 0.5 ≤ mantissa < 1. */
interface Scaled {
  readonly mantissa: number;
  readonly exponent: number;
}

/** 10 = 0.625 × 2^4. */
const TEN: Scaled = { mantissa: 0.625, exponent: 4 };

/** Two steps, so that a factor stays finite where the product is. */
function scale({ mantissa, exponent }: Scaled): number {
  const half = Math.trunc(exponent / 2);
  return mantissa * 2 ** half * 2 ** (exponent - half);
}

/**
 * `math.Pow(10, places)` bit for bit: Go squares and multiplies, `**` rounds better.
 *
 * Source: Go 1.26 math/pow.go
 */
export function powerOfTen(places: number): number {
  if (places === 0) return 1;
  if (places === 1) return 10;
  const count = Math.abs(places);
  if (count > MAX_EXPONENT) return places > 0 ? Infinity : 0;
  let product = 1;
  let exponent = 0;
  let square = TEN;
  for (let left = count; left > 0; left >>= 1) {
    if ((left & 1) === 1) {
      product *= square.mantissa;
      exponent += square.exponent;
    }
    const mantissa = square.mantissa * square.mantissa;
    const isSmall = mantissa < 0.5;
    square = {
      mantissa: isSmall ? mantissa + mantissa : mantissa,
      exponent: square.exponent * 2 - (isSmall ? 1 : 0),
    };
  }
  return places < 0
    ? scale({ mantissa: 1 / product, exponent: -exponent })
    : scale({ mantissa: product, exponent });
}
