// SPDX-License-Identifier: Apache-2.0

import { Int, sprint, Typed } from '@helm-operator/gocompat';
import type { ActionNode, BranchNode, ListNode, Node, Source, TemplateNode } from '../node.ts';
import { compilePipeline, compileSetter, type Setter } from './expression.ts';
import type { Machine, Program, Step } from './machine.ts';
import { type NodeRef, refOf } from './node-ref.ts';
import { type Cursor, cursorOf } from './range.ts';
import { isTrue, printableOf, type Result } from './reflect.ts';
import { Scope } from './scope.ts';

/**
 * Compiles a tree to a program: a flat list of steps where control flow is jumps.
 *
 * Source: Go 1.26 text/template/exec.go walk, walkRange, walkTemplate, printValue
 */

/** Depth of `{{template}}` in each other at which Go gives up. */
const MAX_TEMPLATE_DEPTH = 100_000;

/**
 * Compiles what is reached: the bodies of branches follow when they run for the first time.
 * @param observed the text of the tree: its program tells the run's observer of each statement
 */
export function compile(root: ListNode, code: Code, observed?: Source): Program {
  const compiler = new Compiler(code, observed);
  compiler.list(root);
  return compiler.finish();
}

/** Where a compiler gets the bodies of branches from. */
export interface Code {
  /** What gives the list back when it is needed. */
  later(list: ListNode): () => ListNode;
}

/** A step that is not known yet when a jump to it is written. */
interface Label {
  at: number;
}

/** Target of a mark outside of loops, which the parser does not let pass. */
const NOWHERE: Label = { at: 0 };

/** The loop around a node: where its `break` and `continue` go. */
interface Loop {
  readonly next: Label;
  readonly done: Label;
}

/** Where a branch goes on. */
interface Branches {
  body: Label;
  otherwise: Label;
}

/** Measured over the charts of the corpus, rounded up. */
const BYTES_PER_STEP = 250;
const BYTES_PER_PART = 400;

class CompiledProgram implements Program {
  readonly steps: readonly Step[];
  readonly #scope: Scope;

  constructor(steps: readonly Step[], scope: Scope) {
    this.steps = steps;
    this.#scope = scope;
  }

  get bytes(): number {
    return this.steps.length * BYTES_PER_STEP + this.#scope.parts * BYTES_PER_PART;
  }

  get slotCount(): number {
    return this.#scope.slotCount;
  }
}

function jumpTo(target: Label): Step {
  return () => target.at;
}

function leave(m: Machine): number {
  return m.leave();
}

/** Cheaper compiled than kept for later. */
function isPlain({ kind }: Node): boolean {
  return kind === 'text' || kind === 'break' || kind === 'continue';
}

class Compiler {
  readonly #code: Code;
  readonly #steps: Step[] = [];
  readonly #scope = new Scope();
  #loop: Loop | undefined;
  readonly #observed: Source | undefined;
  #within: readonly BranchNode[] = [];

  constructor(code: Code, observed: Source | undefined) {
    this.#code = code;
    this.#observed = observed;
  }

