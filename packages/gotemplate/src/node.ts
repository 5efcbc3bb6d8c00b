// SPDX-License-Identifier: Apache-2.0

import { quote } from '@helm-operator/gocompat';

/**
 * The nodes of a parsed template, and how Go prints them back: error messages show nodes, not source text.
 *
 * `pos` is an index into the text of the `Source` (UTF-16), chosen as Go chooses it: for `.a.b` the second element.
 * Source: Go 1.26 text/template/parse/node.go
 */

/** The text given to one `parse` call; all trees made from it share it. */
export interface Source {
  readonly name: string;
  readonly text: string;
}

/** One template: the text itself or a `define`/`block` inside it. */
export interface Tree {
  /** The text itself, not what it defines. */
  readonly isWhole: boolean;
  readonly root: ListNode;
}

export interface ListNode {
  readonly kind: 'list';
  /** Of its first item: from there on it can be read again, unless it is the branch of an `{{else if}}`. */
  readonly pos: number;
  readonly nodes: Node[];
  readonly isElseIf: boolean;
}
export interface TextNode {
  readonly kind: 'text';
  readonly pos: number;
  readonly text: string;
}
/** `{{ … }}` with a pipeline. */
export interface ActionNode {
  readonly kind: 'action';
  readonly pos: number;
  readonly pipe: PipeNode;
}
/** A pipeline with what it declares. */
export interface PipeNode {
  readonly kind: 'pipe';
  readonly pos: number;
  /** `=` instead of `:=`. */
  readonly isAssign: boolean;
  readonly decl: VariableNode[];
  readonly commands: CommandNode[];
}
export interface CommandNode {
  readonly kind: 'command';
  readonly pos: number;
  readonly args: OperandNode[];
}
export interface IdentifierNode {
  readonly kind: 'identifier';
  readonly pos: number;
  readonly name: string;
}
export interface VariableNode {
  readonly kind: 'variable';
  readonly pos: number;
  /** The variable with its `$`, then its fields. */
  readonly path: readonly string[];
}
export interface FieldNode {
  readonly kind: 'field';
  readonly pos: number;
  readonly path: readonly string[];
}
/** Fields of something that is neither a field nor a variable: `(pipeline).a.b`. */
export interface ChainNode {
  readonly kind: 'chain';
  readonly pos: number;
  readonly base: OperandNode;
  readonly path: readonly string[];
}
export interface DotNode {
  readonly kind: 'dot';
  readonly pos: number;
}
export interface NilNode {
  readonly kind: 'nil';
  readonly pos: number;
}
export interface BoolNode {
  readonly kind: 'bool';
  readonly pos: number;
  readonly value: boolean;
}
export interface StringNode {
  readonly kind: 'string';
  readonly pos: number;
  /** As written, with quotes. */
  readonly quoted: string;
  readonly text: string;
}
/** A constant that has no type yet: every reading of it that is exact is filled in. */
export interface NumberNode {
  readonly kind: 'number';
  readonly pos: number;
  /** As written. */
  readonly text: string;
  readonly int?: bigint | undefined;
  readonly uint?: bigint | undefined;
  readonly float?: number | undefined;
  readonly complex?: { readonly re: number; readonly im: number } | undefined;
}
/** `if`, `range` or `with`, and what they choose from. */
export interface BranchNode {
  readonly kind: 'if' | 'range' | 'with';
  readonly pos: number;
  readonly pipe: PipeNode;
  readonly list: ListNode;
  readonly elseList: ListNode | undefined;
}
export interface TemplateNode {
  readonly kind: 'template';
  readonly pos: number;
  readonly name: string;
  readonly pipe: PipeNode | undefined;
}
export interface MarkNode {
  readonly kind: 'break' | 'continue' | 'end' | 'else';
  readonly pos: number;
}

/** What can stand in a command. */
export type OperandNode =
  | IdentifierNode
  | VariableNode
  | FieldNode
  | ChainNode
  | DotNode
  | NilNode
  | BoolNode
  | StringNode
  | NumberNode
  | PipeNode;

/** What a template is made of. */
export type Node =
  | OperandNode
  | ListNode
  | TextNode
  | ActionNode
  | CommandNode
  | BranchNode
  | TemplateNode
  | MarkNode;

/** The node as Go's `String()` prints it. */
export function printNode(node: Node): string {
  switch (node.kind) {
    case 'list':
      return node.nodes.map(printNode).join('');
    case 'text':
    case 'number':
      return node.text;
    case 'action':
      return `{{${printPipe(node.pipe)}}}`;
    case 'pipe':
      return printPipe(node);
    case 'command':
      return node.args.map(printOperand).join(' ');
    case 'identifier':
      return node.name;
    case 'variable':
      return node.path.join('.');
    case 'field':
      return `.${node.path.join('.')}`;
    case 'chain':
      return `${printOperand(node.base)}.${node.path.join('.')}`;
    case 'dot':
      return '.';
    case 'nil':
      return 'nil';
    case 'bool':
      return String(node.value);
    case 'string':
      return node.quoted;
    case 'template':
      return printTemplate(node);
    case 'if':
    case 'range':
    case 'with':
      return printBranch(node);
    case 'break':
    case 'continue':
    case 'end':
    case 'else':
      return `{{${node.kind}}}`;
    default:
      return assertNever(node);
  }
}

function printTemplate({ name, pipe }: TemplateNode): string {
  return `{{template ${quote(name)}${pipe === undefined ? '' : ` ${printPipe(pipe)}`}}}`;
}

function printOperand(node: OperandNode): string {
  return node.kind === 'pipe' ? `(${printPipe(node)})` : printNode(node);
}

function printPipe(node: PipeNode): string {
  const commands = node.commands.map(printNode).join(' | ');
  if (node.decl.length === 0) return commands;
  return `${node.decl.map(printNode).join(', ')} ${node.isAssign ? '=' : ':='} ${commands}`;
}

function printBranch(node: BranchNode): string {
  const otherwise = node.elseList === undefined ? '' : `{{else}}${printNode(node.elseList)}`;
  return `{{${node.kind} ${printPipe(node.pipe)}}}${printNode(node.list)}${otherwise}{{end}}`;
}

// Unicode White_Space, as Go's bytes.TrimSpace: not JavaScript's \s, which has U+FEFF and lacks U+0085.
const BLANK = /^[\t-\r \u0085\u00A0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000]*$/;

/** A body of nothing but white space: it never replaces a body that is there. Comments leave no nodes. */
export function isEmptyTree(node: Node): boolean {
  if (node.kind === 'list') return node.nodes.every(isEmptyTree);
  return node.kind === 'text' && BLANK.test(node.text);
}

function assertNever(value: never): never {
  throw new TypeError(`not a node: ${JSON.stringify(value)}`);
}
