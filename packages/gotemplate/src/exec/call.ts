// SPDX-License-Identifier: Apache-2.0

import { type GoType, Typed, types, type Value } from '@helm-operator/gocompat';
import { BudgetError, OutputLimitError, StackLimitError } from '../budget.ts';
import type { NilNode } from '../node.ts';
import { convert, type LiteralNode, literal } from './convert.ts';
import type { Eval, Machine } from './machine.ts';
import { kindOfRef, type NodeRef } from './node-ref.ts';
import { canBeNil, type Result, reflectValue, zeroOf } from './reflect.ts';

/**
 * Calls functions and methods: counts and converts arguments, names the failure.
 *
 * Source: Go 1.26 text/template/exec.go evalCall, evalArg
 */

/** An argument as compiled; literals and `nil` have no evaluation before their type is known. */
export interface Operand {
  readonly node: NodeRef;
  readonly value: Eval | LiteralNode | NilNode;
}

/** Where and with what a function is called. */
export interface CallSite {
  readonly name: string;
  /** What a failure of the function itself is reported at. */
  readonly node: NodeRef;
  readonly args: readonly Operand[];
  /** Does a pipeline hand over a last argument? */
  readonly hasFinal: boolean;
  /** The first argument as Go prints it, where errors of the function name it. */
  readonly firstArgument?: string | undefined;
}

/** What is called. Builtins see Go's invalid values, functions of charts get nil instead. */
export interface Callee {
  readonly params: readonly GoType[];
  readonly isVariadic?: boolean | undefined;
  readonly result: GoType;
  /** Arguments from this one on come as a `Typed` interface where they are inside one (`slice` looks no deeper). */
  readonly boxedFrom?: number | undefined;
  /** Is its result inside an interface? `undefined`: `m.isBoxed` stays as the arguments left it. */
  readonly boxesResult?: boolean | undefined;
  readonly call: (args: readonly Value[], m: Machine) => Result;
}

/** A call with everything known but the values; `final` counts where the site has one. */
export type Call = (m: Machine, final: Result) => Result;

export function linkCall(site: CallSite, callee: Callee): Call {
  const wrong = wrongCount(site, callee);
  if (wrong !== undefined) return (m) => m.fail(wrong);
  const { name, node, hasFinal } = site;
  const { boxedFrom = site.args.length } = callee;
  const evals = site.args.map((arg, i) =>
    i < boxedFrom ? linkArg(arg, paramType(callee, i)) : linkBoxed(arg),
  );
  const finalType = paramType(callee, evals.length);
  const { call, result, boxesResult } = callee;
  const count = evals.length + (hasFinal ? 1 : 0);
  return (m, final) => {
    const argv = new Array<Result>(count);
    for (let i = 0; i < evals.length; i++) argv[i] = evals[i]?.(m);
    if (hasFinal) argv[evals.length] = convert(m, final, finalType);
    m.budget.spendSteps();
    let value: Result;
    try {
      // Only builtins declare `reflect.Value` parameters, so only they can meet `undefined`.
      value = call(argv as Value[], m);
    } catch (error) {
      throw failed(m, node, name, error);
    }
    if (boxesResult !== undefined) m.isBoxed = boxesResult;
    return value === null ? nilOf(result) : value;
  };
}

function nilOf(type: GoType): Value {
  return type.kind !== 'interface' && canBeNil(type) && type !== reflectValue
    ? new Typed(type, null)
    : null;
}

function paramType({ params, isVariadic }: Callee, index: number): GoType {
  const last = params.length - 1;
  return params[isVariadic === true ? Math.min(index, last) : index] ?? reflectValue;
}

function wrongCount({ name, args, hasFinal }: CallSite, callee: Callee): string | undefined {
  const want = callee.params.length;
  const got = args.length + (hasFinal ? 1 : 0);
  if (callee.isVariadic !== true) {
    if (got === want) return undefined;
    return `wrong number of args for ${name}: want ${want} got ${got}`;
  }
  if (got >= want - 1) return undefined;
  // Go leaves the piped argument out of this count.
  return `wrong number of args for ${name}: want at least ${want - 1} got ${args.length}`;
}

/** The argument, evaluated and converted to the type. */
export function linkArg({ node, value: operand }: Operand, type: GoType): Eval {
  if (typeof operand !== 'function') {
    return operand.kind === 'nil' ? linkNil(node, type) : literal(operand, type);
  }
  const evaluate = operand;
  if (type === reflectValue) {
    return (m) => {
      m.node = node;
      return evaluate(m);
    };
  }
  return (m) => {
    m.node = node;
    const value = evaluate(m);
    return typeof value === 'string' && type.name === 'string' ? value : convert(m, value, type);
  };
}

/** The argument, still inside its interface where it is in one. */
function linkBoxed(operand: Operand): Eval {
  const evaluate = linkArg(operand, reflectValue);
  const kind = kindOfRef(operand.node);
  if (kind !== 'field' && kind !== 'variable' && kind !== 'dot' && kind !== 'chain')
    return evaluate;
  return (m) => {
    const value = evaluate(m);
    return m.isBoxed && value !== undefined ? new Typed(types.any, value) : value;
  };
}

function linkNil(node: NodeRef, type: GoType): Eval {
  if (!canBeNil(type)) {
    return (m) => {
      m.node = node;
      return m.fail('cannot assign nil to %s', type.name);
    };
  }
  const zero = zeroOf(type);
  return (m) => {
    m.node = node;
    return zero;
  };
}

/** The failure of a function, as an error of the template; limits pass through with their place. */
export function failed(m: Machine, node: NodeRef, name: string, error: unknown): unknown {
  if (error instanceof BudgetError) return locate(m, node, error);
  if (isStackOverflow(error)) return locate(m, node, new StackLimitError(m.budget.depth));
  if (isTooLarge(error)) return locate(m, node, new OutputLimitError(LONGEST_STRING));
  m.node = node;
  const message = error instanceof Error ? error.message : String(error);
  return m.failure('error calling %s: %s', [name, message], error);
}

function locate(m: Machine, node: NodeRef, error: BudgetError): BudgetError {
  m.node = node;
  return error.locate(m.where());
}

/** Longest string V8 can hold, in UTF-16 units. */
export const LONGEST_STRING: number = 2 ** 29 - 24;

/** A text, list or map that the language cannot hold. */
export function isTooLarge(error: unknown): boolean {
  return (
    error instanceof RangeError &&
    /^(?:Invalid string length|Invalid array length|Map maximum size exceeded|Array buffer allocation failed)/.test(
      error.message,
    )
  );
}

/** V8 and JavaScriptCore, then SpiderMonkey. */
export function isStackOverflow(error: unknown): boolean {
  return (
    (error instanceof RangeError && error.message.startsWith('Maximum call stack')) ||
    (error instanceof Error && error.message === 'too much recursion')
  );
}
