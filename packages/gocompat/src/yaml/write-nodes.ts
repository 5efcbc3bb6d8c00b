// SPDX-License-Identifier: Apache-2.0

/**
 * Documents with comments and styles → text, as kyaml's encoder: indented by two, lists in maps flush with their key, lines never
 * folded.
 *
 * Source: go.yaml.in/yaml/v3 v3.0.4 encode.go (node), emitterc.go
 */

import { byteLength } from '../text/text.ts';
import {
  analyzeScalar,
  BLOCK_ALLOWED,
  MULTILINE,
  PLAIN_ALLOWED,
  SINGLE_QUOTED_ALLOWED,
} from './analyze.ts';
import type { YamlNode, YamlNodeDocument } from './nodes.ts';
import {
  DOUBLE_QUOTED_STYLE,
  FOLDED_STYLE,
  LITERAL_STYLE,
  PLAIN_STYLE,
  SINGLE_QUOTED_STYLE,
} from './tokens.ts';
import { ScalarWriter } from './write-scalar.ts';

const STEP = 2;
const TAG_PREFIX = 'tag:yaml.org,2002:';
/** Bytes of a key that is written without `?`. */
const MAX_KEY_BYTES = 128;

/** Where a node stands. */
interface Place {
  /** Of the collection around it; -1: none. */
  readonly indent: number;
  readonly isFlow: boolean;
  readonly isMapping: boolean;
  readonly isSimpleKey: boolean;
}

/** The text of documents, `---` between them. */
export function writeYamlNodes(documents: readonly YamlNodeDocument[]): string {
  const writer = new NodeWriter();
  for (const document of documents) writer.document(document);
  return writer.text();
}

class NodeWriter {
  readonly #out = new ScalarWriter(Number.POSITIVE_INFINITY);
  #isFirst = true;
  /** Comments not yet written. */
  #head = '';
  #line = '';
  #foot = '';
  /** The foot of the pair before. */
  #tail = '';
  /** The comment behind a key. */
  #keyLine = '';

  text(): string {
    return this.#out.text();
  }

  document({ root, head, foot }: YamlNodeDocument): void {
    const out = this.#out;
    if (!this.#isFirst) {
      out.indent(0);
      out.indicator('---', true, false);
      out.indent(0);
    }
    this.#isFirst = false;
    if (head !== '') {
      this.#head = head;
      this.#writeHead(-1);
      out.lineBreak();
    }
    this.#take(root, '');
    this.#writeHead(-1);
    this.#node(root, { indent: -1, isFlow: false, isMapping: false, isSimpleKey: false });
    if (foot !== '') this.#foot = foot;
    out.footColumn = 0;
    this.#writeFoot(-1);
    out.footColumn = -1;
    out.indent(0);
  }

