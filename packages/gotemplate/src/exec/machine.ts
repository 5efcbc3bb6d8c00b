// SPDX-License-Identifier: Apache-2.0

import { quote, sprintf, type Value } from '@helm-operator/gocompat';
import type { Budget } from '../budget.ts';
import { TemplateExecError } from '../errors.ts';
import type { FunctionTable, Run } from '../function-table.ts';
import type { Source } from '../node.ts';
import { placeOf } from '../observer.ts';
import { NO_NODE, type NodeRef, posOfRef } from './node-ref.ts';
import { copyOf, type Result } from './reflect.ts';

/**
 * The state of one execution, and the loop that runs a program.
 *
 * A template is compiled to a flat list of steps; `if`, `range`, `break` are jumps and `{{template}}` pushes a frame, so
 * the depth of templates in each other costs no JavaScript stack.
 * Source: Go 1.26 text/template/exec.go (state)
 */

/** Evaluates an operand or a pipeline. */
export type Eval = (m: Machine) => Result;

/** One step of a program: does its work and says which step comes next. */
export type Step = (m: Machine) => number;

/** A compiled template. */
export interface Program {
  /** More are appended when a branch runs for the first time. */
  readonly steps: readonly Step[];
  /** Places for variables and for what loops and `with` must remember; grows with the steps. */
  readonly slotCount: number;
  /** Memory it takes by now, estimated. */
  readonly bytes: number;
}

/** A template as the machine needs it. */
export interface Executable {
  readonly name: string;
  readonly source: Source;
  program(): Program;
  /** A node of its text, as Go prints it. */
  shown(ref: NodeRef): string;
}

/** What an execution works with. */
export interface MachineOptions {
  readonly lookup: (name: string) => Executable | undefined;
  readonly functions: FunctionTable;
  readonly missingKey: 'default' | 'zero' | 'error';
  readonly run: Run;
}

/** The step after the last one of the outermost template. */
const STOP = -1;

/** Slots 0 and 1: the variable `$` and whether it holds an interface. */
export const ROOT_SLOT = 0;
/** A variable takes two slots: its value, and whether the value is inside an interface. */
export const SLOTS_PER_VARIABLE = 2;

interface Frame {
  readonly template: Executable;
  readonly steps: readonly Step[];
  readonly slots: unknown[];
  readonly dot: Result;
  readonly isDotBoxed: boolean;
  readonly node: NodeRef;
  readonly next: number;
}

/** Runs one template and the templates it calls. Lives for one `execute`. */
export class Machine {
  readonly lookup: MachineOptions['lookup'];
  readonly functions: FunctionTable;
  readonly missingKey: MachineOptions['missingKey'];
  readonly run: Run;
  readonly budget: Budget;
  /** The node Go would call current: errors show it, even where it is an older one. */
  node: NodeRef = NO_NODE;
  dot: Result;
  /** Is dot inside an interface? Only error texts show the difference. */
  isDotBoxed = false;
  slots: unknown[] = [];
  /** Register: is the value last walked from or to (a field) inside an interface? */
  isBoxed = false;
  readonly #frames: Frame[] = [];
  #steps: readonly Step[] = [];
  #template: Executable | undefined;
  #output = '';

  constructor(options: MachineOptions) {
    this.lookup = options.lookup;
    this.functions = options.functions;
    this.missingKey = options.missingKey;
    this.run = options.run;
    this.budget = options.run.budget;
  }

  /** Templates that called each other with `{{template}}`, without the first. */
  get depth(): number {
    return this.#frames.length - 1;
  }

  /** UTF-16 units. */
  get printed(): number {
    return this.#output.length;
  }

  execute(template: Executable, data: Result): string {
    this.enter(template, data, STOP);
    let next = 0;
    for (;;) {
      const step = this.#steps[next];
      if (step === undefined) return this.#output;
      this.budget.spendSteps();
      next = step(this);
    }
  }

  /** Starts a template; `next` is where its caller goes on. Returns the first step. */
  enter(template: Executable, dot: Result, next: number): number {
    this.#frames.push({
      template: this.#template ?? template,
      steps: this.#steps,
      slots: this.slots,
      dot: this.dot,
      isDotBoxed: this.isDotBoxed,
      node: this.node,
      next,
    });
    const program = template.program();
    this.#template = template;
    this.#steps = program.steps;
    this.slots = new Array(program.slotCount);
    this.slots[ROOT_SLOT] = dot;
    this.slots[ROOT_SLOT + 1] = false;
    this.dot = dot;
    this.isDotBoxed = false;
    return 0;
  }

  /** Ends the current template. */
  leave(): number {
    const frame = this.#frames.pop();
    if (frame === undefined || frame.next === STOP) return STOP;
    this.#template = frame.template;
    this.#steps = frame.steps;
    this.slots = frame.slots;
    this.dot = frame.dot;
    this.isDotBoxed = frame.isDotBoxed;
    this.node = frame.node;
    return frame.next;
  }

  /** @param cost a byte for each UTF-16 unit */
  write(text: string, cost: number): void {
    this.budget.spendOutput(cost);
    this.#output += text;
  }

  writeText(text: string): void {
    this.write(text, text.length);
  }

  /** `template:line:column` of the current node; the column counts bytes from 0. */
  where(): string {
    const source = this.#template?.source ?? { name: '', text: '' };
    const { line, column } = placeOf(source, posOfRef(this.node));
    return `${source.name}:${line}:${column}`;
  }

  /** A node of the current template, as Go prints it. */
  shown(ref: NodeRef): string {
    return ref === NO_NODE ? '' : (this.#template?.shown(ref) ?? '');
  }

  /** @throws {TemplateExecError} `gotemplate/exec`, with Go's text for the current node */
  fail(format: string, ...args: readonly Value[]): never {
    throw this.failure(format, args);
  }

  failure(format: string, args: readonly Value[], cause?: unknown): TemplateExecError {
    const name = this.#template?.name ?? '';
    const context = this.shown(this.node);
    // As in Go the location is part of the format: a percent sign in a file's name eats arguments.
    const prefix = `template: ${this.where()}: executing ${literal(quote(name))} at <${literal(context)}>: `;
    return new TemplateExecError(sprintf(prefix + format, args.map(copyOf)), name, cause);
  }
}

function literal(text: string): string {
  return text.replaceAll('%', '%%');
}
