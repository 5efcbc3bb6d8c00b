// SPDX-License-Identifier: Apache-2.0

/** Functions that choose between values. Source: Masterminds/sprig v3.3.0 defaults.go */

import { types, type Value } from '@helm-operator/gocompat';
import type { TemplateFunction } from '@helm-operator/gotemplate';
import { define } from './define.ts';
import { FunctionError } from './errors.ts';
import { isEmpty } from './reflect.ts';

const { any, bool } = types;

function isSet(value: Value): boolean {
  return !isEmpty(value);
}

/** Sprig's functions over empty and set values, and `fail`. */
export const defaultFunctions: readonly TemplateFunction[] = [
  define('default', ['any', '...any'], any, (fallback, given = null) =>
    isEmpty(given) ? fallback : given,
  ),
  define('empty', ['any'], bool, isEmpty),
  define('coalesce', ['...any'], any, (...values) => values.find(isSet) ?? null),
  define('all', ['...any'], bool, (...values) => values.every(isSet)),
  define('any', ['...any'], bool, (...values) => values.some(isSet)),
  define('ternary', ['any', 'any', 'bool'], any, (yes, no, condition) => (condition ? yes : no)),
  define('fail', ['string'], types.string, (message) => {
    throw new FunctionError(message);
  }),
];