  /** Makes a node's comments the next to be written: of a collection, those at its start. */
  #take({ kind, comments }: YamlNode, tail: string): void {
    if (comments.head !== '') this.#head = comments.head;
    if (tail !== '' && kind !== 'sequence' && kind !== 'alias') this.#tail = tail;
    if (kind !== 'sequence' && kind !== 'mapping') this.#takeEnd(comments);
  }

  #takeEnd({ line, foot }: YamlNode['comments']): void {
    if (line !== '') this.#line = line;
    if (foot !== '') this.#foot = foot;
  }

  /** Writes a node, and the comments that stand behind its beginning. */
  #node(node: YamlNode, place: Place): void {
    this.#begin(node, place);
    this.#writeLine(place.indent);
    this.#writeFoot(place.indent);
    this.#content(node, place);
  }

  /** Writes a scalar or an alias; of a collection its properties. */
  #begin(node: YamlNode, place: Place): void {
    const out = this.#out;
    if (node.kind === 'alias') {
      out.indicator(`*${node.value}`, true, false);
      return;
    }
    if (node.anchor !== '') out.indicator(`&${node.anchor}`, true, false);
    if (node.tag !== '') out.indicator(shownTag(node.tag), true, false);
    if (node.kind === 'scalar') this.#scalar(node, place);
  }

  #content(node: YamlNode, place: Place): void {
    if (node.kind !== 'sequence' && node.kind !== 'mapping') return;
    const isFlow = place.isFlow || node.isFlow || node.children.length === 0;
    if (node.kind === 'sequence') {
      if (isFlow) this.#flowSequence(node, place);
      else this.#blockSequence(node, place);
    } else if (isFlow) this.#flowMapping(node, place);
    else this.#blockMapping(node, place);
  }

  #blockSequence({ children, comments }: YamlNode, place: Place): void {
    const out = this.#out;
    const isFlush = place.isMapping && (out.isLineStart() || !out.isIndented);
    const indent = place.indent < 0 ? 0 : place.indent + (isFlush ? 0 : STEP);
    for (const item of children) {
      this.#take(item, '');
      this.#writeHead(indent);
      out.indent(indent);
      out.indicator('-', true, true);
      this.#node(item, { indent, isFlow: false, isMapping: false, isSimpleKey: false });
    }
    this.#takeEnd(comments);
  }

  #blockMapping({ children, comments }: YamlNode, place: Place): void {
    const out = this.#out;
    const indent = place.indent < 0 ? 0 : place.indent + STEP;
    let tail = '';
    for (let i = 0; i + 1 < children.length; i += 2) {
      const [key, value] = children.slice(i, i + 2);
      if (key === undefined || value === undefined) break;
      tail = this.#takeKey(key, tail);
      this.#writeHead(indent);
      out.indent(indent);
      if (this.#line !== '') {
        this.#keyLine = this.#line;
        this.#line = '';
      }
      const isSimple = isSimpleKey(key);
      if (!isSimple) out.indicator('?', true, true);
      const keyPlace = { indent, isFlow: false, isMapping: true, isSimpleKey: isSimple };
      this.#begin(key, keyPlace);
      this.#content(key, keyPlace);
      this.#take(value, '');
      if (!isSimple) out.indent(indent);
      out.indicator(':', !isSimple, !isSimple);
      this.#placeKeyLine(value, indent);
      this.#node(value, { indent, isFlow: false, isMapping: true, isSimpleKey: false });
    }
    this.#tail = tail === '' ? this.#tail : tail;
    this.#takeEnd(comments);
    this.#writeHead(indent);
  }

  /** @returns the key's foot, which goes below its value */
  #takeKey(key: YamlNode, tail: string): string {
    const { foot } = key.comments;
    const kept = this.#foot;
    this.#take(key, tail);
    if (foot !== '') this.#foot = kept;
    return foot;
  }

  /** Comments stand behind values; one behind a key goes to a scalar that has none, or before a block. */
  #placeKeyLine({ kind, isFlow }: YamlNode, indent: number): void {
    if (this.#keyLine === '') return;
    if (kind === 'scalar') {
      if (this.#line !== '') return;
      this.#line = this.#keyLine;
      this.#keyLine = '';
    } else if (kind !== 'alias' && !isFlow) {
      const kept = this.#line;
      this.#line = this.#keyLine;
      this.#writeLine(indent);
      this.#keyLine = '';
      this.#line = kept;
    }
  }

  #flowSequence({ children, comments }: YamlNode, place: Place): void {
    const out = this.#out;
    out.open('[');
    const indent = place.indent + STEP + (place.indent < 0 ? 1 : 0);
    let wasClosed = true;
    for (const item of children) {
      this.#take(item, '');
      if (!wasClosed) out.indicator(',', false, false);
      this.#writeHead(indent);
      if (out.isLineStart()) out.indent(indent);
      const place = { indent, isFlow: true, isMapping: false, isSimpleKey: false };
      wasClosed = this.#flowNode(item, place);
    }
    this.#takeEnd(comments);
    if (out.isLineStart()) out.indent(Math.max(place.indent, 0));
    out.indicator(']', false, false);
    this.#writeLine(place.indent);
    this.#writeFoot(place.indent);
  }

  /** @returns whether a comment follows, and the comma was written before it */
  #flowNode(node: YamlNode, place: Place): boolean {
    const isClosed = this.#line !== '' || this.#foot !== '' || this.#tail !== '';
    this.#begin(node, place);
    if (isClosed) this.#out.indicator(',', false, false);
    this.#writeLine(place.indent);
    this.#writeFoot(place.indent);
    this.#content(node, place);
    return isClosed;
  }

  #flowMapping({ children, comments }: YamlNode, place: Place): void {
    const out = this.#out;
    out.open('{');
    const indent = place.indent + STEP + (place.indent < 0 ? 1 : 0);
    const inner = { indent, isFlow: true, isMapping: true };
    let wasClosed = true;
    let tail = '';
    for (let i = 0; i + 1 < children.length; i += 2) {
      const [key, value] = children.slice(i, i + 2);
      if (key === undefined || value === undefined) break;
      tail = this.#takeKey(key, tail);
      if (!wasClosed) out.indicator(',', false, false);
      this.#writeHead(indent);
      if (out.isLineStart()) out.indent(indent);
      const isSimple = isSimpleKey(key);
      if (!isSimple) out.indicator('?', true, false);
      this.#begin(key, { ...inner, isSimpleKey: isSimple });
      this.#content(key, { ...inner, isSimpleKey: isSimple });
      this.#take(value, '');
      out.indicator(':', !isSimple, false);
      wasClosed = this.#flowNode(value, { ...inner, isSimpleKey: false });
    }
    if (tail !== '') this.#tail = tail;
    this.#takeEnd(comments);
    const hasComment = this.#head !== '' || this.#foot !== '' || this.#tail !== '';
    if (hasComment && !wasClosed) out.indicator(',', false, false);
    this.#writeHead(indent);
    out.indicator('}', false, false);
    this.#writeLine(place.indent);
    this.#writeFoot(place.indent);
  }

  #scalar({ value, style }: YamlNode, { indent, isFlow, isSimpleKey: isKey }: Place): void {
    const out = this.#out;
    const inner = indent < 0 ? STEP : indent + STEP;
    switch (scalarStyle({ value, style }, { isFlow, isKey })) {
      case PLAIN_STYLE:
        if (value === '') out.isIndented = false;
        else out.plain(value, inner, !isKey);
        return;
      case SINGLE_QUOTED_STYLE:
        out.singleQuoted(value, inner, !isKey);
        return;
      case DOUBLE_QUOTED_STYLE:
        out.doubleQuoted(value, inner, !isKey);
        return;
      case LITERAL_STYLE:
        out.literal(value, inner, this.#line);
        break;
      default:
        out.folded(value, inner, this.#line);
    }
    this.#line = '';
  }

  #writeHead(indent: number): void {
    if (this.#tail !== '') {
      this.#comment(this.#tail, indent);
      this.#tail = '';
      this.#out.footColumn = Math.max(indent, 0);
    }
    if (this.#head === '') return;
    this.#comment(this.#head, indent);
    this.#head = '';
  }

  #writeLine(indent: number): void {
    if (this.#line === '') return;
    this.#out.comment(this.#line, Math.max(indent, 0));
    this.#line = '';
  }

  #writeFoot(indent: number): void {
    if (this.#foot === '') return;
    this.#comment(this.#foot, indent);
    this.#foot = '';
    this.#out.footColumn = Math.max(indent, 0);
  }

  #comment(text: string, indent: number): void {
    const column = Math.max(indent, 0);
    this.#out.indent(column);
    this.#out.comment(text, column);
  }
}

