// SPDX-License-Identifier: Apache-2.0

import { unquote } from '@helm-operator/gocompat';
import { type Item, Lexer } from '../lex.ts';
import {
  type BranchNode,
  type CommandNode,
  isEmptyTree,
  type ListNode,
  type MarkNode,
  type Node,
  type OperandNode,
  type PipeNode,
  printNode,
  type Source,
  type TemplateNode,
  type Tree,
  type VariableNode,
} from '../node.ts';
import { Items } from './items.ts';
import { readNumber } from './number.ts';

/**
 * Parses the text of a template into trees: its own and those of its `define`s and `block`s.
 *
 * Source: Go 1.26 text/template/parse/parse.go
 */

/** Parentheses inside each other, as in Go. */
const MAX_PAREN_DEPTH = 10_000;

/** What all trees of one text share while it is parsed. */
interface Shared {
  readonly source: Source;
  readonly lexer: Lexer;
  readonly hasFunction: (name: string) => boolean;
  readonly trees: Map<string, Tree>;
  /** Read before, without an error: the rest of the text need not be known. */
  readonly isKnown: boolean;
  /** Every name once: a text has few of them, each many times. */
  readonly names: Map<string, string>;
}

/**
 * @returns the trees by name; the one of the text itself is called `name`
 * @throws {TemplateParseError} `gotemplate/parse`
 */
export function parse(
  name: string,
  text: string,
  hasFunction: (name: string) => boolean,
): ReadonlyMap<string, Tree> {
  const lexer = new Lexer(text, hasFunction);
  const trees = new Map<string, Tree>();
  const source = { name, text };
  const parser = new Parser({
    source,
    lexer,
    hasFunction,
    trees,
    isKnown: false,
    names: new Map(),
  });
  try {
    parser.add(name, parser.parseText(), true);
  } catch (error) {
    if (error instanceof RangeError) return parser.failTooDeep();
    throw error;
  }
  return trees;
}

/** A text that `parse` has read without an error. */
export interface KnownText {
  readonly text: string;
  readonly hasFunction: (name: string) => boolean;
}

/** Reads a list again. @param pos of the list; `undefined`: the whole text */
export function parseAgain({ text, hasFunction }: KnownText, pos: number | undefined): ListNode {
  const parser = new Parser({
    source: { name: '', text },
    lexer: new Lexer(text, hasFunction, pos),
    hasFunction,
    trees: new Map(),
    isKnown: true,
    names: new Map(),
  });
  return pos === undefined ? parser.parseText() : parser.parseList();
}

/** Reads one tree. Lives as long as its `define` or `block` is open. */
class Parser {
  readonly #shared: Shared;
  readonly #items: Items;
  /** Names seen so far in open scopes; the parser only knows whether a variable can exist. */
  readonly #variables: string[] = ['$'];
  #rangeDepth: number;
  #parenDepth = 0;

  constructor(shared: Shared) {
    this.#shared = shared;
    this.#items = new Items(shared.lexer, shared.source.name);
    this.#rangeDepth = shared.isKnown ? 1 : 0;
  }

  parseList(): ListNode {
    return this.#itemList()[0];
  }

  parseText(): ListNode {
    const items = this.#items;
    const { pos } = items.peek();
    const nodes: Node[] = [];
    while (items.peek().kind !== 'eof') {
      if (items.peek().kind === 'left-delim') {
        const delim = items.next();
        if (items.nextNonSpace().kind === 'define') {
          new Parser(this.#shared).#definition();
          continue;
        }
        items.backup2(delim);
      }
      const node = this.#textOrAction();
      if (isMark(node)) items.fail('unexpected %s', printNode(node));
      nodes.push(node);
    }
    return listOf(pos, nodes);
  }

  failTooDeep(): never {
    return this.#items.fail('max expression depth exceeded');
  }

  #name(text: string): string {
    const { names } = this.#shared;
    const known = names.get(text);
    if (known !== undefined) return known;
    names.set(text, text);
    return text;
  }

  add(name: string, root: ListNode, isWhole: boolean): void {
    const known = this.#shared.trees.get(name);
    if (known === undefined || isEmptyTree(known.root)) {
      this.#shared.trees.set(name, { isWhole, root });
      return;
    }
    if (!isEmptyTree(root)) {
      this.#items.fail('template: multiple definition of template %q', name);
    }
  }

