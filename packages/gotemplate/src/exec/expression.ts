// SPDX-License-Identifier: Apache-2.0

import { builtins } from '../funcs.ts';
import type { FunctionTable } from '../function-table.ts';
import {
  type ChainNode,
  type CommandNode,
  type FieldNode,
  type IdentifierNode,
  type Node,
  type OperandNode,
  type PipeNode,
  printNode,
  type VariableNode,
} from '../node.ts';
import { type Call, type Callee, type CallSite, linkArg, linkCall, type Operand } from './call.ts';
import { convert, ideal } from './convert.ts';
import { type Access, evalField } from './field.ts';
import type { Eval, Machine } from './machine.ts';
import { isTrue, type Result, reflectValue } from './reflect.ts';
import { type Scope, UNDECLARED, type Variable } from './scope.ts';

/**
 * Compiles pipelines, commands and operands to closures.
 *
 * `m.node` is set in the same places as Go sets its current node: some errors show a node that is no longer current.
 * Source: Go 1.26 text/template/exec.go evalPipeline … evalEmptyInterface
 */

/** A command; the second argument is what the pipeline hands over, where it does. */
type Command = (m: Machine, final?: Result) => Result;

/** The value is out of its interface; variables the pipeline declares are set. */
export function compilePipeline(pipe: PipeNode, scope: Scope): Eval {
  const commands = pipe.commands.map((command, i) => compileCommand(command, i > 0, scope));
  const [first = fails] = commands;
  const evaluate = commands.length === 1 ? single(pipe, first) : chained(pipe, commands);
  if (pipe.decl.length === 0) return evaluate;
  const setters = pipe.decl.map((variable) => compileSetter(variable, pipe.isAssign, scope));
  return (m) => {
    const value = evaluate(m);
    for (const set of setters) set(m, value, false);
    return value;
  };
}

function chained(pipe: PipeNode, commands: readonly Command[]): Eval {
  const [first = fails] = commands;
  return (m) => {
    m.node = pipe;
    let value = unboxed(first(m, undefined));
    for (let i = 1; i < commands.length; i++) value = unboxed((commands[i] ?? fails)(m, value));
    return value;
  };
}

function single(pipe: PipeNode, command: Command): Eval {
  // Only a parenthesised pipeline can fail before it sets the current node itself.
  return pipe.commands[0]?.args[0]?.kind === 'pipe' ? starting(pipe, command) : plain(command);
}

function starting(pipe: PipeNode, command: Command): Eval {
  return (m) => {
    m.node = pipe;
    return unboxed(command(m, undefined));
  };
}

/** Apart from the others: what a closure shares with its neighbours lives as long as it does. */
function plain(command: Command): Eval {
  return (m) => unboxed(command(m, undefined));
}

function unboxed(value: Result): Result {
  return value === null ? undefined : value;
}

function fails(m: Machine): never {
  return m.fail('missing value for command');
}

/** Sets a variable: `isBoxed` tells whether the value is inside an interface. */
export type Setter = (m: Machine, value: Result, isBoxed: boolean) => void;

export function compileSetter(node: VariableNode, isAssign: boolean, scope: Scope): Setter {
  const name = node.path[0] ?? '';
  if (!isAssign) return setterOf(scope.declare(name));
  const found = scope.find(name);
  const [only] = found;
  if (only !== undefined && !only.isConditional) return setterOf(only);
  return (m, value, isBoxed) => setterOf(present(m, found, name))(m, value, isBoxed);
}

function setterOf({ slot }: Variable): Setter {
  return (m, value, isBoxed) => {
    m.slots[slot] = value;
    m.slots[slot + 1] = isBoxed;
  };
}

function present(m: Machine, found: readonly Variable[], name: string): Variable {
  const variable = found.find(({ slot }) => m.slots[slot] !== UNDECLARED);
  return variable ?? m.fail('undefined variable: %s', name);
}

function compileCommand(command: CommandNode, hasFinal: boolean, scope: Scope): Command {
  const [first, ...rest] = command.args;
  if (first === undefined) return fails;
  switch (first.kind) {
    case 'field':
      return compileField(first, rest, hasFinal, scope);
    case 'chain':
      return compileChain(first, rest, hasFinal, scope);
    case 'identifier':
      return compileFunction(first, command, hasFinal, scope);
    case 'variable':
      return compileVariable(first, rest, hasFinal, scope);
    default:
      return compileValue(first, rest.length > 0 || hasFinal, scope);
  }
}

