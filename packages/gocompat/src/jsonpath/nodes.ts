// SPDX-License-Identifier: Apache-2.0

/** What a JSONPath template of Kubernetes is made of. Source: k8s.io/client-go v0.36 util/jsonpath/node.go. */

import type { Value } from '../value/value.ts';

/** One part of a slice (`[from:to:step]`). */
export interface SlicePart {
  readonly value: number;
  readonly isKnown: boolean;
  /** An end made from a start: `[3]` is `[3:4]`. */
  readonly isDerived?: boolean;
}

export type Slice = readonly [SlicePart, SlicePart, SlicePart];

/** A chain: each node works on what the one before found. */
export interface ListNode {
  readonly kind: 'list';
  readonly nodes: PathNode[];
}

export interface FilterNode {
  readonly kind: 'filter';
  readonly left: ListNode;
  readonly right: ListNode;
  /** `exists` where nothing is compared. */
  readonly operator: string;
}

export type PathNode =
  | ListNode
  | FilterNode
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'literal'; readonly value: Value }
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'word'; readonly name: string }
  | { readonly kind: 'slice'; readonly parts: Slice }
  | { readonly kind: 'wildcard' }
  | { readonly kind: 'descent' }
  | { readonly kind: 'union'; readonly lists: readonly ListNode[] };

export function newList(): ListNode {
  return { kind: 'list', nodes: [] };
}

/** A template that is no JSONPath, or that does not fit the value; `message` is Kubernetes' own. */
export class JsonPathError extends Error {
  readonly code = 'gocompat/json-path' as const;
  readonly retry = 'terminal' as const;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'JsonPathError';
  }
}