  finish(): Program {
    this.#steps.push(leave);
    return new CompiledProgram(this.#steps, this.#scope);
  }

  list(list: ListNode): void {
    for (const node of list.nodes) this.#statement(node);
  }

  #statement(node: Node): void {
    if (this.#observed !== undefined) this.#observe(node, this.#observed);
    switch (node.kind) {
      case 'text':
        this.#text(node.text);
        break;
      case 'action':
        this.#action(node);
        break;
      case 'if':
        this.#scope.within(() => this.#if(node));
        break;
      case 'with':
        this.#scope.within(() => this.#with(node));
        break;
      case 'range':
        this.#scope.within(() => this.#range(node));
        break;
      case 'template':
        this.#template(node);
        break;
      case 'break':
        this.#jump(this.#loop?.done ?? NOWHERE);
        break;
      case 'continue':
        this.#jump(this.#loop?.next ?? NOWHERE);
        break;
      default:
        throw new TypeError(`not a statement: ${node.kind}`);
    }
  }

  #observe(node: Node, source: Source): void {
    const within = this.#within;
    const next = this.#here + 1;
    this.#add((m) => {
      const { depth, printed } = m;
      m.run.observer?.statement({ source, node, within, depth, printed });
      return next;
    });
  }

  /** The part of a branch that runs when its pipeline holds; then the program goes on `after` it. */
  #body(node: BranchNode, after: Label): Label {
    const outer = this.#within;
    if (this.#observed !== undefined) this.#within = [...outer, node];
    const start = this.#later(node.list, after);
    this.#within = outer;
    return start;
  }

  /** A list that is compiled when it runs for the first time, to the end of the program. Returns its first step. */
  #later(list: ListNode, after: Label): Label {
    if (list.isElseIf || list.nodes.every(isPlain)) return this.#now(list, after);
    return this.#waiting(this.#code.later(list), after);
  }

  #now(list: ListNode, after: Label): Label {
    const start: Label = { at: this.#here };
    this.#scope.within(() => this.list(list));
    this.#jump(after);
    return start;
  }

  #waiting(read: () => ListNode, after: Label): Label {
    const start: Label = { at: this.#here };
    const stub = start.at;
    const visible = this.#scope.visible;
    const loop = this.#loop;
    const within = this.#within;
    this.#add(() => {
      // A call inside this one may have been here before.
      if (start.at !== stub) return start.at;
      this.#loop = loop;
      this.#within = within;
      const begin = this.#here;
      this.#scope.seeing(visible, () => this.list(read()));
      this.#jump(after);
      start.at = begin;
      this.#steps[stub] = jumpTo(start);
      return begin;
    });
    return start;
  }

  /** Number of the step that `#add` adds next. */
  get #here(): number {
    return this.#steps.length;
  }

  #add(step: Step): void {
    this.#steps.push(step);
  }

  #jump(target: Label): void {
    this.#add(jumpTo(target));
  }

  #text(text: string): void {
    const next = this.#here + 1;
    this.#add((m) => {
      m.writeText(text);
      return next;
    });
  }

  #action(node: ActionNode): void {
    const evaluate = compilePipeline(node.pipe, this.#scope);
    const next = this.#here + 1;
    const ref = refOf(node);
    if (node.pipe.decl.length > 0) {
      this.#add((m) => {
        evaluate(m);
        return next;
      });
      return;
    }
    this.#add((m) => {
      const value = evaluate(m);
      if (typeof value === 'string') m.writeText(value);
      else printValue(m, ref, value);
      return next;
    });
  }

  #if(node: BranchNode): void {
    const evaluate = compilePipeline(node.pipe, this.#scope);
    const then: Branches = { body: NOWHERE, otherwise: NOWHERE };
    this.#add((m) => (isTrue(evaluate(m)) ? then.body.at : then.otherwise.at));
    const end: Label = { at: 0 };
    then.body = this.#body(node, end);
    then.otherwise = node.elseList === undefined ? end : this.#later(node.elseList, end);
    end.at = this.#here;
  }

  #with(node: BranchNode): void {
    const evaluate = compilePipeline(node.pipe, this.#scope);
    const then: Branches = { body: NOWHERE, otherwise: NOWHERE };
    const saved = this.#reserveDot();
    this.#add((m) => {
      const value = evaluate(m);
      if (!isTrue(value)) return then.otherwise.at;
      saveDot(m, saved);
      m.dot = value;
      m.isDotBoxed = false;
      return then.body.at;
    });
    const done: Label = { at: 0 };
    const end: Label = { at: 0 };
    then.body = this.#body(node, done);
    then.otherwise = node.elseList === undefined ? end : this.#later(node.elseList, end);
    done.at = this.#here;
    this.#restoreDot(saved);
    end.at = this.#here;
  }

  #range(node: BranchNode): void {
    const evaluate = compilePipeline(node.pipe, this.#scope);
    const step = this.#iterationSetter(node);
    const cursorSlot = this.#scope.reserve();
    const saved = this.#reserveDot();
    const then: Branches = { body: NOWHERE, otherwise: NOWHERE };
    const loop: Loop = { next: { at: this.#here + 1 }, done: { at: 0 } };
    const variables = node.pipe.decl.length;
    this.#add((m) => {
      const cursor = cursorOf(m, evaluate(m), variables);
      saveDot(m, saved);
      if (cursor.length === 0) return then.otherwise.at;
      m.slots[cursorSlot] = cursor;
      return loop.next.at;
    });
    this.#add((m) => {
      const cursor = m.slots[cursorSlot] as Cursor;
      if (cursor.at >= cursor.length) return loop.done.at;
      step(m, cursor);
      return then.body.at;
    });
    const outer = this.#loop;
    this.#loop = loop;
    then.body = this.#body(node, loop.next);
    const end: Label = { at: 0 };
    // In Go `{{break}}` inside `{{else}}` leaves this range, `{{continue}}` goes on with the one around it.
    this.#loop = outer === undefined ? undefined : { next: outer.next, done: loop.done };
    then.otherwise = node.elseList === undefined ? end : this.#later(node.elseList, end);
    this.#loop = outer;
    loop.done.at = this.#here;
    this.#restoreDot(saved);
    end.at = this.#here;
  }

  /** Sets dot and the loop's variables, which the pipeline has declared, to the next element. */
  #iterationSetter({ pipe }: BranchNode): (m: Machine, cursor: Cursor) => void {
    // Found as an assignment finds them: the declarations of the pipeline are the innermost of their names.
    const setters = pipe.decl.map((variable) => compileSetter(variable, true, this.#scope));
    const [first, second] = setters;
    const setKey: Setter | undefined = second === undefined ? undefined : first;
    const setElement: Setter | undefined = second ?? first;
    return (m, cursor) => {
      const index = cursor.at++;
      const element = cursor.value(index);
      setKey?.(m, cursor.key(index), false);
      setElement?.(m, element, cursor.isBoxed);
      m.dot = element;
      m.isDotBoxed = cursor.isBoxed;
    };
  }

  #template(node: TemplateNode): void {
    const evaluate = node.pipe === undefined ? undefined : compilePipeline(node.pipe, this.#scope);
    const { name } = node;
    const ref = refOf(node);
    const next = this.#here + 1;
    this.#add((m) => {
      m.node = ref;
      const template = m.lookup(name);
      if (template === undefined) return m.fail('template %q not defined', name);
      if (m.depth === MAX_TEMPLATE_DEPTH) {
        return m.fail(`exceeded maximum template depth (${MAX_TEMPLATE_DEPTH})`);
      }
      return m.enter(template, evaluate?.(m), next);
    });
  }

  #reserveDot(): number {
    const slot = this.#scope.reserve();
    this.#scope.reserve();
    return slot;
  }

  #restoreDot(slot: number): void {
    const next = this.#here + 1;
    this.#add((m) => {
      m.dot = m.slots[slot] as Result;
      m.isDotBoxed = m.slots[slot + 1] === true;
      return next;
    });
  }
}

function saveDot(m: Machine, slot: number): void {
  m.slots[slot] = m.dot;
  m.slots[slot + 1] = m.isDotBoxed;
}

/** Numbers that Go's `%v` prints without an exponent, as JavaScript does; -0 keeps its sign in Go only. */
function isPlainNumber(value: number): boolean {
  const size = Math.abs(value);
  return size >= 1e-4 && size < 1e6;
}

function printValue(m: Machine, node: NodeRef, value: Result): void {
  m.node = node;
  m.writeText(printed(m, node, value));
}

function printed(m: Machine, node: NodeRef, value: Result): string {
  switch (typeof value) {
    case 'undefined':
      return '<no value>';
    case 'string':
      return value;
    case 'boolean':
      return String(value);
    case 'number':
      return isPlainNumber(value) ? String(value) : sprint([value]);
    default:
  }
  if (value instanceof Int) return value.value.toString();
  if (value instanceof Typed) {
    const printable = printableOf(value);
    if (printable instanceof Typed && printable.type.kind === 'func') {
      return m.fail("can't print %s of type %s", m.shown(node), printable.type.name);
    }
    return sprint([printable]);
  }
  return sprint([value]);
}
