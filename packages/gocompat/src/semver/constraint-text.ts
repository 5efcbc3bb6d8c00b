// SPDX-License-Identifier: Apache-2.0

/**
 * Reads the text of constraints, without regular expressions: Masterminds' own would take exponential
 * time here.
 *
 * Source: github.com/Masterminds/semver/v3 v3.5.0 constraints.go (cvRegex, constraintRegex, …)
 */

/** One operator and its version pattern as written. */
export interface ConstraintText {
  readonly operator: string;
  readonly pattern: Pattern;
}

/** `1.x`, `v1.2.3-beta+meta`: what stands at each place; empty: nothing. */
export interface Pattern {
  readonly text: string;
  readonly major: string;
  readonly minor: string;
  readonly patch: string;
  /** With its `-`. */
  readonly prerelease: string;
  readonly end: number;
}

const TWO_CHARACTER_OPERATORS = ['!=', '>=', '=>', '<=', '=<', '~>'];
const ONE_CHARACTER_OPERATORS = '=><~^';
/** Masterminds lets `|` through where digits stand; such patterns fail later. */
const NUMERIC = '0123456789|xX*';

/** What RE2 takes for white space. */
function isSpace(char: string): boolean {
  return char !== '' && ' \t\n\f\r'.includes(char);
}

function skipSpaces(text: string, from: number): number {
  let pos = from;
  while (isSpace(text.charAt(pos))) pos++;
  return pos;
}

function skipChars(text: string, from: number, chars: string): number {
  let pos = from;
  while (pos < text.length && chars.includes(text.charAt(pos))) pos++;
  return pos;
}

/** Reads a version pattern that starts at `from`, as much of it as there is. */
function scanPattern(text: string, from: number): Pattern | undefined {
  const start = text.charAt(from) === 'v' ? from + 1 : from;
  const majorEnd = skipChars(text, start, NUMERIC);
  if (majorEnd === start) return undefined;
  const minorEnd = scanNumeric(text, majorEnd);
  const patchEnd = minorEnd === majorEnd ? majorEnd : scanNumeric(text, minorEnd);
  const prereleaseEnd = scanIdentifiers(text, patchEnd, '-');
  const end = scanIdentifiers(text, prereleaseEnd, '+');
  return {
    text: text.slice(from, end),
    major: text.slice(start, majorEnd),
    minor: text.slice(majorEnd + 1, minorEnd),
    patch: text.slice(minorEnd + 1, patchEnd),
    prerelease: text.slice(patchEnd, prereleaseEnd),
    end,
  };
}

function scanNumeric(text: string, from: number): number {
  if (text.charAt(from) !== '.') return from;
  const end = skipChars(text, from + 1, NUMERIC);
  return end === from + 1 ? from : end;
}

function scanIdentifiers(text: string, from: number, mark: string): number {
  if (text.charAt(from) !== mark) return from;
  let end = skipIdentifier(text, from + 1);
  if (end === from + 1) return from;
  while (text.charAt(end) === '.') {
    const next = skipIdentifier(text, end + 1);
    if (next === end + 1) break;
    end = next;
  }
  return end;
}

function skipIdentifier(text: string, from: number): number {
  let pos = from;
  while (pos < text.length && /[0-9A-Za-z-]/.test(text.charAt(pos))) pos++;
  return pos;
}

function operatorAt(text: string, pos: number): string {
  const two = text.slice(pos, pos + 2);
  if (TWO_CHARACTER_OPERATORS.includes(two)) return two;
  const one = text.charAt(pos);
  return one !== '' && ONE_CHARACTER_OPERATORS.includes(one) ? one : '';
}

function scanConstraint(text: string, from: number): ConstraintText | undefined {
  const operator = operatorAt(text, from);
  const pattern = scanPattern(text, skipSpaces(text, from + operator.length));
  return pattern === undefined ? undefined : { operator, pattern };
}

/** Reads the constraints of one group, joined by commas or white space; `undefined`: not well-formed. */
export function readGroup(text: string): readonly ConstraintText[] | undefined {
  const constraints: ConstraintText[] = [];
  let pos = skipSpaces(text, 0);
  for (;;) {
    const constraint = scanConstraint(text, pos);
    if (constraint === undefined) return undefined;
    constraints.push(constraint);
    const { end } = constraint.pattern;
    const next = skipSpaces(text, end);
    if (next === text.length) return constraints;
    if (text.charAt(next) === ',') pos = skipSpaces(text, next + 1);
    else if (next > end) pos = next;
    else return undefined;
  }
}

/** Writes every range `A - B` as `>= A, <= B `. */
export function rewriteRanges(text: string): string {
  let rewritten = text;
  let pos = 0;
  while (pos < text.length) {
    const range = scanRange(text, pos);
    if (range === undefined) {
      pos++;
      continue;
    }
    rewritten = replaceFirst(
      rewritten,
      text.slice(pos, range.end),
      `>= ${range.from.text}, <= ${range.to.text} `,
    );
    pos = range.end;
  }
  return rewritten;
}

function scanRange(
  text: string,
  start: number,
): { readonly from: Pattern; readonly to: Pattern; readonly end: number } | undefined {
  const from = scanPattern(text, skipSpaces(text, start));
  if (from === undefined) return undefined;
  const dash = skipSpaces(text, from.end);
  if (dash === from.end || text.charAt(dash) !== '-') return undefined;
  const second = skipSpaces(text, dash + 1);
  if (second === dash + 1) return undefined;
  const to = scanPattern(text, second);
  return to === undefined ? undefined : { from, to, end: skipSpaces(text, to.end) };
}

function replaceFirst(text: string, search: string, replacement: string): string {
  const at = text.indexOf(search);
  return at < 0 ? text : text.slice(0, at) + replacement + text.slice(at + search.length);
}
