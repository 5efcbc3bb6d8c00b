// SPDX-License-Identifier: Apache-2.0

/**
 * Globs as gobwas/glob v0.2.3 reads them: `*` and `?` stop at a separator, `**` does not, `[abc]`, `[!a-z]`, `{a,b}`, `\x`.
 *
 * Patterns become regular expressions of RE2, so matching is linear whatever the pattern.
 * Differs: gobwas finds no match in rare cases that its own rules allow (`?` before text for a character beyond ASCII, alternatives of
 * different length side by side), and stops with a runtime error at an empty alternative next to a class.
 */

import { compileRegexp } from '../regexp/regexp.ts';

/** Whether a text matches. */
export type GlobMatcher = (text: string) => boolean;

/**
 * @param separators characters that `*` and `?` do not cross
 * @returns `undefined` when the pattern cannot be read
 */
export function compileGlob(pattern: string, separators = ''): GlobMatcher | undefined {
  const source = translate(pattern, separators);
  if (source === undefined) return undefined;
  const expression = compileRegexp(`^(?s:${source})$`);
  return (text) => expression.matchString(text);
}

function translate(pattern: string, separators: string): string | undefined {
  const single = separators === '' ? '.' : `[^${escapeClass(separators)}]`;
  const chars = [...pattern];
  let out = '';
  let depth = 0;
  for (let i = 0; i < chars.length; i++) {
    const char = chars[i] ?? '';
    if (char === '*') {
      let stars = 1;
      while (chars[i + 1] === '*') {
        stars++;
        i++;
      }
      out += stars > 1 ? '.*' : `${single}*`;
    } else if (char === '?') {
      out += single;
    } else if (char === '[') {
      const end = classEnd(chars, i);
      const body = end === undefined ? undefined : classOf(chars.slice(i + 1, end));
      if (end === undefined || body === undefined) return undefined;
      out += body;
      i = end;
    } else if (char === '{') {
      depth++;
      out += '(?:';
    } else if (char === '}' && depth > 0) {
      depth--;
      out += ')';
    } else if (char === ',' && depth > 0) {
      out += '|';
    } else if (char === '\\') {
      i++;
      out += escape(chars[i] ?? '');
    } else {
      out += escape(char);
    }
  }
  // A brace that is left open ends with the pattern.
  return out + ')'.repeat(depth);
}

function classEnd(chars: readonly string[], from: number): number | undefined {
  for (let i = from + 1; i < chars.length; i++) {
    if (chars[i] === '\\') i++;
    else if (chars[i] === ']') return i;
  }
  return undefined;
}

function classOf(body: readonly string[]): string | undefined {
  const isNegated = body[0] === '!';
  const rest = isNegated ? body.slice(1) : body;
  if (rest.length === 0) return undefined;
  let inner = '';
  if (rest.length === 3 && rest[1] === '-') {
    const [low = '', , high = ''] = rest;
    if (low > high) return undefined;
    inner = `${escapeClass(low)}-${escapeClass(high)}`;
  } else {
    inner = rest
      .filter((char) => char !== '\\')
      .map(escapeClass)
      .join('');
  }
  return `[${isNegated ? '^' : ''}${inner}]`;
}

function escape(char: string): string {
  return /[\^$\\.*+?()[\]{}|/]/.test(char) ? `\\${char}` : char;
}

function escapeClass(text: string): string {
  return text.replaceAll(/[\]\\^-]/g, '\\$&');
}