/** A command that is no function: it takes no arguments. */
function compileValue(
  node: Exclude<OperandNode, FieldNode | ChainNode | IdentifierNode | VariableNode>,
  hasArgs: boolean,
  scope: Scope,
): Command {
  if (hasArgs) {
    return (m) => {
      if (node.kind !== 'pipe') m.node = node;
      return notAFunction(m, node);
    };
  }
  switch (node.kind) {
    case 'pipe':
      return compilePipeline(node, scope);
    case 'dot':
      return (m) => {
        m.node = node;
        return m.dot;
      };
    case 'nil':
      return (m) => {
        m.node = node;
        return m.fail('nil is not a command');
      };
    default:
      return compileConstant(node);
  }
}

function compileConstant(node: Parameters<typeof ideal>[0]): Command {
  const value = ideal(node);
  return (m) => {
    m.node = node;
    return typeof value === 'function' ? value(m) : value;
  };
}

function notAFunction(m: Machine, node: Node): never {
  return m.fail("can't give argument to non-function %s", printNode(node));
}

/** An operand as an argument: fields, variables and pipelines are evaluated without arguments of their own. */
function compileOperand(node: OperandNode, scope: Scope): Operand {
  return { node, evaluate: compileOperandEval(node, scope) };
}

function compileOperandEval(node: OperandNode, scope: Scope): Eval | undefined {
  switch (node.kind) {
    case 'dot':
      return (m) => {
        m.isBoxed = m.isDotBoxed;
        return m.dot;
      };
    case 'field':
      return compileField(node, [], false, scope);
    case 'variable':
      return compileVariable(node, [], false, scope);
    case 'chain':
      return compileChain(node, [], false, scope);
    case 'identifier':
      return compileFunction(node, undefined, false, scope);
    case 'pipe':
      return compilePipeline(node, scope);
    default:
      return undefined;
  }
}

function compileField(
  node: FieldNode,
  rest: readonly OperandNode[],
  hasFinal: boolean,
  scope: Scope,
): Command {
  const walk = compileWalk(node.path, { node, rest, hasFinal }, scope);
  return (m, final) => {
    m.node = node;
    m.isBoxed = m.isDotBoxed;
    return walk(m, m.dot, final);
  };
}

function compileChain(
  node: ChainNode,
  rest: readonly OperandNode[],
  hasFinal: boolean,
  scope: Scope,
): Command {
  const base = compileOperand(node.base, scope).evaluate ?? fails;
  const isCall = node.base.kind === 'identifier';
  const walk = compileWalk(node.path, { node, rest, hasFinal }, scope);
  return (m, final) => {
    m.node = node.base;
    m.isBoxed = false;
    const receiver = base(m);
    // A pipeline is out of its interface; a function called without parentheses tells by `isBoxed`.
    if (!isCall) m.isBoxed = false;
    return walk(m, receiver, final);
  };
}

function compileVariable(
  node: VariableNode,
  rest: readonly OperandNode[],
  hasFinal: boolean,
  scope: Scope,
): Command {
  const [name = '', ...path] = node.path;
  const slotOf = compileSlot(name, scope);
  if (path.length === 0) {
    return (m) => {
      m.node = node;
      const slot = slotOf(m);
      if (rest.length > 0 || hasFinal) return notAFunction(m, node);
      m.isBoxed = m.slots[slot + 1] === true;
      return m.slots[slot] as Result;
    };
  }
  const walk = compileWalk(path, { node, rest, hasFinal }, scope);
  return (m, final) => {
    m.node = node;
    const slot = slotOf(m);
    m.isBoxed = m.slots[slot + 1] === true;
    return walk(m, m.slots[slot] as Result, final);
  };
}

function compileSlot(name: string, scope: Scope): (m: Machine) => number {
  const found = scope.find(name);
  const [only] = found;
  if (only === undefined || only.isConditional) return (m) => present(m, found, name).slot;
  const { slot } = only;
  return () => slot;
}

type Walk = (m: Machine, receiver: Result, final: Result) => Result;

interface WalkSite {
  readonly node: FieldNode | ChainNode | VariableNode;
  readonly rest: readonly OperandNode[];
  readonly hasFinal: boolean;
}

