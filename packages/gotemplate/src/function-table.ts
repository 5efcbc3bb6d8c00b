// SPDX-License-Identifier: Apache-2.0

import { type GoType, types, type Value } from '@helm-operator/gocompat';
import type { Budget } from './budget.ts';
import type { RunObserver } from './observer.ts';

/** What one rendering carries through every template and function it runs. */
export interface Run {
  readonly budget: Budget;
  /** Belongs to whoever started the run (the chart engine); this room never looks inside. */
  readonly state: unknown;
  readonly observer?: RunObserver | undefined;
}

/** The place of a call in the templates. */
export interface Place {
  /** `template:line:column`; the column counts bytes from 0. */
  where(): string;
}

/** A function as templates call it: its Go signature and its work. */
export interface TemplateFunction {
  readonly name: string;
  /**
   * Parameter types as Go's reflection sees them. With `isVariadic` the last entry is the type of *each* variadic
   * argument (`types.any` for `...interface{}`), not of the slice.
   */
  readonly params: readonly GoType[];
  readonly isVariadic?: boolean | undefined;
  /** `types.any` for a result of type `interface{}`: a `null` result is then a nil interface, else a nil of this type. */
  readonly result: GoType;
  /**
   * Called with arguments already converted to `params`; variadic ones follow flat.
   * @param place where; absent where a function is called by another one (`call`)
   * @throws {Error} its message becomes `error calling NAME: MESSAGE`
   */
  readonly call: (args: readonly Value[], run: Run, place?: Place) => Value;
}

/** Functions by the name templates use; they hide builtins of the same name. */
export type FunctionTable = ReadonlyMap<string, TemplateFunction>;

/**
 * A function that takes whatever it is given, for tables of one's own.
 *
 * @param call throws an Error to fail; its message becomes `error calling NAME: MESSAGE`
 */
export function defineFunction(
  name: string,
  call: (...args: readonly Value[]) => Value,
): TemplateFunction {
  return {
    name,
    params: [types.any],
    isVariadic: true,
    result: types.any,
    call: (args) => call(...args),
  };
}
