// SPDX-License-Identifier: Apache-2.0

/** Go's `%#v` of what go-yaml decodes, which some of its errors quote. */

import { quote } from '../strconv/quote.ts';
import { MAPPING_NODE, type Node, SCALAR_NODE } from './compose.ts';
import { yamlFloat } from './numbers.ts';
import { isMerge, resolveScalar, type Scalar } from './scalar.ts';

const MAX_INT64 = 0x7fffffffffffffffn;

/** A scalar in Go syntax; distinct for distinct map keys. */
export function goKey(scalar: Scalar): string {
  if (typeof scalar === 'string') return quote(scalar);
  const { kind, value } = scalar;
  if (kind === 'null') return '<nil>';
  if (kind === 'float') return goFloat(value as number);
  if (typeof value === 'bigint' && value > MAX_INT64) return `0x${value.toString(16)}`;
  return String(value);
}

function goFloat(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  return yamlFloat(value);
}

/** A node's value in Go syntax; the node must be known to decode. */
export function goSyntax(node: Node): string {
  const target = node.target ?? node;
  if (target.kind === SCALAR_NODE) return goKey(resolveScalar(target));
  return collectionSyntax(target);
}

function collectionSyntax(node: Node): string {
  if (node.kind !== MAPPING_NODE) {
    return `[]interface {}{${node.children.map(elementSyntax).join(', ')}}`;
  }
  const entries = new Map<string, Entry>();
  addEntries(entries, node);
  const sorted = [...entries.values()].sort(byKey);
  return `map[interface {}]interface {}{${sorted.map(({ text }) => text).join(', ')}}`;
}

function elementSyntax(node: Node): string {
  const text = goSyntax(node);
  return text === '<nil>' ? 'interface {}(nil)' : text;
}

interface Entry {
  readonly key: Scalar;
  readonly text: string;
}

function addEntries(entries: Map<string, Entry>, node: Node): void {
  const { children } = node;
  for (let i = 0; i < children.length; i += 2) {
    const keyNode = children[i] as Node;
    const valueNode = children[i + 1] as Node;
    if (isMerge(keyNode)) {
      const source = valueNode.target ?? valueNode;
      const merged = source.kind === MAPPING_NODE ? [source] : source.children.toReversed();
      for (const item of merged) addEntries(entries, item.target ?? item);
      continue;
    }
    const key = resolveScalar(keyNode.target ?? keyNode);
    const name = goKey(key);
    const shown = name === '<nil>' ? 'interface {}(nil)' : name;
    entries.set(name, { key, text: `${shown}:${elementSyntax(valueNode)}` });
  }
}

/** fmt's order: nil first, then by type, then by value. */
function byKey(a: Entry, b: Entry): number {
  const rank = keyRank(a.key) - keyRank(b.key);
  if (rank !== 0) return rank;
  const left = typeof a.key === 'string' ? a.key : a.key.value;
  const right = typeof b.key === 'string' ? b.key : b.key.value;
  if (left === right) return 0;
  return (left ?? 0) < (right ?? 0) ? -1 : 1;
}

function keyRank(key: Scalar): number {
  if (typeof key === 'string') return 4;
  if (key.kind === 'null') return 0;
  if (key.kind === 'bool') return 1;
  return key.kind === 'float' ? 2 : 3;
}
