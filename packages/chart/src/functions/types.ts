// SPDX-License-Identifier: Apache-2.0

/** Functions that name Go types. Source: Masterminds/sprig v3.3.0 reflect.go */

import { deepEqual, typeOf as goTypeOf, types, type Value } from '@helm-operator/gocompat';
import type { TemplateFunction } from '@helm-operator/gotemplate';
import { define } from './define.ts';
import { kindOf } from './reflect.ts';

function typeName(value: Value): string {
  return goTypeOf(value)?.name ?? '<nil>';
}

/** Sprig's functions over types. */
export const typeFunctions: readonly TemplateFunction[] = [
  define('typeOf', ['any'], types.string, typeName),
  define('typeIs', ['string', 'any'], types.bool, (name, value) => name === typeName(value)),
  define('typeIsLike', ['string', 'any'], types.bool, (name, value) => {
    const actual = typeName(value);
    return name === actual || `*${name}` === actual;
  }),
  define('kindOf', ['any'], types.string, kindOf),
  define('kindIs', ['string', 'any'], types.bool, (kind, value) => kind === kindOf(value)),
  define('deepEqual', ['any', 'any'], types.bool, deepEqual),
];
