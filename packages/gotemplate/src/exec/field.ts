// SPDX-License-Identifier: Apache-2.0

import {
  type GoType,
  type Method,
  type StructField,
  Typed,
  type Value,
} from '@helm-operator/gocompat';
import { linkCall, type Operand } from './call.ts';
import type { Machine } from './machine.ts';
import type { NodeRef } from './node-ref.ts';
import { canBeNil, indirect, isNilPointer, type Result, typeName, zeroOf } from './reflect.ts';

/**
 * Walks `.name`: a method, a field of a struct or a key of a map, in this order.
 *
 * Source: Go 1.26 text/template/exec.go evalField
 */

/** One `.name` of a template. */
export interface Access {
  readonly name: string;
  readonly node: NodeRef;
  readonly args: readonly Operand[];
  readonly hasFinal: boolean;
}

/**
 * Reads `m.isBoxed` for the receiver and sets it for the result.
 * @throws {TemplateExecError} `gotemplate/exec`
 */
export function evalField(m: Machine, receiver: Result, access: Access, final: Result): Result {
  const { name } = access;
  if (receiver instanceof Map) return plainKey(m, receiver, access);
  if (receiver === undefined) {
    if (m.missingKey === 'error') return m.fail('nil data; no entry for key %q', name);
    m.isBoxed = false;
    return undefined;
  }
  const shownType = m.isBoxed ? 'interface {}' : typeName(receiver);
  const target = indirect(receiver);
  if (target === null) return m.fail('nil pointer evaluating %s.%s', shownType, name);
  if (!(target instanceof Typed)) return m.fail(NO_FIELD, name, shownType);
  const method = findMethod(receiver, target, name);
  if (method !== undefined) return callMethod(m, method, access, final);
  const { kind } = target.type;
  if (kind === 'struct') return structField(m, target, access, shownType);
  if (kind === 'map' && hasStringKeys(target.type)) return typedKey(m, target, access);
  if (kind === 'ptr' && isNilPointer(target) && mayHaveField(target.type, name)) {
    return m.fail('nil pointer evaluating %s.%s', shownType, name);
  }
  return m.fail(NO_FIELD, name, shownType);
}

const NO_FIELD = "can't evaluate field %s in type %s";

function hasArgs({ args, hasFinal }: Access): boolean {
  return hasFinal || args.length > 0;
}

function plainKey(m: Machine, map: ReadonlyMap<string, Value>, access: Access): Result {
  if (hasArgs(access)) return m.fail('%s is not a method but has arguments', access.name);
  const value = map.get(access.name);
  m.isBoxed = true;
  return value === undefined ? missing(m, access.name, null) : value;
}

function typedKey(m: Machine, map: Typed, access: Access): Result {
  if (hasArgs(access)) return m.fail('%s is not a method but has arguments', access.name);
  const elem = map.type.elem ?? NO_TYPE;
  const value = (map.data as ReadonlyMap<string, Value> | null)?.get(access.name);
  m.isBoxed = elem.kind === 'interface';
  if (value === undefined) return missing(m, access.name, zeroOf(elem));
  return value === null && elem.kind !== 'interface' ? zeroOf(elem) : value;
}

const NO_TYPE: GoType = { kind: 'interface', name: 'interface {}' };

function missing(m: Machine, name: string, zero: Result): Result {
  if (m.missingKey === 'zero') return zero;
  if (m.missingKey === 'error') return m.fail('map has no entry for key %q', name);
  m.isBoxed = false;
  return undefined;
}

function hasStringKeys({ key }: GoType): boolean {
  return key === undefined || key.name === 'string' || key.kind === 'interface';
}

function mayHaveField({ elem }: GoType, name: string): boolean {
  return elem?.kind !== 'struct' || findField(elem, name) !== undefined;
}

interface BoundMethod {
  readonly method: Method;
  readonly receiver: Typed;
}

function findMethod(receiver: Result, target: Typed, name: string): BoundMethod | undefined {
  if (receiver instanceof Typed && receiver !== target) {
    // The last pointer before the target: its method set holds that of the target.
    let pointer = receiver;
    while (pointer.data !== target) pointer = pointer.data as Typed;
    const method = pointer.type.methods?.get(name);
    if (method !== undefined) return { method, receiver: pointer };
  }
  const method = target.type.methods?.get(name);
  if (method !== undefined) return { method, receiver: target };
  return promotedMethod(target, name);
}

