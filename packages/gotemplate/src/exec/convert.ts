// SPDX-License-Identifier: Apache-2.0

import { type GoType, type Int, intOf, Typed, typeOf, type Value } from '@helm-operator/gocompat';
import { type BoolNode, type NumberNode, printNode, type StringNode } from '../node.ts';
import type { Machine } from './machine.ts';
import { refOf } from './node-ref.ts';
import {
  canBeNil,
  copyOf,
  isEmptyInterface,
  named,
  type Result,
  reflectValue,
  typeName,
  zeroOf,
} from './reflect.ts';

/**
 * Makes arguments fit parameter types, or says in Go's words why they do not.
 *
 * Source: Go 1.26 text/template/exec.go validateType, evalArg, idealConstant
 */

export type LiteralNode = BoolNode | NumberNode | StringNode;

/** @throws {TemplateExecError} `gotemplate/exec` */
export function convert(m: Machine, value: Result, type: GoType): Result {
  if (value === undefined) {
    if (canBeNil(type)) return zeroOf(type);
    return m.fail('invalid value; expected %s', type.name);
  }
  if (type === reflectValue) return value;
  if (isEmptyInterface(type)) return copyOf(value);
  const assigned = assign(value, type);
  if (assigned !== undefined) return assigned;
  if (value instanceof Typed && value.type.kind === 'ptr') {
    if (value.type.elem !== undefined && isAssignable(value.type.elem, type)) {
      if (value.data === null) return m.fail('dereference of nil pointer of type %s', type.name);
      return assign(value.data as Value, type);
    }
  }
  return m.fail('wrong type for value; expected %s; got %s', type.name, typeName(value));
}

/** The value as a value of the type; `undefined` where Go does not allow the assignment. */
function assign(value: Value, type: GoType): Value | undefined {
  const from = typeOf(value);
  if (from === undefined || !isAssignable(from, type)) return undefined;
  if (type.kind === 'interface') return copyOf(value);
  if (from.name === type.name) return copyOf(value);
  const data = value instanceof Typed ? value.data : value;
  const isPlain = type.name === 'map[string]interface {}' || type.name === '[]interface {}';
  return isPlain && data !== null ? (data as Value) : new Typed(type, data);
}

function isAssignable(from: GoType, to: GoType): boolean {
  if (from === to || from.name === to.name) return true;
  if (isEmptyInterface(to)) return true;
  if (to.kind === 'interface') return implementsInterface(from, to);
  // One side without a name of its own, and the same type underneath.
  if (from.kind !== to.kind || (isNamed(from) && isNamed(to))) return false;
  return (
    (from.kind === 'map' || from.kind === 'slice') &&
    from.elem?.name === to.elem?.name &&
    from.key?.name === to.key?.name
  );
}

function isNamed(type: GoType): boolean {
  return !type.name.startsWith('map[') && !type.name.startsWith('[]');
}

function implementsInterface(from: GoType, to: GoType): boolean {
  const wanted = to.name === 'error' ? ['Error'] : [...(to.methods?.keys() ?? [])];
  return wanted.every((method) => from.methods?.has(method) === true);
}

/** The constant as an argument of the type, or the function that fails with Go's text. */
export function literal(node: LiteralNode, type: GoType): (m: Machine) => Result {
  const value = literalValue(node, type);
  const ref = refOf(node);
  if (typeof value === 'function') {
    return (m) => {
      m.node = ref;
      return value(m);
    };
  }
  return (m) => {
    m.node = ref;
    return value;
  };
}

type Failing = (m: Machine) => never;

function literalValue(node: LiteralNode, type: GoType): Value | Failing {
  switch (type.kind) {
    case 'bool':
      return node.kind === 'bool' ? named(type, node.value) : expected('bool', node);
    case 'string':
      return node.kind === 'string' ? named(type, node.text) : expected('string', node);
    case 'float32':
    case 'float64':
      return floatLiteral(node, type);
    case 'complex128': {
      if (node.kind !== 'number' || node.complex === undefined) return expected('complex', node);
      return new Typed(type, node.complex);
    }
    case 'int':
    case 'int8':
    case 'int16':
    case 'int32':
    case 'int64':
    case 'uint':
    case 'uint8':
    case 'uint16':
    case 'uint32':
    case 'uint64':
      return integerLiteral(node, type);
    default:
  }
  if (isEmptyInterface(type) || type === reflectValue) return ideal(node);
  return (m) => m.fail("can't handle %s for arg of type %s", printNode(node), type.name);
}

function expected(what: string, node: LiteralNode): Failing {
  return (m) => m.fail(`expected ${what}; found %s`, printNode(node));
}

function floatLiteral(node: LiteralNode, type: GoType): Value | Failing {
  if (node.kind !== 'number' || node.float === undefined) return expected('float', node);
  if (type.kind === 'float32') return new Typed(type, Math.fround(node.float));
  return named(type, node.float);
}

function integerLiteral(node: LiteralNode, type: GoType): Value | Failing {
  const isUnsigned = type.kind.startsWith('u');
  const value = node.kind === 'number' ? (isUnsigned ? node.uint : node.int) : undefined;
  if (value === undefined) return expected(isUnsigned ? 'unsigned integer' : 'integer', node);
  return named(type, intOf(type.kind as Int['kind'], value));
}

const complexType: GoType = { kind: 'complex128', name: 'complex128' };

/** The constant where nothing says its type: its syntax does. */
export function ideal(node: LiteralNode): Value | Failing {
  if (node.kind === 'bool') return node.value;
  if (node.kind === 'string') return node.text;
  if (node.complex !== undefined) return new Typed(complexType, node.complex);
  if (node.float !== undefined && readsAsFloat(node.text)) return node.float;
  if (node.int !== undefined) return intOf('int', node.int);
  return (m) => m.fail('%s overflows int', node.text);
}

function readsAsFloat(text: string): boolean {
  const isHexInt = /^0x[^pP]+$/i.test(text);
  return !isHexInt && !text.startsWith("'") && /[.eEpP]/.test(text);
}
