// SPDX-License-Identifier: Apache-2.0

import { Typed, type Value } from '@helm-operator/gocompat';
import type { Operand } from './call.ts';
import { type Access, evalField } from './field.ts';
import type { Eval, Machine } from './machine.ts';
import type { NodeRef } from './node-ref.ts';
import type { Result } from './reflect.ts';
import { type Scope, UNDECLARED, type Variable } from './scope.ts';

/**
 * Commands that are fields and variables: `.a.b`, `$x`, `$x.a`, `(…).a`, each a closure that keeps as little as it can.
 *
 * Source: Go 1.26 text/template/exec.go evalFieldNode, evalChainNode, evalVariableNode
 */

/** A command; the second argument is what the pipeline hands over, where it does. */
export type Command = (m: Machine, final?: Result) => Result;

export function plainField(node: NodeRef, path: readonly string[]): Command {
  return (m) => {
    m.node = node;
    m.isBoxed = m.isDotBoxed;
    return plainWalk(m, m.dot, path, node);
  };
}

export function walkedField(node: NodeRef, walk: Walk): Command {
  return (m, final) => {
    m.node = node;
    m.isBoxed = m.isDotBoxed;
    return walk(m, m.dot, final);
  };
}

export interface Chain {
  readonly base: Eval;
  readonly isCall: boolean;
  readonly walk: Walk;
}

export function chain(node: NodeRef, { base, isCall, walk }: Chain): Command {
  return (m, final) => {
    m.node = node;
    m.isBoxed = false;
    const receiver = base(m);
    // A pipeline is out of its interface; a function called without parentheses tells by `isBoxed`.
    if (!isCall) m.isBoxed = false;
    return walk(m, receiver, final);
  };
}

export function variable(node: NodeRef, place: Place): Command {
  return (m) => {
    m.node = node;
    const slot = slotOf(m, place);
    m.isBoxed = m.slots[slot + 1] === true;
    return m.slots[slot] as Result;
  };
}

export function calledVariable(node: NodeRef, place: Place): Command {
  return (m) => {
    m.node = node;
    slotOf(m, place);
    return notAFunction(m, node);
  };
}

export function plainVariable(node: NodeRef, place: Place, path: readonly string[]): Command {
  return (m) => {
    m.node = node;
    const slot = slotOf(m, place);
    m.isBoxed = m.slots[slot + 1] === true;
    return plainWalk(m, m.slots[slot] as Result, path, node);
  };
}

export function walkedVariable(node: NodeRef, place: Place, walk: Walk): Command {
  return (m, final) => {
    m.node = node;
    const slot = slotOf(m, place);
    m.isBoxed = m.slots[slot + 1] === true;
    return walk(m, m.slots[slot] as Result, final);
  };
}

/** The slot of a variable, or where a conditional one may be. */
export type Place = number | { readonly name: string; readonly found: readonly Variable[] };

export function placeOf(name: string, scope: Scope): Place {
  const found = scope.find(name);
  const [only] = found;
  return only === undefined || only.isConditional ? { name, found } : only.slot;
}

function slotOf(m: Machine, place: Place): number {
  return typeof place === 'number' ? place : present(m, place.found, place.name).slot;
}

export function present(m: Machine, found: readonly Variable[], name: string): Variable {
  const variable = found.find(({ slot }) => m.slots[slot] !== UNDECLARED);
  return variable ?? m.fail('undefined variable: %s', name);
}

export function notAFunction(m: Machine, node: NodeRef): never {
  return m.fail("can't give argument to non-function %s", m.shown(node));
}

export type Walk = (m: Machine, receiver: Result, final: Result) => Result;

export interface WalkSite {
  readonly node: NodeRef;
  readonly args: readonly Operand[];
  readonly hasFinal: boolean;
}

export function isPlain({ args, hasFinal }: WalkSite): boolean {
  return args.length === 0 && !hasFinal;
}

/** Walks `.a.b.c`; arguments go to the last name. */
export function compileWalk(path: readonly string[], site: WalkSite): Walk {
  const { node, args, hasFinal } = site;
  if (isPlain(site)) return (m, receiver) => plainWalk(m, receiver, path, node);
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

/** A walk without arguments: by far the most, so it needs nothing but the names. */
function plainWalk(m: Machine, receiver: Result, path: readonly string[], node: NodeRef): Result {
  let at = receiver;
  for (let i = 0; i < path.length; i++) {
    const name = path[i] ?? '';
    const map = at instanceof Map ? at : keysOnly(at, name);
    const value = map?.get(name);
    if (value !== undefined) {
      at = value;
      m.isBoxed = true;
    } else if (at instanceof Map && m.missingKey === 'zero') {
      at = null;
      m.isBoxed = true;
    } else {
      at = evalField(m, at, { name, node, args: NO_ARGS, hasFinal: false }, undefined);
    }
  }
  return at;
}

/** The map under a value whose `.name` can only be a key, with elements inside interfaces: `.Values`. */
function keysOnly(value: Result, name: string): ReadonlyMap<string, Value> | undefined {
  if (!(value instanceof Typed)) return undefined;
  const { kind, key, elem, methods } = value.type;
  const isTable = kind === 'map' && elem?.kind === 'interface' && key?.name === 'string';
  if (!isTable || methods?.has(name) === true) return undefined;
  return (value.data as ReadonlyMap<string, Value> | null) ?? undefined;
}
