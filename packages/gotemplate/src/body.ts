// SPDX-License-Identifier: Apache-2.0

import { type Code, compile } from './exec/exec.ts';
import type { Program } from './exec/machine.ts';
import { findNode, type NodeRef } from './exec/node-ref.ts';
import { isEmptyTree, type ListNode, printNode, type Source, type Tree } from './node.ts';
import { type KnownText, parseAgain } from './parse/parse.ts';

/** Whether anything was compiled of a text. */
export interface Growth {
  hasGrown: boolean;
}

/** Memory of a body that never ran, with its entry in a table. */
const BASE_BYTES = 200;

/**
 * What a text defines, without the name it was given: texts that are the same share it.
 *
 * Trees are kept until `forget`; afterwards what runs for the first time is read again from the text.
 */
export class Body implements Code {
  readonly isEmpty: boolean;
  readonly #known: KnownText;
  readonly #growth: Growth;
  readonly #pos: number | undefined;
  #root: ListNode | undefined;
  #program: Program | undefined;
  /** What waits with a tree in hand; `undefined`: trees are not kept any more. */
  #kept: Later[] | undefined = [];
  /** Read for an error; more of them often follow. */
  #shownOf: WeakRef<ListNode> | undefined;

  constructor(known: KnownText, { isWhole, root }: Tree, growth: Growth) {
    this.#growth = growth;
    this.isEmpty = isEmptyTree(root);
    this.#known = known;
    this.#pos = isWhole ? undefined : root.pos;
    this.#root = root;
  }

  program(): Program {
    if (this.#program === undefined) {
      this.#growth.hasGrown = true;
      this.#program = compile(this.#list(), this);
      this.#root = undefined;
    }
    return this.#program;
  }

  /** A program of its own that tells the run's observer of each statement. */
  observed(source: Source): Program {
    return compile(this.#list(), { later: (list) => () => list }, source);
  }

  /** A node of this body, as Go prints it. */
  shown(ref: NodeRef): string {
    const tree = this.#shownOf?.deref() ?? this.#list();
    this.#shownOf = new WeakRef(tree);
    const node = findNode(tree, ref);
    return node === undefined ? '' : printNode(node);
  }

  /** Memory of what was compiled so far, estimated. */
  get bytes(): number {
    return BASE_BYTES + (this.#program?.bytes ?? 0);
  }

  forget(): void {
    this.#root = undefined;
    for (const later of this.#kept ?? []) later.list = undefined;
    this.#kept = undefined;
  }

  later(list: ListNode): () => ListNode {
    const known = this.#known;
    const later: Later = { pos: list.pos, list: undefined };
    if (this.#kept !== undefined) {
      later.list = list;
      this.#kept.push(later);
    }
    return readerOf(known, later, this.#growth);
  }

  #list(): ListNode {
    return this.#root ?? parseAgain(this.#known, this.#pos);
  }
}

interface Later {
  readonly pos: number;
  list: ListNode | undefined;
}

function readerOf(known: KnownText, later: Later, growth: Growth): () => ListNode {
  return () => {
    growth.hasGrown = true;
    return later.list ?? parseAgain(known, later.pos);
  };
}
