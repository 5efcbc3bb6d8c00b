// SPDX-License-Identifier: Apache-2.0

/** `fmt.Sprintf`, `Sprint` and `Sprintln`. Source: Go 1.26 fmt/print.go (doPrintf, doPrint, doPrintln). */

import { Int, Typed, type Value } from '../value/value.ts';
import { emptySpec, type Spec } from './layout.ts';
import { badVerb, printValue, typeName } from './print.ts';

const PLAIN = emptySpec();
const MAX_WIDTH = 1_000_000;

/** Prints one value as `%v`. */
export function sprintValue(value: Value): string {
  return typeof value === 'string' ? value : printValue(PLAIN, value, 'v');
}

/** `fmt.Sprint`: a space between two operands when neither is a string. */
export function sprint(values: readonly Value[]): string {
  let out = '';
  let wasString = true;
  for (const [index, value] of values.entries()) {
    const isString = value !== null && isStringKind(value);
    if (index > 0 && !isString && !wasString) out += ' ';
    out += sprintValue(value);
    wasString = isString;
  }
  return out;
}

function isStringKind(value: Value): boolean {
  return typeof value === 'string' || (value instanceof Typed && value.type.kind === 'string');
}

/** `fmt.Sprintln`: spaces between all operands and a line break at the end. */
export function sprintln(values: readonly Value[]): string {
  return `${values.map(sprintValue).join(' ')}\n`;
}

/** `fmt.Sprintf`; mistakes show in the text as in Go: `%!d(string=x)`, `%!v(MISSING)`, `%!(EXTRA int=1)`. */
export function sprintf(format: string, values: readonly Value[]): string {
  if (!format.includes('%') && values.length === 0) return format;
  return new Printer(format, values).run();
}

class Printer {
  readonly #format: string;
  readonly #values: readonly Value[];
  #at = 0;
  #argument = 0;
  #wasReordered = false;
  #isIndexGood = true;
  #afterIndex = false;

  constructor(format: string, values: readonly Value[]) {
    this.#format = format;
    this.#values = values;
  }

  run(): string {
    let out = '';
    while (this.#at < this.#format.length) {
      const percent = this.#format.indexOf('%', this.#at);
      if (percent < 0) {
        out += this.#format.slice(this.#at);
        break;
      }
      out += this.#format.slice(this.#at, percent);
      this.#at = percent + 1;
      out += this.#verb();
    }
    return out + this.#extra();
  }

  #extra(): string {
    if (this.#wasReordered || this.#argument >= this.#values.length) return '';
    const parts = this.#values
      .slice(this.#argument)
      .map((value) => (value === null ? '<nil>' : `${typeName(value)}=${sprintValue(value)}`));
    return `%!(EXTRA ${parts.join(', ')})`;
  }

  #verb(): string {
    const spec = emptySpec();
    this.#isIndexGood = true;
    this.#afterIndex = false;
    this.#flags(spec);
    this.#index();
    const early = this.#width(spec) + this.#precision(spec);
    if (!this.#afterIndex) this.#index();
    const code = this.#format.codePointAt(this.#at);
    if (code === undefined) return `${early}%!(NOVERB)`;
    const verb = String.fromCodePoint(code);
    this.#at += verb.length;
    return early + this.#print(spec, verb);
  }

  #print(spec: Spec, verb: string): string {
    if (verb === '%') return '%';
    if (!this.#isIndexGood) return `%!${verb}(BADINDEX)`;
    const value = this.#values[this.#argument];
    if (value === undefined) return `%!${verb}(MISSING)`;
    this.#argument++;
    if (verb === 'v' || verb === 'w') {
      if (spec.sharp) {
        spec.sharp = false;
        spec.sharpV = true;
      }
      if (spec.plus) {
        spec.plus = false;
        spec.plusV = true;
      }
    }
    // Of bytes, Go looks at each.
    const isBytes = value instanceof Typed && value.data instanceof Uint8Array;
    return verb === 'w' && !isBytes ? badVerb(spec, value, verb) : printValue(spec, value, verb);
  }

  #flags(spec: Spec): void {
    for (; ; this.#at++) {
      switch (this.#format[this.#at]) {
        case '#':
          spec.sharp = true;
          break;
        case '0':
          spec.zero = true;
          break;
        case '+':
          spec.plus = true;
          break;
        case '-':
          spec.minus = true;
          break;
        case ' ':
          spec.space = true;
          break;
        default:
          return;
      }
    }
  }

  /** `[3]`: the next argument is the third. */
  #index(): void {
    if (this.#format[this.#at] !== '[') return;
    this.#wasReordered = true;
    const close = this.#format.indexOf(']', this.#at);
    if (close < 0) {
      this.#isIndexGood = false;
      this.#at++;
      return;
    }
    const text = this.#format.slice(this.#at + 1, close);
    this.#at = close + 1;
    const index = /^[0-9]+$/.test(text) ? Number(text) : 0;
    if (index < 1 || index > this.#values.length) {
      this.#isIndexGood = false;
      return;
    }
    this.#argument = index - 1;
    this.#afterIndex = true;
  }

  #width(spec: Spec): string {
    if (this.#format[this.#at] === '*') {
      this.#at++;
      const width = this.#starArgument();
      this.#afterIndex = false;
      if (width === undefined) return '%!(BADWIDTH)';
      if (width < 0) {
        spec.minus = true;
        spec.zero = false;
      }
      spec.width = Math.abs(width);
      return '';
    }
    const digits = this.#digits();
    if (digits !== undefined) {
      if (this.#afterIndex) this.#isIndexGood = false;
      spec.width = digits;
    }
    return '';
  }

  #precision(spec: Spec): string {
    if (this.#format[this.#at] !== '.') return '';
    this.#at++;
    if (this.#afterIndex) this.#isIndexGood = false;
    this.#index();
    if (this.#format[this.#at] === '*') {
      this.#at++;
      const precision = this.#starArgument();
      this.#afterIndex = false;
      if (precision === undefined) return '%!(BADPREC)';
      spec.precision = precision < 0 ? undefined : precision;
      return precision < 0 ? '%!(BADPREC)' : '';
    }
    spec.precision = this.#digits() ?? 0;
    return '';
  }

  #digits(): number | undefined {
    const from = this.#at;
    while (/[0-9]/.test(this.#format[this.#at] ?? '')) this.#at++;
    if (from === this.#at) return undefined;
    const value = Number(this.#format.slice(from, this.#at));
    return value > MAX_WIDTH ? undefined : value;
  }

  #starArgument(): number | undefined {
    const value = this.#values[this.#argument];
    if (value !== undefined) this.#argument++;
    const held = value instanceof Typed ? value.data : value;
    if (!(held instanceof Int)) return undefined;
    const number = Number(held.value);
    return Math.abs(number) > MAX_WIDTH ? undefined : number;
  }
}
