// SPDX-License-Identifier: Apache-2.0

import { type GoType, Typed, type Value } from '@helm-operator/gocompat';
import type { Callee } from '../exec/call.ts';
import type { Machine } from '../exec/machine.ts';
import {
  canBeNil,
  isEmptyInterface,
  type Result,
  reflectValue,
  typeName,
  zeroOf,
} from '../exec/reflect.ts';
import type { TemplateFunction } from '../function-table.ts';

/**
 * `call`: its first argument is a function, a `Typed` of kind `func` whose data is a `TemplateFunction`.
 *
 * Source: Go 1.26 text/template/funcs.go call, prepareArg
 */

/** @param name the function as errors show it; `undefined` where it comes down the pipeline */
export function bindCall(name: string | undefined): Callee {
  return {
    params: [reflectValue, reflectValue],
    isVariadic: true,
    result: reflectValue,
    call: ([fn, ...args], m) => callValue(m, name, fn, args),
  };
}

function callValue(
  m: Machine,
  name: string | undefined,
  fn: Result,
  args: readonly Result[],
): Result {
  if (fn === undefined || fn === null) throw new Error('call of nil');
  const shown = name ?? (typeof fn === 'string' ? fn : `<${typeName(fn)} Value>`);
  if (!(fn instanceof Typed) || fn.type.kind !== 'func') {
    throw new Error(`non-function ${shown} of type ${typeName(fn)}`);
  }
  const target = fn.data as TemplateFunction;
  const wrong = wrongCount(shown, target, args.length);
  if (wrong !== undefined) throw new Error(wrong);
  const last = target.params.length - 1;
  const argv = args.map((arg, i) => prepare(arg ?? undefined, i, target.params[Math.min(i, last)]));
  return target.call(argv, m.run);
}

function wrongCount(name: string, target: TemplateFunction, got: number): string | undefined {
  const want = target.params.length;
  if (target.isVariadic === true) {
    if (got >= want - 1) return undefined;
    return `wrong number of args for ${name}: got ${got} want at least ${want - 1}`;
  }
  return got === want ? undefined : `wrong number of args for ${name}: got ${got} want ${want}`;
}

function prepare(value: Result, index: number, type: GoType | undefined): Value {
  if (type === undefined) throw new Error(`arg ${index}: no such parameter`);
  if (value === undefined || value === null) {
    if (canBeNil(type)) return zeroOf(type) ?? null;
    throw new Error(`arg ${index}: value is nil; should be of type ${type.name}`);
  }
  if (isEmptyInterface(type) || typeName(value) === type.name) return value;
  throw new Error(`arg ${index}: value has type ${typeName(value)}; should be ${type.name}`);
}
