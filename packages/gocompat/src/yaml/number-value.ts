// SPDX-License-Identifier: Apache-2.0

/** What YAML numbers become as values. Source: sigs.k8s.io/yaml v1.6.0, k8s.io/apimachinery (json numbers) */

import { int64, intOf, type Value } from '../value/value.ts';
import { jsonFloat } from './numbers.ts';

/**
 * What numbers become: `float64` all (encoding/json into `interface{}`); `int64orFloat64` as apimachinery
 * reads objects; `exact` integers up to 64 bits as they stand (what YAMLToJSON writes).
 */
export type YamlNumbers = 'float64' | 'int64orFloat64' | 'exact';

export const MAX_INT64 = 0x7fffffffffffffffn;
const MIN_INT64 = -0x8000000000000000n;

export function integerValue(value: number | bigint, numbers: YamlNumbers): Value {
  if (numbers === 'float64') return Number(value);
  if (typeof value === 'number' || value <= MAX_INT64) return int64(value);
  return numbers === 'exact' ? intOf('uint64', value) : Number(value);
}

/** @param value finite */
export function floatValue(value: number, numbers: YamlNumbers): Value {
  if (numbers !== 'int64orFloat64') return value;
  // apimachinery reads the JSON text again: what was written without point and exponent is an integer.
  if (!Number.isInteger(value) || Math.abs(value) >= 1e21) return value;
  const integer = BigInt(jsonFloat(value));
  return integer >= MIN_INT64 && integer <= MAX_INT64 ? int64(integer) : value;
}
