// SPDX-License-Identifier: Apache-2.0

import { builtins } from '../funcs.ts';
import type { FunctionTable, TemplateFunction } from '../function-table.ts';
import {
  type ChainNode,
  type CommandNode,
  type FieldNode,
  type IdentifierNode,
  type OperandNode,
  type PipeNode,
  printNode,
  type VariableNode,
} from '../node.ts';
import { type Call, type Callee, type CallSite, linkArg, linkCall, type Operand } from './call.ts';
import { convert, ideal } from './convert.ts';
import type { Eval, Machine } from './machine.ts';
import { NO_NODE, type NodeRef, refOf } from './node-ref.ts';
import { isTrue, type Result, reflectValue } from './reflect.ts';
import { type Scope, UNDECLARED, type Variable } from './scope.ts';
import {
  type Command,
  calledVariable,
  chain,
  compileWalk,
  isPlain,
  notAFunction,
  placeOf,
  plainField,
  plainVariable,
  present,
  variable,
  type WalkSite,
  walkedField,
  walkedVariable,
} from './walk.ts';

/**
 * Compiles pipelines, commands and operands to closures.
 *
 * `m.node` is set in the same places as Go sets its current node: some errors show a node that is no longer current.
 * Source: Go 1.26 text/template/exec.go evalPipeline … evalEmptyInterface
 */

/** The value is out of its interface; variables the pipeline declares are set. */
export function compilePipeline(pipe: PipeNode, scope: Scope): Eval {
  const commands = pipe.commands.map((command, i) => compileCommand(command, i > 0, scope));
  const [first = fails] = commands;
  const evaluate = commands.length === 1 ? single(pipe, first) : chained(pipe, commands);
  if (pipe.decl.length === 0) return evaluate;
  return setting(
    evaluate,
    pipe.decl.map((variable) => compileSetter(variable, pipe.isAssign, scope)),
  );
}

function setting(evaluate: Eval, setters: readonly Setter[]): Eval {
  return (m) => {
    const value = evaluate(m);
    for (const set of setters) set(m, value, false);
    return value;
  };
}

function chained(pipe: PipeNode, commands: readonly Command[]): Eval {
  const [first = fails] = commands;
  const node = refOf(pipe);
  return (m) => {
    m.node = node;
    let value = unboxed(first(m, undefined));
    for (let i = 1; i < commands.length; i++) value = unboxed((commands[i] ?? fails)(m, value));
    return value;
  };
}

function single(pipe: PipeNode, command: Command): Eval {
  // Only a parenthesised pipeline can fail before it sets the current node itself.
  return pipe.commands[0]?.args[0]?.kind === 'pipe'
    ? starting(refOf(pipe), command)
    : plain(command);
}

function starting(node: NodeRef, command: Command): Eval {
  return (m) => {
    m.node = node;
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

function compileCommand(command: CommandNode, hasFinal: boolean, scope: Scope): Command {
  const [first, ...rest] = command.args;
  scope.parts++;
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
  const ref = refOf(node);
  if (hasArgs) {
    const current = node.kind === 'pipe' ? NO_NODE : ref;
    return (m) => {
      if (current !== NO_NODE) m.node = current;
      return notAFunction(m, ref);
    };
  }
  switch (node.kind) {
    case 'pipe':
      return compilePipeline(node, scope);
    case 'dot':
      return (m) => {
        m.node = ref;
        return m.dot;
      };
    case 'nil':
      return (m) => {
        m.node = ref;
        return m.fail('nil is not a command');
      };
    default:
      return compileConstant(ref, ideal(node));
  }
}

function compileConstant(node: NodeRef, value: ReturnType<typeof ideal>): Command {
  return (m) => {
    m.node = node;
    return typeof value === 'function' ? value(m) : value;
  };
}

/** An operand as an argument: fields, variables and pipelines are evaluated without arguments of their own. */
function compileOperand(node: OperandNode, scope: Scope): Operand {
  return { node: refOf(node), value: compileOperandValue(node, scope) };
}

function compileOperandValue(node: OperandNode, scope: Scope): Operand['value'] {
  scope.parts++;
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
      return node;
  }
}

function compileField(
  node: FieldNode,
  rest: readonly OperandNode[],
  hasFinal: boolean,
  scope: Scope,
): Command {
  const args = rest.map((operand) => compileOperand(operand, scope));
  const site: WalkSite = { node: refOf(node), args, hasFinal };
  return isPlain(site)
    ? plainField(site.node, node.path)
    : walkedField(site.node, compileWalk(node.path, site));
}

function compileChain(
  node: ChainNode,
  rest: readonly OperandNode[],
  hasFinal: boolean,
  scope: Scope,
): Command {
  const { value } = compileOperand(node.base, scope);
  const base = typeof value === 'function' ? value : fails;
  const args = rest.map((operand) => compileOperand(operand, scope));
  const walk = compileWalk(node.path, { node: refOf(node), args, hasFinal });
  return chain(refOf(node.base), { base, isCall: node.base.kind === 'identifier', walk });
}

function compileVariable(
  node: VariableNode,
  rest: readonly OperandNode[],
  hasFinal: boolean,
  scope: Scope,
): Command {
  const [name = '', ...path] = node.path;
  const place = placeOf(name, scope);
  const args = rest.map((operand) => compileOperand(operand, scope));
  const site: WalkSite = { node: refOf(node), args, hasFinal };
  if (path.length > 0) {
    return isPlain(site)
      ? plainVariable(site.node, place, path)
      : walkedVariable(site.node, place, compileWalk(path, site));
  }
  return isPlain(site) ? variable(site.node, place) : calledVariable(site.node, place);
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
  const firstArgument =
    node.name === 'call' && operands[0] !== undefined ? printNode(operands[0]) : undefined;
  const site: CallSite = {
    name: node.name,
    node: refOf(command ?? node),
    args,
    hasFinal,
    firstArgument,
  };
  return linking(refOf(node), site, slots);
}

/** @param slots of variables that the arguments may declare */
function linking(node: NodeRef, site: CallSite, slots: readonly number[]): Command {
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
  if (own !== undefined) return linkCall(site, calleeOf(own));
  const builtin = builtins.get(name);
  if (builtin === undefined) return (m) => m.fail('%q is not a defined function', name);
  const isCounted = site.args.length > 0 || site.hasFinal;
  if ((name === 'and' || name === 'or') && isCounted) return linkBranching(site, name === 'or');
  const callee = builtin.bind === undefined ? builtin : builtin.bind(site.firstArgument);
  return linkCall(site, { ...callee, call: (args, m) => charged(callee.call(args, m), m) });
}

/** One for each function, not one for each call of it. */
const callees = new WeakMap<TemplateFunction, Callee>();

function calleeOf(own: TemplateFunction): Callee {
  const known = callees.get(own);
  if (known !== undefined) return known;
  const { params, isVariadic, result } = own;
  const callee: Callee = {
    params,
    isVariadic,
    result,
    boxesResult: result.kind === 'interface',
    call: (args, m) => charged(own.call(args, m.run, m), m),
  };
  callees.set(own, callee);
  return callee;
}

/** Shorter texts made by functions cost nothing. */
const LONG_TEXT = 1024;

/** A long text is memory, whether it is written or not. */
function charged<T extends Result>(made: T, m: Machine): T {
  if (typeof made === 'string' && made.length > LONG_TEXT) m.budget.spendOutput(made.length);
  return made;
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
