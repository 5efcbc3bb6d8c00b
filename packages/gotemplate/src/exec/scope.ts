// SPDX-License-Identifier: Apache-2.0

import { ROOT_SLOT, SLOTS_PER_VARIABLE } from './machine.ts';

/**
 * Which slot a variable lives in, found while compiling.
 *
 * Go finds variables by name on a stack while executing. Names and order of declarations are known before, so slots can
 * be too, but for one case: `{{or .a ($x := 1)}}` declares `$x` only when the argument is evaluated.
 */
export interface Variable {
  readonly name: string;
  readonly slot: number;
  /** Declared inside an argument that may be skipped: empty until then. */
  readonly isConditional: boolean;
}

/** In the slot of a conditional variable that was not declared (yet). */
export const UNDECLARED: unique symbol = Symbol('undeclared');

/** The variables visible at one point of a template, and the slots handed out so far. */
export class Scope {
  #visible: readonly Variable[] = [{ name: '$', slot: ROOT_SLOT, isConditional: false }];
  #slotCount = ROOT_SLOT + SLOTS_PER_VARIABLE;
  /** Operands and commands compiled so far: what programs mostly consist of. */
  parts = 0;
  /** Arguments around this point that may be skipped; they collect what they declare. */
  #conditional: Variable[] | undefined;

  get slotCount(): number {
    return this.#slotCount;
  }

  /** A place that is no variable. */
  reserve(): number {
    return this.#slotCount++;
  }

  declare(name: string): Variable {
    const slot = this.#slotCount;
    this.#slotCount += SLOTS_PER_VARIABLE;
    const variable = { name, slot, isConditional: this.#conditional !== undefined };
    this.#visible = [...this.#visible, variable];
    this.#conditional?.push(variable);
    return variable;
  }

  /** Where the variable may be, innermost first; the last one is there unless it is conditional. */
  find(name: string): readonly Variable[] {
    const found: Variable[] = [];
    for (let i = this.#visible.length - 1; i >= 0; i--) {
      const variable = this.#visible[i];
      if (variable?.name !== name) continue;
      found.push(variable);
      if (!variable.isConditional) break;
    }
    return found;
  }

  /** What is visible here, for `seeing`. */
  get visible(): readonly Variable[] {
    return this.#visible;
  }

  /** Compiles as at the point where `visible` was read. */
  seeing(visible: readonly Variable[], compile: () => void): void {
    const outer = this.#visible;
    this.#visible = visible;
    this.#conditional = undefined;
    compile();
    this.#visible = outer;
  }

  /** Variables declared by `compile` end with it. */
  within<T>(compile: () => T): T {
    const outer = this.#visible;
    const result = compile();
    this.#visible = outer;
    return result;
  }

  /** Compiles arguments that may be skipped. Returns the slots to clear before they are evaluated. */
  conditionally<T>(compile: () => T): { readonly result: T; readonly slots: readonly number[] } {
    const outer = this.#conditional;
    const declared: Variable[] = [];
    this.#conditional = declared;
    const result = compile();
    this.#conditional = outer;
    outer?.push(...declared);
    return { result, slots: declared.map((variable) => variable.slot) };
  }
}
