// SPDX-License-Identifier: Apache-2.0

/** Comparisons of JSONPath filters. Source: k8s.io/client-go v0.36 third_party/forked/golang/template/funcs.go. */

import { compareBytes } from '../text/text.ts';
import { Int, type Value } from '../value/value.ts';
import { JsonPathError } from './nodes.ts';

type Scalar = boolean | string | number | bigint;

/**
 * @throws {JsonPathError} `gocompat/json-path`: not of one kind (`1` is an integer, what YAML holds a fraction), or no order
 */
export function compareByOperator(operator: string, left: Value, right: Value): boolean {
  const [a, b] = [scalarOf(left), scalarOf(right)];
  switch (operator) {
    case '==':
      return isEqual(a, b);
    case '!=':
      return !isEqual(a, b);
    case '<':
      return isLess(a, b);
    case '<=':
      return isLess(a, b) || isEqual(a, b);
    case '>':
      return !(isLess(a, b) || isEqual(a, b));
    case '>=':
      return !isLess(a, b);
    default:
      throw new JsonPathError(`unrecognized filter operator ${operator}`);
  }
}

function scalarOf(value: Value): Scalar {
  if (value instanceof Int) return value.value;
  if (typeof value === 'boolean' || typeof value === 'string' || typeof value === 'number')
    return value;
  throw new JsonPathError('invalid type for comparison');
}

function checkSameKind(a: Scalar, b: Scalar): void {
  if (typeof a !== typeof b) throw new JsonPathError('incompatible types for comparison');
}

function isEqual(a: Scalar, b: Scalar): boolean {
  checkSameKind(a, b);
  return a === b;
}

function isLess(a: Scalar, b: Scalar): boolean {
  checkSameKind(a, b);
  if (typeof a === 'boolean') throw new JsonPathError('invalid type for comparison');
  return typeof a === 'string' && typeof b === 'string' ? compareBytes(a, b) < 0 : a < b;
}
