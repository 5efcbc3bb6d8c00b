// SPDX-License-Identifier: Apache-2.0

/** The texts of floats Go writes in YAML and JSON, without the generality of `strconv`. */

/** A JSON number as encoding/json writes a float64. `value` must be finite. */
export function jsonFloat(value: number): string {
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const size = Math.abs(value);
  const [digits, exponent] = parts(value);
  const sign = value < 0 ? '-' : '';
  if (size < 1e-6 || size >= 1e21) return sign + exponential(digits, exponent, 1);
  return sign + positional(digits, exponent);
}

/** As strconv.FormatFloat(value, 'g', -1, 64), with YAML's words for what is no number. */
export function yamlFloat(value: number): string {
  if (Number.isNaN(value)) return '.nan';
  if (!Number.isFinite(value)) return value > 0 ? '.inf' : '-.inf';
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const [digits, exponent] = parts(value);
  return general(value < 0, digits, exponent);
}

/** A float as a map key: shortest digits that give the same float32, as sigs.k8s.io/yaml does. */
export function floatKey(value: number): string {
  const narrow = Math.fround(value);
  if (Number.isNaN(narrow)) return '.nan';
  if (!Number.isFinite(narrow)) return narrow > 0 ? '.inf' : '-.inf';
  if (narrow === 0) return Object.is(narrow, -0) ? '-0' : '0';
  const [digits, exponent] = shortestFloat32(narrow);
  return general(narrow < 0, digits, exponent);
}

/** From this decimal exponent on, 'g' writes an exponent. */
const MAX_PLAIN_EXPONENT = 6;

/** Digits without point and the decimal exponent of the first one. */
function parts(value: number): [digits: string, exponent: number] {
  const [mantissa = '', exponent = '0'] = Math.abs(value).toExponential().split('e');
  return [mantissa.replace('.', ''), Number(exponent)];
}

/** Go's 'g' with shortest digits. */
function general(isNegative: boolean, digits: string, exponent: number): string {
  const sign = isNegative ? '-' : '';
  if (exponent < -4 || exponent >= MAX_PLAIN_EXPONENT) {
    return sign + exponential(digits, exponent, 2);
  }
  return sign + positional(digits, exponent);
}

function positional(digits: string, exponent: number): string {
  if (exponent < 0) return `0.${'0'.repeat(-exponent - 1)}${digits}`;
  if (digits.length <= exponent + 1) return digits.padEnd(exponent + 1, '0');
  return `${digits.slice(0, exponent + 1)}.${digits.slice(exponent + 1)}`;
}

function exponential(digits: string, exponent: number, minimumDigits: number): string {
  const point = digits.length > 1 ? `.${digits.slice(1)}` : '';
  const size = String(Math.abs(exponent)).padStart(minimumDigits, '0');
  return `${digits.slice(0, 1)}${point}e${exponent < 0 ? '-' : '+'}${size}`;
}

const FLOAT32_DIGITS = 9;

function shortestFloat32(value: number): [digits: string, exponent: number] {
  for (let count = 0; count < FLOAT32_DIGITS; count++) {
    const text = value.toExponential(count);
    if (Math.fround(Number(text)) === value) return parts(Number(text));
  }
  return parts(value);
}
