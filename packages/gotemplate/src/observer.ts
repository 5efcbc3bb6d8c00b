// SPDX-License-Identifier: Apache-2.0

import { byteLength } from '@helm-operator/gocompat';
import type { BranchNode, Node, Source } from './node.ts';

/** A statement that is about to run. */
export interface Statement {
  readonly source: Source;
  readonly node: Node;
  /** The `if`, `with` and `range` around it, the outermost first; those whose `else` it stands in are left out. */
  readonly within: readonly BranchNode[];
  /** Templates that called each other with `{{template}}` on the way. */
  readonly depth: number;
  /** UTF-16 units printed before. */
  readonly printed: number;
}

/**
 * Watches a run: which statement printed what, through `include`, `tpl` and `{{template}}`. A run that nobody watches pays nothing:
 * templates are compiled a second time for one that is.
 */
export interface RunObserver {
  /** A template begins: a file, or what a function of the statement before executes. */
  begin(name: string): void;
  statement(statement: Statement): void;
  /** What was begun last is over. @param output `undefined`: it failed */
  end(output: string | undefined): void;
}

/** Line and column as Go counts them: the column in bytes from 0. */
export interface SourcePlace {
  readonly line: number;
  readonly column: number;
}

/** Where a node stands: template, line and column. */
export function placeOf({ text }: Source, pos: number): SourcePlace {
  const before = text.slice(0, pos);
  const lineStart = before.lastIndexOf('\n') + 1;
  return { line: before.split('\n').length, column: byteLength(before.slice(lineStart)) };
}