/** Walks `.a.b.c`; arguments go to the last name. */
function compileWalk(path: readonly string[], site: WalkSite, scope: Scope): Walk {
  const { node, rest, hasFinal } = site;
  const args = rest.map((operand) => compileOperand(operand, scope));
  if (args.length === 0 && !hasFinal) return plainWalk(path, node);
  const last = path.length - 1;
  const accesses: readonly Access[] = path.map((name, i) =>
    i < last ? { name, node, args: NO_ARGS, hasFinal: false } : { name, node, args, hasFinal },
  );
  return (m, receiver, final) => {
    let at = receiver;
    for (const access of accesses) at = evalField(m, at, access, final);
    return at;
  };
}

const NO_ARGS: readonly Operand[] = [];

/** A walk without arguments: by far the most, so it keeps nothing but the names. */
function plainWalk(path: readonly string[], node: WalkSite['node']): Walk {
  return (m, receiver) => {
    let at = receiver;
    for (const name of path) {
      const value = at instanceof Map ? at.get(name) : undefined;
      if (value === undefined) {
        at = evalField(m, at, { name, node, args: NO_ARGS, hasFinal: false }, undefined);
      } else {
        at = value;
        m.isBoxed = true;
      }
    }
    return at;
  };
}

/** A function by name, linked when first called: a clone of the set may bring other functions. */
function compileFunction(
  node: IdentifierNode,
  command: CommandNode | undefined,
  hasFinal: boolean,
  scope: Scope,
): Command {
  const operands = command?.args.slice(1) ?? [];
  const isBranching = node.name === 'and' || node.name === 'or';
  const { result: args, slots } = isBranching
    ? scope.conditionally(() => operands.map((operand) => compileOperand(operand, scope)))
    : { result: operands.map((operand) => compileOperand(operand, scope)), slots: [] };
  const site: CallSite = { name: node.name, node: command ?? node, args, hasFinal };
  let linkedFor: FunctionTable | undefined;
  let linked: Call = fails;
  return (m, final) => {
    m.node = node;
    for (const slot of slots) m.slots[slot] = UNDECLARED;
    if (linkedFor !== m.functions) {
      linked = linkFunction(site, m.functions);
      linkedFor = m.functions;
    }
    return linked(m, final);
  };
}

function linkFunction(site: CallSite, functions: FunctionTable): Call {
  const { name } = site;
  const own = functions.get(name);
  if (own !== undefined) {
    const call: Callee['call'] = (args, m) => charged(own.call(args, m.run, m), m);
    const { params, isVariadic, result } = own;
    return withBoxedResult(linkCall(site, { params, isVariadic, result, call }), result.kind);
  }
  const builtin = builtins.get(name);
  if (builtin === undefined) return (m) => m.fail('%q is not a defined function', name);
  const isCounted = site.args.length > 0 || site.hasFinal;
  if ((name === 'and' || name === 'or') && isCounted) return linkBranching(site, name === 'or');
  const callee = builtin.bind === undefined ? builtin : builtin.bind(calleeName(site));
  return linkCall(site, { ...callee, call: (args, m) => charged(callee.call(args, m), m) });
}

/** Shorter texts made by functions cost nothing. */
const LONG_TEXT = 1024;

/** A long text is memory, whether it is written or not. */
function charged<T extends Result>(made: T, m: Machine): T {
  if (typeof made === 'string' && made.length > LONG_TEXT) m.budget.spendOutput(made.length);
  return made;
}

function withBoxedResult(call: Call, kind: string): Call {
  const isBoxed = kind === 'interface';
  return (m, final) => {
    const value = call(m, final);
    m.isBoxed = isBoxed;
    return value;
  };
}

/** What `call` names its function in errors. */
function calleeName({ args }: CallSite): string | undefined {
  return args[0] === undefined ? undefined : printNode(args[0].node);
}

/** `and` and `or`: arguments after the deciding one are not evaluated. */
function linkBranching(site: CallSite, stopsAt: boolean): Call {
  const evals = site.args.map((arg) => linkArg(arg, reflectValue));
  const { hasFinal } = site;
  return (m, final) => {
    let value: Result;
    for (const evaluate of evals) {
      value = evaluate(m);
      if (isTrue(value) === stopsAt) return value;
    }
    return hasFinal ? convert(m, final, reflectValue) : value;
  };
}
