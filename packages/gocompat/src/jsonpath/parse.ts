// SPDX-License-Identifier: Apache-2.0

/** Reads JSONPath templates as kubectl does. Source: k8s.io/client-go v0.36 util/jsonpath/parser.go. */

import { sprintf } from '../fmt/fmt.ts';
import { atoi, parseFloat } from '../strconv/parse.ts';
import { unquoteChars } from '../strconv/unquote.ts';
import { int } from '../value/value.ts';
import {
  JsonPathError,
  type ListNode,
  newList,
  type PathNode,
  type Slice,
  type SlicePart,
} from './nodes.ts';

const DICT_KEY = /^'([^']*)'$/u;
const SLICE = /^(-?\d*)(:-?\d*)?(:-?\d*)?$/u;
const COMPARISON = /^([^!<>=]+)([!<>=]+)(.+?)$/u;
const TERMINATORS = ' \t\r\n.,[]$@{}';
const WORD = /[_\p{L}\p{Nd}]/u;
const DIGIT = /\p{Nd}/u;

/**
 * The nodes of a template; texts beside `{...}` stand as they are.
 *
 * @throws {JsonPathError} `gocompat/json-path`
 */
export function parseJsonPath(template: string): ListNode {
  return new PathParser(template).parse();
}

/** The nodes of one action. */
function parseAction(text: string): ListNode {
  const [first] = parseJsonPath(`{${text}}`).nodes;
  return first?.kind === 'list' ? first : newList();
}

class PathParser {
  readonly #input: string;
  #at = 0;
  #start = 0;

  constructor(input: string) {
    this.#input = input;
  }

  parse(): ListNode {
    const root = newList();
    while (this.#at < this.#input.length) {
      const open = this.#input.indexOf('{', this.#at);
      this.#at = open === -1 ? this.#input.length : open;
      if (this.#at > this.#start) root.nodes.push({ kind: 'text', text: this.#take() });
      if (open === -1) break;
      this.#at++;
      this.#take();
      const action = newList();
      root.nodes.push(action);
      this.#parseAction(action.nodes);
    }
    return root;
  }

  /** What was read since the last call. */
  #take(): string {
    const text = this.#input.slice(this.#start, this.#at);
    this.#start = this.#at;
    return text;
  }