  #definition(): void {
    const context = 'define clause';
    const name = this.#unquoted(this.#items.expect(context, 'string', 'raw-string'));
    this.#items.expect(context, 'right-delim');
    const [root, end] = this.#itemList();
    if (end.kind !== 'end') this.#items.fail('unexpected %s in %s', printNode(end), context);
    this.add(name, root, false);
  }

  #unquoted(item: Item): string {
    try {
      return unquote(item.text);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      return this.#items.fail('%s', error.message);
    }
  }

  /** Nodes up to `{{end}}` or `{{else}}`, which comes beside them. */
  #itemList(): [ListNode, MarkNode] {
    const { pos } = this.#items.peekNonSpace();
    const nodes: Node[] = [];
    while (this.#items.peekNonSpace().kind !== 'eof') {
      const node = this.#textOrAction();
      if (isMark(node)) return [listOf(pos, nodes), node];
      nodes.push(node);
    }
    return this.#items.fail('unexpected EOF');
  }

  #textOrAction(): Node {
    const item = this.#items.nextNonSpace();
    if (item.kind === 'text') return { kind: 'text', pos: item.pos, text: item.text };
    if (item.kind !== 'left-delim') return this.#items.unexpected(item, 'input');
    this.#items.actionLine = item.line;
    const node = this.#action();
    this.#items.actionLine = 0;
    return node;
  }

  #action(): Node {
    const item = this.#items.nextNonSpace();
    switch (item.kind) {
      case 'block':
        return this.#block();
      case 'break':
      case 'continue':
        return this.#loopMark(item.kind, item.pos);
      case 'else':
        return this.#else();
      case 'end':
        return { kind: 'end', pos: this.#items.expect('end', 'right-delim').pos };
      case 'if':
      case 'range':
      case 'with':
        return this.#branch(item.kind);
      case 'template':
        return this.#template();
      default:
    }
    this.#items.backup();
    const pos = this.#items.peek().pos;
    return { kind: 'action', pos, pipe: this.#pipeline('command', 'right-delim') };
  }

  #loopMark(kind: 'break' | 'continue', pos: number): MarkNode {
    const item = this.#items.nextNonSpace();
    if (item.kind !== 'right-delim') this.#items.unexpected(item, `{{${kind}}}`);
    if (this.#rangeDepth === 0) this.#items.fail(`{{${kind}}} outside {{range}}`);
    return { kind, pos };
  }

  #else(): MarkNode {
    const item = this.#items.peekNonSpace();
    // `{{else if …}}` reads as `{{else}}{{if …}}`: the branch that is open finds the word pending.
    if (item.kind === 'if' || item.kind === 'with') return { kind: 'else', pos: item.pos };
    return { kind: 'else', pos: this.#items.expect('else', 'right-delim').pos };
  }

  #branch(kind: 'if' | 'range' | 'with'): BranchNode {
    const visible = this.#variables.length;
    const pipe = this.#pipeline(kind, 'right-delim');
    if (kind === 'range') this.#rangeDepth++;
    const [list, mark] = this.#itemList();
    if (kind === 'range') this.#rangeDepth--;
    const elseList = mark.kind === 'else' ? this.#elseList(kind, mark) : undefined;
    this.#variables.length = visible;
    return { kind, pos: pipe.pos, pipe, list, elseList };
  }

  #elseList(kind: 'if' | 'range' | 'with', mark: MarkNode): ListNode {
    if (kind !== 'range' && this.#items.peek().kind === kind) {
      this.#items.next();
      return { ...listOf(mark.pos, [this.#branch(kind)]), isElseIf: true };
    }
    const [list, end] = this.#itemList();
    if (end.kind !== 'end') this.#items.fail('expected end; found %s', printNode(end));
    return list;
  }

  #block(): TemplateNode {
    const context = 'block clause';
    const item = this.#items.nextNonSpace();
    const name = this.#templateName(item, context);
    const pipe = this.#pipeline(context, 'right-delim');
    const body = new Parser(this.#shared);
    const [root, end] = body.#itemList();
    if (end.kind !== 'end') this.#items.fail('unexpected %s in %s', printNode(end), context);
    body.add(name, root, false);
    return { kind: 'template', pos: item.pos, name, pipe };
  }

  #template(): TemplateNode {
    const context = 'template clause';
    const item = this.#items.nextNonSpace();
    const name = this.#templateName(item, context);
    if (this.#items.nextNonSpace().kind === 'right-delim') {
      return { kind: 'template', pos: item.pos, name, pipe: undefined };
    }
    this.#items.backup();
    const pipe = this.#pipeline(context, 'right-delim');
    return { kind: 'template', pos: item.pos, name, pipe };
  }

  #templateName(item: Item, context: string): string {
    if (item.kind === 'string' || item.kind === 'raw-string') return this.#unquoted(item);
    return this.#items.unexpected(item, context);
  }

  #pipeline(context: string, end: 'right-delim' | 'right-paren'): PipeNode {
    const pos = this.#items.peekNonSpace().pos;
    const decl: VariableNode[] = [];
    const isAssign = this.#declarations(decl, context);
    const commands: CommandNode[] = [];
    for (;;) {
      const item = this.#items.nextNonSpace();
      if (item.kind === end) break;
      if (!OPERAND_STARTS.has(item.kind)) this.#items.unexpected(item, context);
      this.#items.backup();
      commands.push(this.#command());
    }
    this.#checkPipeline(commands, context);
    return { kind: 'pipe', pos, isAssign, decl: trimmed(decl), commands: trimmed(commands) };
  }

  /** Reads the variables before `:=` or `=`; tells whether it is the latter. */
  #declarations(decl: VariableNode[], context: string): boolean {
    const items = this.#items;
    for (;;) {
      const variable = items.peekNonSpace();
      if (variable.kind !== 'variable') return false;
      items.next();
      const after = items.peek();
      const follow = items.peekNonSpace();
      const isLast = follow.kind === 'assign' || follow.kind === 'declare';
      if (!isLast && !(follow.kind === 'char' && follow.text === ',')) {
        if (after.kind === 'space') items.backup3(variable, after);
        else items.backup2(variable);
        return false;
      }
      items.nextNonSpace();
      decl.push({ kind: 'variable', pos: variable.pos, path: variable.text.split('.') });
      this.#variables.push(variable.text);
      if (isLast) return follow.kind === 'assign';
      this.#secondVariable(decl, context);
    }
  }

  #secondVariable(decl: readonly VariableNode[], context: string): void {
    if (context !== 'range' || decl.length > 1) {
      this.#items.fail('too many declarations in %s', context);
    }
    const { kind } = this.#items.peekNonSpace();
    if (kind !== 'variable' && kind !== 'right-delim' && kind !== 'right-paren') {
      this.#items.fail('range can only initialize variables');
    }
  }

  #checkPipeline(commands: readonly CommandNode[], context: string): void {
    if (commands.length === 0) this.#items.fail('missing value for %s', context);
    for (let i = 1; i < commands.length; i++) {
      if (VALUES.has(commands[i]?.args[0]?.kind ?? 'pipe')) {
        this.#items.fail(`non executable command in pipeline stage ${i + 1}`);
      }
    }
  }

  #command(): CommandNode {
    const items = this.#items;
    const args: OperandNode[] = [];
    const pos = items.peekNonSpace().pos;
    for (;;) {
      items.peekNonSpace();
      const operand = this.#operand();
      if (operand !== undefined) args.push(operand);
      const item = items.next();
      if (item.kind === 'space') continue;
      if (item.kind === 'right-delim' || item.kind === 'right-paren') items.backup();
      else if (item.kind !== 'pipe') items.unexpected(item, 'operand');
      break;
    }
    if (args.length === 0) items.fail('empty command');
    return { kind: 'command', pos, args: trimmed(args) };
  }

  /** A term and the fields after it. */
  #operand(): OperandNode | undefined {
    const term = this.#term();
    if (term === undefined || this.#items.peek().kind !== 'field') return term;
    const pos = this.#items.peek().pos;
    const path: string[] = [];
    while (this.#items.peek().kind === 'field')
      path.push(this.#name(this.#items.next().text.slice(1)));
    if (term.kind === 'field' || term.kind === 'variable') {
      return { kind: term.kind, pos, path: [...term.path, ...path] };
    }
    if (VALUES.has(term.kind)) {
      this.#items.fail('unexpected . after term %q', printNode(term));
    }
    return { kind: 'chain', pos, base: term, path: trimmed(path) };
  }

  #term(): OperandNode | undefined {
    const item = this.#items.nextNonSpace();
    const { kind, pos, text } = item;
    switch (kind) {
      case 'identifier':
        if (!this.#shared.hasFunction(text)) this.#items.fail('function %q not defined', text);
        return { kind, pos, name: this.#name(text) };
      case 'dot':
      case 'nil':
        return { kind, pos };
      case 'variable':
        if (!this.#shared.isKnown && !this.#variables.includes(text))
          this.#items.fail('undefined variable %q', text);
        return { kind, pos, path: [this.#name(text)] };
      case 'field':
        return { kind, pos, path: [this.#name(text.slice(1))] };
      case 'bool':
        return { kind, pos, value: text === 'true' };
      case 'char-constant':
      case 'complex':
      case 'number':
        return this.#number(kind, item);
      case 'left-paren':
        return this.#parenthesized();
      case 'string':
      case 'raw-string':
        return { kind: 'string', pos, quoted: text, text: this.#unquoted(item) };
      default:
        this.#items.backup();
        return undefined;
    }
  }

  #number(kind: 'number' | 'complex' | 'char-constant', item: Item): OperandNode {
    try {
      return readNumber(kind, item.pos, item.text);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      return this.#items.fail('%s', error.message);
    }
  }

  #parenthesized(): PipeNode {
    if (this.#parenDepth >= MAX_PAREN_DEPTH) this.failTooDeep();
    this.#parenDepth++;
    const pipe = this.#pipeline('parenthesized pipeline', 'right-paren');
    this.#parenDepth--;
    return pipe;
  }
}

function listOf(pos: number, nodes: Node[]): ListNode {
  return { kind: 'list', pos, nodes: trimmed(nodes), isElseIf: false };
}

/** Without the room that an array keeps for growing: trees live long. */
function trimmed<T>(list: T[]): T[] {
  return list.slice();
}

const OPERAND_STARTS: ReadonlySet<Item['kind']> = new Set([
  'bool',
  'char-constant',
  'complex',
  'dot',
  'field',
  'identifier',
  'number',
  'nil',
  'raw-string',
  'string',
  'variable',
  'left-paren',
]);

/** Operands that cannot be called or walked. */
const VALUES: ReadonlySet<Node['kind']> = new Set(['bool', 'dot', 'nil', 'number', 'string']);

function isMark(node: Node): node is MarkNode {
  return node.kind === 'end' || node.kind === 'else';
}
