// SPDX-License-Identifier: Apache-2.0

/** What a JSONPath template finds in a value. Source: k8s.io/client-go v0.36 util/jsonpath/jsonpath.go. */

import { encodeUtf8 } from '../text/text.ts';
import { sortedKeys } from '../value/keys.ts';
import { intOf, type Value } from '../value/value.ts';
import { compareByOperator } from './compare.ts';
import {
  type FilterNode,
  JsonPathError,
  type ListNode,
  type PathNode,
  type Slice,
} from './nodes.ts';

/** `undefined` is no value at all (Go's zero `reflect.Value`): a null that a range stands on. */
export type Found = Value | undefined;

/** A failure that keeps what was found: an existence filter looks at that alone. */
class FindError extends JsonPathError {
  readonly partial: readonly Found[];
  constructor(message: string, partial: readonly Found[]) {
    super(message);
    this.partial = partial;
  }
}

/**
 * What each action and text of a template finds, in order.
 *
 * Differs: keys of a map in the order of their bytes; Go's order is random.
 *
 * @throws {JsonPathError} `gocompat/json-path`
 */
export function findByPath(path: ListNode, value: Value): readonly (readonly Found[])[] {
  return new Finder(path.nodes).find(value, 0);
}

/** Ranges are flat in a template: counters tell how deep the node at hand stands. */
class Finder {
  readonly #nodes: readonly PathNode[];
  #beginning = 0;
  #depth = 0;
  #ending = 0;
  #lastEnd = -1;

  constructor(nodes: readonly PathNode[]) {
    this.#nodes = nodes;
  }

  find(value: Found, from: number): (readonly Found[])[] {
    const all: (readonly Found[])[] = [];
    for (let i = from; i < this.#nodes.length; i++) {
      const node = this.#nodes[i];
      if (node === undefined) break;
      const found = this.#walk([value], node);
      if (this.#ending > 0 && this.#ending <= this.#depth) {
        this.#ending--;
        this.#lastEnd = i;
        break;
      }
      if (this.#beginning === 0) {
        all.push(found);
        continue;
      }
      all.push(...this.#range(found, i + 1));
      if (this.#lastEnd > i) i = this.#lastEnd;
    }
    return all;
  }

  #range(items: readonly Found[], from: number): (readonly Found[])[] {
    this.#beginning--;
    this.#depth++;
    const all: (readonly Found[])[] = [];
    for (const item of items) all.push(...this.find(item ?? undefined, from));
    // Walked once all the same, to learn where it ends.
    if (items.length === 0) this.find(undefined, from);
    this.#depth--;
    return all;
  }

  #walk(input: readonly Found[], node: PathNode): readonly Found[] {
    switch (node.kind) {
      case 'list':
        return this.#chain(input, node);
      case 'text':
        return [node.text];
      case 'literal':
        return input.map(() => node.value);
      case 'field':
        return fieldsOf(input, node.name);
      case 'word':
        return this.#word(input, node.name);
      case 'slice':
        return sliceAll(input, node.parts);
      case 'wildcard':
        return input.flatMap((value) => childrenOf(value));
      case 'descent':
        return input.flatMap((value) => descend(value));
      case 'union':
        return attempt(input, () => node.lists.flatMap((list) => this.#chain(input, list)));
      case 'filter':
        return this.#filter(input, node);
    }
  }

  #chain(input: readonly Found[], { nodes }: ListNode): readonly Found[] {
    return nodes.reduce((found, node) => this.#walk(found, node), input);
  }

  #word(input: readonly Found[], name: string): readonly Found[] {
    if (name === 'range') {
      this.#beginning++;
      return input;
    }
    if (name !== 'end') throw new FindError(`unrecognized identifier ${name}`, input);
    if (this.#depth === 0) throw new FindError('not in range, nothing to end', []);
    this.#ending++;
    return [];
  }

  #filter(input: readonly Found[], node: FilterNode): readonly Found[] {
    return input.flatMap((value) => {
      if (!Array.isArray(value))
        throw new FindError('not an array or slice, which cannot be filtered', input);
      return value.filter((item) =>
        node.operator === 'exists'
          ? this.#exists(item, node.left)
          : attempt(input, () => this.#isPassing(item, node)),
      );
    });
  }

  #exists(item: Value, path: ListNode): boolean {
    try {
      return this.#chain([item], path).length > 0;
    } catch (error) {
      if (error instanceof FindError) return error.partial.length > 0;
      throw error;
    }
  }

  #isPassing(item: Value, { left, right, operator }: FilterNode): boolean {
    const a = this.#chain([item], left);
    if (a.length > 1) throw new JsonPathError('can only compare one element at a time');
    if (a.length === 0) return false;
    const b = this.#chain([item], right);
    if (b.length > 1) throw new JsonPathError('can only compare one element at a time');
    return b.length === 1 && compareByOperator(operator, a[0] ?? null, b[0] ?? null);
  }
}

/** A failure inside leaves the input as what was found. */
function attempt<T>(input: readonly Found[], work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof JsonPathError)) throw error;
    throw new FindError(error.message, input);
  }
}

function fieldsOf(input: readonly Found[], name: string): readonly Found[] {
  const found = input.flatMap((value) => {
    const field = value instanceof Map ? value.get(name) : undefined;
    return field === undefined ? [] : [field];
  });
  if (found.length === 0 && input.length > 0) throw new FindError(`${name} is not found`, []);
  return found;
}

function childrenOf(value: Found): readonly Value[] {
  if (value instanceof Map) return sortedKeys(value).map((key) => value.get(key) ?? null);
  if (Array.isArray(value)) return value;
  if (typeof value === 'string') return [...encodeUtf8(value)].map((byte) => intOf('uint8', byte));
  return [];
}

/** A value and all below it that hold something. */
function descend(value: Found): readonly Value[] {
  const children = childrenOf(value);
  return value === undefined || children.length === 0
    ? []
    : [value, ...children.flatMap((child) => descend(child))];
}

function sliceAll(input: readonly Found[], parts: Slice): readonly Found[] {
  const found: Value[] = [];
  for (const value of input) {
    if (value === null) continue;
    if (!Array.isArray(value)) throw new FindError('not an array or slice', input);
    const items = sliceOne(value, parts, input);
    // Nothing asked for: Go leaves the other values out, too.
    if (items === undefined) return found;
    found.push(...items);
  }
  return found;
}

function sliceOne(
  items: readonly Value[],
  [first, last, by]: Slice,
  input: readonly Found[],
): readonly Value[] | undefined {
  const length = items.length;
  const from = first.value < 0 ? first.value + length : first.value;
  let to = last.isKnown ? last.value : length;
  if (to < 0 || (to === 0 && last.isDerived === true)) to += length;
  if (from === to) return undefined;
  const outside = from < 0 || from >= length ? from : to < 0 || to > length ? to - 1 : undefined;
  if (outside !== undefined) {
    const text = `array index out of bounds: index ${outside}, length ${length}`;
    throw new FindError(text, input);
  }
  if (from > to)
    throw new FindError(`starting index ${from} is greater than ending index ${to}`, input);
  if (by.isKnown && by.value <= 0) throw new FindError('step must be > 0', input);
  const step = by.isKnown ? by.value : 1;
  return items.slice(from, to).filter((_item, i) => i % step === 0);
}