  /** The next character, empty at the end. */
  #peek(): string {
    const point = this.#input.codePointAt(this.#at);
    return point === undefined ? '' : String.fromCodePoint(point);
  }

  #next(): string {
    const char = this.#peek();
    this.#at += char.length;
    return char;
  }

  #isNext(text: string): boolean {
    return this.#input.startsWith(text, this.#at);
  }

  #parseAction(nodes: PathNode[]): void {
    while (!this.#isNext('}')) {
      if (this.#isNext('[?(')) nodes.push(this.#parseFilter());
      else if (this.#isNext('..')) this.#parseDescent(nodes);
      else this.#parsePart(nodes);
    }
    this.#at++;
    this.#take();
  }

  #parsePart(nodes: PathNode[]): void {
    const char = this.#next();
    if (char === '' || char === '\r' || char === '\n') throw new JsonPathError('unclosed action');
    if (char === ' ' || char === '@' || char === '$') this.#take();
    else if (char === '[') nodes.push(...this.#parseBrackets());
    else if (char === '"' || char === "'") nodes.push(this.#parseQuoted(char));
    else if (char === '.') nodes.push(this.#parseField());
    else if (char === '+' || char === '-' || DIGIT.test(char)) nodes.push(this.#parseNumber());
    else if (WORD.test(char)) nodes.push(this.#parseWord());
    else {
      const shown = sprintf('%#U', [int(char.codePointAt(0) ?? 0)]);
      throw new JsonPathError(`unrecognized character in action: ${shown}`);
    }
  }

  #isAtTerminator(): boolean {
    const char = this.#peek();
    return char === '' || TERMINATORS.includes(char);
  }

  #parseWord(): PathNode {
    while (!this.#isAtTerminator()) this.#next();
    const name = this.#take();
    return name === 'true' || name === 'false'
      ? { kind: 'literal', value: name === 'true' }
      : { kind: 'word', name };
  }

  #parseDescent(nodes: PathNode[]): void {
    if (nodes.at(-1)?.kind === 'descent')
      throw new JsonPathError('invalid multiple recursive descent');
    this.#at += 2;
    this.#take();
    nodes.push({ kind: 'descent' });
    if (WORD.test(this.#peek())) nodes.push(this.#parseField());
  }

  #parseField(): PathNode {
    this.#take();
    while (!this.#isAtTerminator()) if (this.#next() === '\\') this.#next();
    const name = this.#take();
    return name === '*' ? { kind: 'wildcard' } : { kind: 'field', name: name.replaceAll('\\', '') };
  }

  #parseNumber(): PathNode {
    while (this.#peek() === '.' || DIGIT.test(this.#peek())) this.#next();
    const text = this.#take();
    const value = numberOf(text);
    if (value === undefined) throw new JsonPathError(`cannot parse number ${text}`);
    return { kind: 'literal', value };
  }

  #parseQuoted(quote: string): PathNode {
    for (;;) {
      const char = this.#next();
      if (char === '' || char === '\n') throw new JsonPathError('unterminated quoted string');
      if (char === quote && this.#input.charAt(this.#at - 2) !== '\\') break;
    }
    const literal = this.#take();
    try {
      return { kind: 'text', text: unquoteChars(literal.slice(1, -1), quote) };
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      throw new JsonPathError(`unquote string ${literal} error ${error.message}`, {
        cause: error,
      });
    }
  }

  #parseBrackets(): readonly PathNode[] {
    const close = /[\]\n]/u.exec(this.#input.slice(this.#at));
    if (close === null || close[0] === '\n') throw new JsonPathError('unterminated array');
    this.#at += close.index + 1;
    const inside = this.#take().slice(1, -1);
    const text = inside === '*' ? ':' : inside;
    const parts = text.split(',');
    if (parts.length > 1) {
      const lists = parts.map((part) => parseAction(`[${part.replace(/^ +| +$/gu, '')}]`));
      return [{ kind: 'union', lists }];
    }
    const key = DICT_KEY.exec(text)?.[1];
    return key === undefined
      ? [{ kind: 'slice', parts: parseSlice(text) }]
      : parseAction(`.${key}`).nodes;
  }

  #parseFilter(): PathNode {
    this.#at += '[?('.length;
    this.#take();
    this.#skipFilter();
    if (this.#next() !== ']') throw new JsonPathError('unclosed array expect ]');
    const text = this.#take().slice(0, -2);
    const [, left, operator, right] = COMPARISON.exec(text) ?? [];
    if (left === undefined || operator === undefined || right === undefined)
      return { kind: 'filter', left: parseAction(text), right: newList(), operator: 'exists' };
    return { kind: 'filter', left: parseAction(left), right: parseAction(right), operator };
  }

  /** To behind the parenthesis that ends a filter: one inside a text does not. */
  #skipFilter(): void {
    let quote = '';
    let isTextOver = false;
    for (;;) {
      const char = this.#next();
      if (char === '' || char === '\n') throw new JsonPathError('unterminated filter');
      if ((char === '"' || char === "'") && quote === '') quote = char;
      else if (char === quote && this.#input.charAt(this.#at - 2) !== '\\') isTextOver = true;
      else if (char === ')' && isTextOver === (quote !== '')) return;
    }
  }
}

function numberOf(text: string): ReturnType<typeof int> | number | undefined {
  try {
    return int(Number(atoi(text)));
  } catch {
    // No integer of 64 bits: a fraction, or too large.
  }
  try {
    return parseFloat(text);
  } catch {
    return undefined;
  }
}

function parseSlice(text: string): Slice {
  const [whole, from = '', to = '', step = ''] = SLICE.exec(text) ?? [];
  if (whole === undefined) throw new JsonPathError(`invalid array index ${text}`);
  const first = slicePart(from);
  const last =
    to === '' ? { value: first.value + 1, isKnown: true, isDerived: true } : slicePart(to.slice(1));
  return [first, last, slicePart(step.slice(1))];
}

function slicePart(text: string): SlicePart {
  if (text === '') return { value: 0, isKnown: false };
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new JsonPathError(`array index ${text} is not a number`);
  return { value, isKnown: true };
}
