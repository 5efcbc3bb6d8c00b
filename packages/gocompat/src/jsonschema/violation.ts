// SPDX-License-Identifier: Apache-2.0
import { quote } from '../strconv/quote.ts';
import { Foreign, type Json } from './document.ts';
import { Numeral } from './numeral.ts';
import { pointerOf } from './uri.ts';

/** What a violation is, as far as printing must tell. */
export type ViolationKind = 'keyword' | 'group' | 'reference';

/** Something in the values that a schema forbids, with the causes inside it. */
export interface Violation {
  readonly kind: ViolationKind;
  /** Property names and item numbers that lead to the value. */
  readonly path: readonly string[];
  readonly message: string;
  readonly causes: readonly Violation[];
}

/** Text in single quotes, as santhosh-tekuri's errors write it. */
export function singleQuoted(text: string): string {
  // The closing quote takes part: a text that ends in a backslash loses it, as there.
  const unescaped = quote(text).replaceAll('\\"', '"').replaceAll("'", "\\'");
  return `'${unescaped.slice(1, -1)}'`;
}

export function quotedList(texts: readonly string[]): string {
  return texts.map(singleQuoted).join(', ');
}

/** A primitive value as errors show it. */
export function display(value: Json): string {
  if (typeof value === 'string') return singleQuoted(value);
  if (value instanceof Numeral) return value.text;
  if (value === null) return '<nil>';
  if (value instanceof Foreign || typeof value === 'object') return 'value';
  return String(value);
}

export function isCollection(value: Json): boolean {
  return Array.isArray(value) || value instanceof Map;
}

/** The lines of violations: `- at '/path': message`, causes two columns deeper. */
export function printViolations(violations: readonly Violation[], depth = 0): string[] {
  return violations.flatMap((violation) => {
    const { kind, causes } = violation;
    if (kind === 'reference' && causes.length === 1) return printViolations(causes, depth);
    const where = singleQuoted(pointerOf(violation.path));
    const line = `${'  '.repeat(depth)}- at ${where}: ${violation.message}`;
    return [line, ...printViolations(causes, depth + 1)];
  });
}
