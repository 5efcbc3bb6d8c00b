// SPDX-License-Identifier: Apache-2.0
import { YamlError, yamlError } from './errors.ts';
import {
  ALIAS_EVENT,
  DOCUMENT_START_EVENT,
  MAPPING_END_EVENT,
  MAPPING_START_EVENT,
  SCALAR_EVENT,
  SEQUENCE_END_EVENT,
  SEQUENCE_START_EVENT,
  STREAM_END_EVENT,
} from './events.ts';
import { Parser } from './parser.ts';

export const SCALAR_NODE = 1;
export const SEQUENCE_NODE = 2;
export const MAPPING_NODE = 3;
export const ALIAS_NODE = 4;

/** Collections inside each other. Differs: go-yaml stops at 10,000 of a kind. */
const MAX_DEPTH = 1000;

/** A parsed document as a tree; types are not resolved yet. */
export class Node {
  readonly kind: number;
  /** 0-based, where the node or its first property starts. */
  readonly line: number;
  /** Scalar text, or the name of an alias. */
  readonly value: string;
  readonly tag: string;
  readonly isImplicit: boolean;
  /** Items; or keys and values in turn. */
  readonly children: Node[];
  /** What an alias stands for. */
  readonly target: Node | undefined;

  constructor(kind: number, parser: Parser, children: Node[], target: Node | undefined) {
    this.kind = kind;
    this.line = parser.line;
    this.value = parser.value;
    this.tag = parser.tag;
    this.isImplicit = parser.isImplicit;
    this.children = children;
    this.target = target;
  }
}

const NO_CHILDREN: Node[] = [];

/** Reads one document after another from a text. */
export class Composer {
  readonly #parser: Parser;

  constructor(text: string) {
    this.#parser = new Parser(text === '' ? '\n' : text);
  }

  /** The root of the next document, or `undefined` at the end of the text. @throws {YamlError} */
  next(): Node | undefined {
    const parser = this.#parser;
    parser.next();
    if (parser.kind === STREAM_END_EVENT) return undefined;
    if (parser.kind !== DOCUMENT_START_EVENT) {
      throw new YamlError('yaml: expected the start of a document');
    }
    const root = composeNode(parser);
    parser.next();
    return root;
  }
}

function composeNode(parser: Parser): Node {
  const anchors = new Map<string, Node>();
  const open: Node[] = [];
  let children: Node[] = NO_CHILDREN;
  for (;;) {
    parser.next();
    let node: Node;
    switch (parser.kind) {
      case SCALAR_EVENT:
        node = new Node(SCALAR_NODE, parser, NO_CHILDREN, undefined);
        break;
      case ALIAS_EVENT:
        node = composeAlias(parser, anchors);
        break;
      case SEQUENCE_START_EVENT:
      case MAPPING_START_EVENT: {
        const kind = parser.kind === SEQUENCE_START_EVENT ? SEQUENCE_NODE : MAPPING_NODE;
        node = new Node(kind, parser, [], undefined);
        if (parser.anchor !== '') anchors.set(parser.anchor, node);
        if (open.length > 0) children.push(node);
        open.push(node);
        if (open.length > MAX_DEPTH) {
          throw yamlError(node.line + 1, `exceeded max depth of ${MAX_DEPTH}`);
        }
        children = node.children;
        continue;
      }
      case SEQUENCE_END_EVENT:
      case MAPPING_END_EVENT: {
        const ended = open.pop() as Node;
        const parent = open[open.length - 1];
        if (parent === undefined) return ended;
        children = parent.children;
        continue;
      }
      default:
        throw new YamlError('yaml: attempted to parse unknown event');
    }
    if (parser.anchor !== '') anchors.set(parser.anchor, node);
    if (open.length === 0) return node;
    children.push(node);
  }
}

function composeAlias(parser: Parser, anchors: ReadonlyMap<string, Node>): Node {
  const target = anchors.get(parser.value);
  if (target === undefined) throw yamlError(0, `unknown anchor '${parser.value}' referenced`);
  return new Node(ALIAS_NODE, parser, NO_CHILDREN, target);
}