function promotedMethod(target: Typed, name: string): BoundMethod | undefined {
  if (target.type.kind !== 'struct') return undefined;
  for (const field of target.type.fields ?? []) {
    if (field.embedded !== true) continue;
    const value = fieldData(target, field.name);
    const inner = indirect(value);
    if (!(inner instanceof Typed)) continue;
    const found = findMethod(value, inner, name);
    if (found !== undefined) return found;
  }
  return undefined;
}

function callMethod(m: Machine, bound: BoundMethod, access: Access, final: Result): Result {
  const { method } = bound;
  const callee = {
    params: method.params,
    isVariadic: method.variadic,
    result: method.result,
    call: (args: readonly Value[]) => invoke(bound, access.name, args),
  };
  const value = linkCall(access, callee)(m, final);
  m.isBoxed = method.result.kind === 'interface';
  return value;
}

function invoke({ method, receiver }: BoundMethod, name: string, args: readonly Value[]): Value {
  const { type, data } = receiver;
  if (type.kind !== 'ptr' || data !== null) return method.call(receiver, args);
  if (type.elem?.methods?.has(name) === true) {
    const shown = type.elem.name.slice(type.elem.name.lastIndexOf('.') + 1);
    throw new Error(`value method ${type.elem.name}.${name} called using nil *${shown} pointer`);
  }
  try {
    return method.call(receiver, args);
  } catch (error) {
    // A method that reads through its nil receiver: Go's panic, as Go words it.
    if (!(error instanceof TypeError)) throw error;
    throw new Error(NIL_DEREFERENCE, { cause: error });
  }
}

const NIL_DEREFERENCE = 'runtime error: invalid memory address or nil pointer dereference';

function structField(m: Machine, target: Typed, access: Access, shownType: string): Result {
  const { name } = access;
  const path = findField(target.type, name);
  if (path === undefined) return m.fail(NO_FIELD, name, shownType);
  // Types list unexported fields where printing shows them.
  if (/^[^\p{Lu}]/u.test(name)) {
    return m.fail('%s is an unexported field of struct type %s', name, shownType);
  }
  let at: Result = target;
  for (const field of path) {
    const holder = indirect(at);
    if (!(holder instanceof Typed) || holder.data === null) {
      const embedded = at instanceof Typed ? (at.type.elem?.name ?? at.type.name) : '';
      const short = embedded.slice(embedded.lastIndexOf('.') + 1);
      return m.fail(`reflect: indirection through nil pointer to embedded struct field ${short}`);
    }
    at = fieldData(holder, field.name);
    if (at === null && field.type.kind !== 'interface') {
      at = canBeNil(field.type) ? new Typed(field.type, null) : zeroOf(field.type);
    }
    m.isBoxed = field.type.kind === 'interface';
  }
  if (hasArgs(access)) {
    return m.fail('%s has arguments but cannot be invoked as function', name);
  }
  return at;
}

function fieldData(target: Typed, name: string): Value {
  return target.data instanceof Map ? (target.data.get(name) ?? null) : null;
}

/** The fields to walk to a field, embedded structs breadth first; `undefined` where there is none. */
function findField(type: GoType, name: string): readonly StructField[] | undefined {
  const known = fieldPaths.get(type) ?? new Map<string, readonly StructField[]>();
  const path = known.get(name) ?? searchField(type, name);
  if (path !== undefined) {
    known.set(name, path);
    fieldPaths.set(type, known);
  }
  return path;
}

/** Types live long, and have few fields. */
const fieldPaths = new WeakMap<GoType, Map<string, readonly StructField[]>>();

function searchField(type: GoType, name: string): readonly StructField[] | undefined {
  let level: { readonly type: GoType; readonly path: readonly StructField[] }[] = [
    { type, path: [] },
  ];
  while (level.length > 0) {
    const next: typeof level = [];
    for (const { type: holder, path } of level) {
      for (const field of holder.fields ?? []) {
        if (field.name === name) return [...path, field];
        if (field.embedded !== true) continue;
        const struct = field.type.kind === 'ptr' ? field.type.elem : field.type;
        if (struct !== undefined) next.push({ type: struct, path: [...path, field] });
      }
    }
    level = next;
  }
  return undefined;
}
