// SPDX-License-Identifier: Apache-2.0

/**
 * Which RE2 patterns V8 may run: those that mean the same there and cannot blow up.
 *
 * Safe are flat patterns (no group is repeated, no alternation inside a repetition) with at most one unbounded repetition:
 * backtracking then costs at most length squared for one search. Everything else stays with RE2.
 */

const CLASS_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['d', '0-9'],
  ['w', '0-9A-Za-z_'],
  ['s', '\\t\\n\\f\\r '],
]);
const NEGATED_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['D', '[^0-9]'],
  ['W', '[^0-9A-Za-z_]'],
  ['S', '[^\\t\\n\\f\\r ]'],
]);
const CONTROL_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['t', '\\t'],
  ['n', '\\n'],
  ['r', '\\r'],
  ['f', '\\f'],
  ['v', '\\v'],
]);
const PUNCTUATION = /[!-/:-@[-`{-~]/;
const SYNTAX = /[\^$\\.*+?()[\]{}|/]/;

/** @returns the pattern for `new RegExp(source, 'u')`, or `undefined` when V8 must not run it */
export function v8Source(pattern: string): string | undefined {
  if (!/^[ -~]*$/.test(pattern) || /\(\?|\(\*/.test(pattern)) return undefined;
  const scan = new Scan(pattern);
  return scan.translate();
}

class Scan {
  readonly #pattern: string;
  #at = 0;
  #unbounded = 0;

  constructor(pattern: string) {
    this.#pattern = pattern;
  }

  translate(): string | undefined {
    let out = '';
    let depth = 0;
    while (this.#at < this.#pattern.length) {
      const char = this.#pattern.charAt(this.#at++);
      if (char === '(') {
        depth++;
        out += '(';
        continue;
      }
      if (char === ')') {
        if (--depth < 0 || this.#isRepeated()) return undefined;
        out += ')';
        continue;
      }
      if (char === '|' || char === '^') {
        if (char === '^' && this.#isRepeated()) return undefined;
        out += char;
        continue;
      }
      const atom = this.#atom(char);
      const repeat = atom === undefined ? undefined : this.#repetition();
      if (atom === undefined || repeat === undefined) return undefined;
      out += atom + repeat;
    }
    return depth === 0 && this.#unbounded <= 1 ? out : undefined;
  }

  #isRepeated(): boolean {
    return /[*+?{]/.test(this.#pattern.charAt(this.#at));
  }

  #atom(char: string): string | undefined {
    switch (char) {
      case '.':
        return '[^\\n]';
      case '$':
        // Not a lookahead: V8 tries those between the halves of a pair, too.
        return this.#isRepeated() ? undefined : '$';
      case '[':
        return this.#class();
      case '\\':
        return this.#escape(this.#pattern.charAt(this.#at++));
      case '*':
      case '+':
      case '?':
      case '{':
      case '}':
      case ']':
        return undefined;
      default:
        return SYNTAX.test(char) ? `\\${char}` : char;
    }
  }

  #escape(char: string): string | undefined {
    const inner = CLASS_ESCAPES.get(char);
    if (inner !== undefined) return `[${inner}]`;
    const known = NEGATED_ESCAPES.get(char) ?? CONTROL_ESCAPES.get(char);
    if (known !== undefined) return known;
    return PUNCTUATION.test(char) ? this.#literal(char) : undefined;
  }

  #literal(char: string): string {
    return SYNTAX.test(char) ? `\\${char}` : char;
  }

  #class(): string | undefined {
    let out = '[';
    if (this.#pattern.charAt(this.#at) === '^') {
      out += '^';
      this.#at++;
    }
    const from = this.#at;
    for (;;) {
      const char = this.#pattern.charAt(this.#at++);
      if (char === '') return undefined;
      if (char === ']') return this.#at - 1 === from ? undefined : `${out}]`;
      if (char === '[') return undefined; // [:alpha:] and its like
      if (char === '\\') {
        const escaped = this.#pattern.charAt(this.#at++);
        const part = CLASS_ESCAPES.get(escaped) ?? CONTROL_ESCAPES.get(escaped);
        if (part === undefined && !PUNCTUATION.test(escaped)) return undefined;
        if (part !== undefined && this.#pattern.charAt(this.#at) === '-') return undefined;
        out += part ?? `\\u${escaped.charCodeAt(0).toString(16).padStart(4, '0')}`;
      } else if (char === '-') {
        const isEdge = this.#at - 1 === from || this.#pattern.charAt(this.#at) === ']';
        out += isEdge ? '\\-' : '-';
      } else {
        out += /[\^\\&~`!@#%,;:<=>"'$*+.|(){}?/]/.test(char)
          ? `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
          : char;
      }
    }
  }

  /** @returns the repetition as V8 writes it, empty for none, `undefined` for one it must not run */
  #repetition(): string | undefined {
    const char = this.#pattern.charAt(this.#at);
    if (char === '{') return undefined;
    if (char !== '*' && char !== '+' && char !== '?') return '';
    this.#at++;
    if (char !== '?') this.#unbounded++;
    if (this.#pattern.charAt(this.#at) === '?') {
      this.#at++;
      return this.#isRepeated() ? undefined : `${char}?`;
    }
    return this.#isRepeated() ? undefined : char;
  }
}
