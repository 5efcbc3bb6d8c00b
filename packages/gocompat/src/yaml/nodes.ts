// SPDX-License-Identifier: Apache-2.0

/**
 * A YAML document as it stands in its text: with comments, styles, anchors and tags.
 *
 * Source: go.yaml.in/yaml/v3 v3.0.4 decode.go (parser)
 */

import { CommentLog } from './comment-log.ts';
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
import { MERGE_TAG, NULL_TAG, resolvePlain } from './resolve.ts';
import { PLAIN_STYLE } from './tokens.ts';

/** What a node is. */
export type YamlNodeKind = 'scalar' | 'sequence' | 'mapping' | 'alias';

/** Collections inside each other. Differs: go-yaml stops at 10,000 of a kind. */
const MAX_DEPTH = 1000;

/** Where comments stand: above, behind and below. */
export interface YamlComments {
  head: string;
  line: string;
  foot: string;
}

/** A scalar, list, map or alias with all that its text says about it. */
export class YamlNode {
  readonly kind: YamlNodeKind;
  /** Scalar text, or the name of an alias. */
  value = '';
  /** As it is written; empty: what the text says. */
  tag = '';
  anchor = '';
  /** Of a scalar (`tokens.ts`). */
  style: number = PLAIN_STYLE;
  isFlow = false;
  readonly comments: YamlComments = { head: '', line: '', foot: '' };
  /** Items; or keys and values in turn. */
  readonly children: YamlNode[] = [];

  constructor(kind: YamlNodeKind) {
    this.kind = kind;
  }

  /** Whether it is `null`, by its tag or its text. */
  get isNull(): boolean {
    if (this.tag !== '') return this.tag === NULL_TAG;
    if (this.kind !== 'scalar' || this.style !== PLAIN_STYLE) return false;
    return resolvePlain(this.value)?.kind === 'null';
  }
}

/** A document and the comments around it. */
export interface YamlNodeDocument {
  readonly root: YamlNode;
  /** Above and below the root's own. */
  readonly head: string;
  readonly foot: string;
}

/**
 * The first document of a text.
 *
 * @returns `undefined` for a text without any
 * @throws {YamlError} `gocompat/yaml`: `yaml: line N: …`
 */
export function readYamlNodes(text: string): YamlNodeDocument | undefined {
  const parser = new Parser(text === '' ? '\n' : text, new CommentLog());
  parser.next();
  if (parser.kind === STREAM_END_EVENT) return undefined;
  if (parser.kind !== DOCUMENT_START_EVENT) throw new YamlError('yaml: expected a document');
  const head = parser.headComment;
  parser.next();
  const root = new NodeReader(parser).read();
  parser.next();
  return { root, head, foot: parser.footComment };
}

class NodeReader {
  readonly #parser: Parser;
  readonly #anchors = new Set<string>();
  #depth = 0;

  constructor(parser: Parser) {
    this.#parser = parser;
  }

  /** The node the parser stands at. */
  read(): YamlNode {
    switch (this.#parser.kind) {
      case SCALAR_EVENT:
        return this.#scalar();
      case ALIAS_EVENT:
        return this.#alias();
      case SEQUENCE_START_EVENT:
        return this.#sequence();
      case MAPPING_START_EVENT:
        return this.#mapping();
      default:
        throw new YamlError('yaml: attempted to parse unknown event');
    }
  }

  #next(): YamlNode {
    this.#parser.next();
    return this.read();
  }

  #open(kind: YamlNodeKind): YamlNode {
    const parser = this.#parser;
    const node = new YamlNode(kind);
    node.tag = parser.tag === '!' ? '' : parser.tag;
    node.anchor = parser.anchor;
    node.isFlow = parser.isFlow;
    node.comments.head = parser.headComment;
    node.comments.line = parser.lineComment;
    node.comments.foot = parser.footComment;
    if (node.anchor !== '') this.#anchors.add(node.anchor);
    return node;
  }

  #scalar(): YamlNode {
    const node = this.#open('scalar');
    node.value = this.#parser.value;
    node.style = this.#parser.style;
    // go-yaml names what it takes for a merge key, and writes the name.
    const isMerge = node.value === '<<' && node.style === PLAIN_STYLE;
    if (isMerge && this.#parser.tag === '') node.tag = MERGE_TAG;
    return node;
  }

  #alias(): YamlNode {
    const node = this.#open('alias');
    node.value = this.#parser.value;
    if (!this.#anchors.has(node.value)) {
      throw yamlError(0, `unknown anchor '${node.value}' referenced`);
    }
    return node;
  }

  #enter(kind: YamlNodeKind): YamlNode {
    if (++this.#depth > MAX_DEPTH) {
      throw yamlError(this.#parser.line + 1, `exceeded max depth of ${MAX_DEPTH}`);
    }
    return this.#open(kind);
  }

  #leave({ comments }: YamlNode): void {
    this.#depth--;
    comments.line = this.#parser.lineComment;
    comments.foot = this.#parser.footComment;
  }

  #sequence(): YamlNode {
    const node = this.#enter('sequence');
    for (;;) {
      this.#parser.next();
      if (this.#parser.kind === SEQUENCE_END_EVENT) break;
      node.children.push(this.read());
    }
    this.#leave(node);
    return node;
  }

  #mapping(): YamlNode {
    const node = this.#enter('mapping');
    const { children, comments, isFlow } = node;
    for (;;) {
      this.#parser.next();
      if (this.#parser.kind === MAPPING_END_EVENT) break;
      const key = this.read();
      const before = children.at(-2);
      // Dedented, it belongs below the pair before.
      if (!isFlow && before !== undefined) moveFoot(key, before);
      children.push(key);
      const value = this.#next();
      children.push(value);
      if (key.comments.foot === '') moveFoot(value, key);
    }
    this.#leave(node);
    const last = children.at(-2);
    if (!isFlow && comments.foot !== '' && last !== undefined) moveFoot(node, last);
    return node;
  }
}

function moveFoot(from: YamlNode, to: YamlNode): void {
  if (from.comments.foot === '') return;
  to.comments.foot = from.comments.foot;
  from.comments.foot = '';
}
