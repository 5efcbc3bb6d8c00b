// SPDX-License-Identifier: Apache-2.0
import { ALIAS_NODE, MAPPING_NODE, type Node, SCALAR_NODE } from './compose.ts';
import { floatKey } from './numbers.ts';
import { isMerge, resolveScalar } from './scalar.ts';

/** The line a value stands on, as a tree of the value's shape; a map's and list's own line is its first. */
export interface YamlLines {
  /** 1-based. */
  readonly line: number;
  readonly keys?: ReadonlyMap<string, YamlLines>;
  readonly items?: readonly YamlLines[];
}

/** The lines of a document's values, for a document that decodes without error. */
export function linesOf(node: Node): YamlLines {
  const target = node.kind === ALIAS_NODE ? (node.target as Node) : node;
  const line = node.line + 1;
  if (target.kind === SCALAR_NODE) return { line };
  if (target.kind !== MAPPING_NODE) return { line, items: target.children.map(linesOf) };
  const keys = new Map<string, YamlLines>();
  addKeyLines(keys, target);
  return { line, keys };
}

function addKeyLines(keys: Map<string, YamlLines>, node: Node): void {
  const { children } = node;
  for (let i = 0; i < children.length; i += 2) {
    const keyNode = children[i] as Node;
    const valueNode = children[i + 1] as Node;
    if (!isMerge(keyNode)) {
      keys.set(keyText(keyNode), { ...linesOf(valueNode), line: keyNode.line + 1 });
      continue;
    }
    const isList = valueNode.kind !== MAPPING_NODE && valueNode.kind !== ALIAS_NODE;
    const merged = isList ? valueNode.children.toReversed() : [valueNode];
    for (const item of merged) addKeyLines(keys, item.target ?? item);
  }
}

function keyText(node: Node): string {
  const key = resolveScalar(node.target ?? node);
  if (typeof key === 'string') return key;
  return key.kind === 'float' ? floatKey(key.value as number) : String(key.value);
}
