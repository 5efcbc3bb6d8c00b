// SPDX-License-Identifier: Apache-2.0

import type { ListNode, Node } from '../node.ts';

/**
 * A node as one number: its place in the text and its kind, which no two nodes of a tree share.
 *
 * Programs outlive their trees and remember nothing else of a node; who needs it for an error reads the text again and looks it up.
 */
export type NodeRef = number;

/** Before the first statement. */
export const NO_NODE: NodeRef = -1;

const KINDS: readonly Node['kind'][] = [
  'list',
  'text',
  'action',
  'pipe',
  'command',
  'identifier',
  'variable',
  'field',
  'chain',
  'dot',
  'nil',
  'bool',
  'string',
  'number',
  'if',
  'range',
  'with',
  'template',
];
const NUMBERS: ReadonlyMap<string, number> = new Map(KINDS.map((kind, i) => [kind, i]));
const KIND_STEP = 32;

export function refOf({ pos, kind }: Node): NodeRef {
  return pos * KIND_STEP + (NUMBERS.get(kind) ?? KIND_STEP - 1);
}

export function kindOfRef(ref: NodeRef): Node['kind'] | undefined {
  return KINDS[ref % KIND_STEP];
}

/** Where the node stands, in UTF-16 units; 0 for none. */
export function posOfRef(ref: NodeRef): number {
  return ref < 0 ? 0 : Math.floor(ref / KIND_STEP);
}

/** Looks a node up in a tree. */
export function findNode(tree: ListNode, ref: NodeRef): Node | undefined {
  const waiting: Node[] = [tree];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (refOf(node) === ref) return node;
    waiting.push(...partsOf(node));
  }
  return undefined;
}

function partsOf(node: Node): readonly Node[] {
  switch (node.kind) {
    case 'list':
      return node.nodes;
    case 'action':
      return [node.pipe];
    case 'pipe':
      return [...node.decl, ...node.commands];
    case 'command':
      return node.args;
    case 'chain':
      return [node.base];
    case 'template':
      return node.pipe === undefined ? [] : [node.pipe];
    case 'if':
    case 'range':
    case 'with':
      return node.elseList === undefined
        ? [node.pipe, node.list]
        : [node.pipe, node.list, node.elseList];
    default:
      return [];
  }
}
