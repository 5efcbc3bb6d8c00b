// SPDX-License-Identifier: Apache-2.0

import {
  type GoType,
  int,
  sprint,
  sprintf,
  sprintln,
  types,
  type Value,
} from '@helm-operator/gocompat';
import type { Callee } from './exec/call.ts';

import { isTrue, type Result, reflectValue } from './exec/reflect.ts';
import { bindCall } from './funcs/call.ts';
import { indexInto, lengthOf, sliceOf } from './funcs/collection.ts';
import { areEqual, isLess, isLessOrEqual } from './funcs/compare.ts';
import { escapeHtml, escapeJs, escapeQuery, textOf } from './funcs/escape.ts';

/**
 * The functions every template has; a function of the same name in the set's table hides one.
 *
 * Source: Go 1.26 text/template/funcs.go
 */
export interface Builtin extends Callee {
  /** `call` needs to know how its first argument is written. */
  readonly bind?: ((firstArgument: string | undefined) => Callee) | undefined;
}

/** Takes one value and any number of others, as they are. */
function valuesFunction(result: GoType, call: (args: readonly Result[]) => Result): Builtin {
  return { params: [reflectValue, reflectValue], isVariadic: true, result, call };
}

/** `and` and `or` are forms of the compiler, which evaluates their arguments one by one; here their count is checked. */
const branching: Builtin = valuesFunction(reflectValue, ([first]) => first);

function comparison(holds: (a: Result, b: Result) => boolean): Builtin {
  const params = [reflectValue, reflectValue];
  return { params, result: types.bool, call: ([a, b]) => holds(a, b) };
}

function printing(print: (args: readonly Value[]) => string): Builtin {
  return { params: [types.any], isVariadic: true, result: types.string, call: print };
}

export const builtins: ReadonlyMap<string, Builtin> = new Map<string, Builtin>([
  ['and', branching],
  ['or', branching],
  ['call', { ...bindCall(undefined), bind: bindCall }],
  ['eq', valuesFunction(types.bool, ([first, ...others]) => areEqual(first, others))],
  ['ne', comparison((a, b) => !areEqual(a, [b]))],
  ['lt', comparison(isLess)],
  ['le', comparison(isLessOrEqual)],
  ['gt', comparison((a, b) => !isLessOrEqual(a, b))],
  ['ge', comparison((a, b) => !isLess(a, b))],
  ['html', printing((args) => escapeHtml(textOf(args)))],
  ['js', printing((args) => escapeJs(textOf(args)))],
  ['urlquery', printing((args) => escapeQuery(textOf(args)))],
  ['index', valuesFunction(reflectValue, indexInto)],
  ['slice', { ...valuesFunction(reflectValue, sliceOf), boxedFrom: 1 }],
  ['len', { params: [reflectValue], result: types.int, call: ([item]) => int(lengthOf(item)) }],
  ['not', { params: [reflectValue], result: types.bool, call: ([value]) => !isTrue(value) }],
  ['print', printing((args) => sprint(args))],
  ['println', printing((args) => sprintln(args))],
  [
    'printf',
    {
      params: [types.string, types.any],
      isVariadic: true,
      result: types.string,
      call: ([format, ...args]) => sprintf(typeof format === 'string' ? format : '', args),
    },
  ],
]);
