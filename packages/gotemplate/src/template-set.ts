// SPDX-License-Identifier: Apache-2.0

import { quote, type Value } from '@helm-operator/gocompat';
import { Budget, BudgetError, OutputLimitError, StackLimitError } from './budget.ts';
import { TemplateNotFoundError } from './errors.ts';
import { isStackOverflow, isTooLarge, LONGEST_STRING } from './exec/call.ts';
import { Machine } from './exec/machine.ts';
import { builtins } from './funcs.ts';
import type { FunctionTable, Run } from './function-table.ts';
import { Layers } from './layers.ts';
import type { Source } from './node.ts';
import type { RunObserver } from './observer.ts';
import { ParsedText } from './parsed-text.ts';
import { Template } from './template.ts';

/** What a map key that is not there means; `default` and `invalid` are one. */
export type MissingKey = 'default' | 'invalid' | 'zero' | 'error';

/** How a set is made. */
export interface TemplateSetOptions {
  readonly functions: FunctionTable;
  readonly missingKey?: MissingKey | undefined;
  /** Name of the set's root (`gotpl` in Helm): appears in `no template "x" associated with template "NAME"`. */
  readonly name?: string | undefined;
}

/**
 * Templates that can call each other by name: Go's one associated set.
 *
 * A template is compiled when it is first executed; clones share what is compiled.
 * Source: Go 1.26 text/template/template.go, exec.go
 */
export class TemplateSet {
  readonly #options: TemplateSetOptions;
  readonly #templates: Layers;

  constructor(options: TemplateSetOptions, templates: Layers = new Layers()) {
    this.#options = options;
    this.#templates = templates;
  }

  /**
   * Adds the template `name` and those its text defines. A later definition replaces an earlier one, unless it is empty
   * but for white space and comments.
   * @param known the same text, if a set with functions of the same names has read it: it is shared
   * @returns what was read
   * @throws {TemplateParseError} `gotemplate/parse`; the set is then as before
   */
  parse(name: string, text: string, known?: ParsedText): ParsedText {
    const { functions } = this.#options;
    const hasFunction = (word: string): boolean => functions.has(word) || builtins.has(word);
    const parsed = known?.fits(name) === true ? known : new ParsedText({ name, text }, hasFunction);
    const source: Source = { name, text: parsed.text };
    for (const [defined, body] of parsed.bodies(name)) {
      if (this.#templates.has(defined) && body.isEmpty) continue;
      this.#templates.set(defined, new Template(defined, source, body));
    }
    return parsed;
  }

  /** A set with the same templates; what either parses later, the other does not see. */
  clone(overrides: Partial<TemplateSetOptions> = {}): TemplateSet {
    return new TemplateSet({ ...this.#options, ...overrides }, this.#templates.fork());
  }

  /** Forgets a template of this set; clones made before keep it. */
  delete(name: string): void {
    this.#templates.delete(name);
  }

  has(name: string): boolean {
    return this.#templates.has(name);
  }

  /** Names of all templates, in the order of their first definition. */
  names(): readonly string[] {
    return this.#templates.names();
  }

  /**
   * @param data dot of the template; `null` is Go's nil
   * @param run  limits, and what functions share; without it nothing is limited
   * @throws {TemplateNotFoundError} `gotemplate/not-found`
   * @throws {TemplateExecError} `gotemplate/exec`
   * @throws {BudgetError} `gotemplate/steps`, `…/output-bytes`, `…/elements`, `…/depth` or `…/time`
   */
  execute(
    name: string,
    data: Value,
    run: Run = { budget: new Budget(), state: undefined },
  ): string {
    const template = this.#templates.get(name);
    const { functions, missingKey = 'default', name: root = '' } = this.#options;
    if (template === undefined) {
      throw new TemplateNotFoundError(
        `template: no template ${quote(name)} associated with template ${quote(root)}`,
        name,
      );
    }
    const { observer } = run;
    const machine = new Machine({
      lookup:
        observer === undefined
          ? (wanted) => this.#templates.get(wanted)
          : (wanted) => this.#templates.get(wanted)?.observed(),
      functions,
      missingKey: missingKey === 'invalid' ? 'default' : missingKey,
      run,
    });
    run.budget.enter();
    try {
      if (observer === undefined) return machine.execute(template, data ?? undefined);
      return observe(observer, name, () => machine.execute(template.observed(), data ?? undefined));
    } catch (error) {
      throw located(machine, error);
    } finally {
      run.budget.leave();
    }
  }
}

function observe(observer: RunObserver, name: string, execute: () => string): string {
  let output: string | undefined;
  observer.begin(name);
  try {
    output = execute();
    return output;
  } finally {
    observer.end(output);
  }
}

function located(machine: Machine, error: unknown): unknown {
  if (error instanceof BudgetError) return error.locate(machine.where());
  if (isStackOverflow(error)) {
    return new StackLimitError(machine.budget.depth).locate(machine.where());
  }
  if (isTooLarge(error)) {
    return new OutputLimitError(LONGEST_STRING).locate(machine.where());
  }
  return error;
}