function shownTag(tag: string): string {
  if (tag.startsWith('!')) return tag;
  return tag.startsWith(TAG_PREFIX) ? `!!${tag.slice(TAG_PREFIX.length)}` : `!<${tag}>`;
}

function isSimpleKey({ kind, value, anchor, tag, children }: YamlNode): boolean {
  if (kind === 'alias') return value.length <= MAX_KEY_BYTES;
  if (kind !== 'scalar') return children.length === 0;
  if ((analyzeScalar(value, true) & MULTILINE) !== 0) return false;
  const shown = tag === '' ? 0 : shownTag(tag).length;
  return byteLength(value) + anchor.length + shown <= MAX_KEY_BYTES;
}

/** Source: go.yaml.in/yaml/v3 v3.0.4 emitterc.go yaml_emitter_select_scalar_style */
function scalarStyle(
  { value, style }: Pick<YamlNode, 'value' | 'style'>,
  { isFlow, isKey }: { readonly isFlow: boolean; readonly isKey: boolean },
): number {
  const allowed = value === '' ? PLAIN_ALLOWED | SINGLE_QUOTED_ALLOWED : analyzeScalar(value, true);
  let chosen = style === PLAIN_STYLE && value.includes('\n') ? LITERAL_STYLE : style;
  if (isKey && (allowed & MULTILINE) !== 0) chosen = DOUBLE_QUOTED_STYLE;
  if (chosen === PLAIN_STYLE) {
    const mayBePlain = isFlow ? isFlowPlain(value, allowed) : (allowed & PLAIN_ALLOWED) !== 0;
    const isEmpty = value === '' && (isFlow || isKey);
    if (!mayBePlain || isEmpty) chosen = SINGLE_QUOTED_STYLE;
  }
  if (chosen === SINGLE_QUOTED_STYLE && (allowed & SINGLE_QUOTED_ALLOWED) === 0) {
    return DOUBLE_QUOTED_STYLE;
  }
  const isBlock = chosen === LITERAL_STYLE || chosen === FOLDED_STYLE;
  if (isBlock && ((allowed & BLOCK_ALLOWED) === 0 || isFlow || isKey)) return DOUBLE_QUOTED_STYLE;
  return chosen;
}

const FLOW_INDICATORS = /^[?:]|^-(?:[ \t]|$)|[,?[\]{}:]/;

function isFlowPlain(value: string, allowed: number): boolean {
  if (value === '' || FLOW_INDICATORS.test(value)) return false;
  return (allowed & PLAIN_ALLOWED) !== 0;
}
