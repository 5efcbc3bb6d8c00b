// SPDX-License-Identifier: Apache-2.0

/** Regular expressions of users: RE2, with the results of Go 1.26 regexp. */

import { RE2JS } from 're2js';
import { YOUNGER_THAN_GO } from '../text/unicode-age.ts';
import { badPattern } from './bad-pattern.ts';
import { namedGroups } from './names.ts';
import { v8Source } from './v8-source.ts';

/** A pattern that is not RE2; the message is Go's. */
export class RegexpError extends Error {
  readonly code = 'gocompat/regexp';
  readonly retry = 'terminal';
}

/** Start and end of the match and of each group, in UTF-16 units; -1 for a group that took no part. */
type Match = readonly number[];

/** A compiled pattern. */
export class GoRegexp {
  readonly source: string;
  readonly #re2: RE2JS;
  readonly #v8: RegExp | undefined;
  readonly #groups: ReadonlyMap<string, readonly number[]>;

  /** @throws {RegexpError} `gocompat/regexp` */
  constructor(source: string) {
    this.source = source;
    const { pattern, groups } = namedGroups(source);
    this.#groups = groups;
    try {
      if (!source.isWellFormed()) throw new Error('invalid UTF-8');
      this.#re2 = RE2JS.compile(pattern);
    } catch (cause) {
      const reason = badPattern(source, (one) => RE2JS.compile(namedGroups(one).pattern));
      throw new RegexpError(reason ?? String(cause), { cause });
    }
    const safe = v8Source(source);
    this.#v8 = safe === undefined ? undefined : new RegExp(safe, 'dgu');
  }

  /** `MatchString`: anywhere in the text. */
  matchString(text: string): boolean {
    return this.#find(text, 0) !== undefined;
  }

  /** `FindString`; empty when nothing matches. */
  findString(text: string): string {
    const match = this.#find(text, 0);
    return match === undefined ? '' : text.slice(match[0], match[1]);
  }

  /** `FindStringSubmatch`: the match and its groups; `undefined` when nothing matches. */
  findStringSubmatch(text: string): string[] | undefined {
    const match = this.#find(text, 0);
    return match === undefined ? undefined : groupsOf(text, match);
  }

  /** `FindAllString`. @param limit how many at most; negative for all */
  findAllString(text: string, limit = -1): string[] {
    return this.#all(text, limit).map(([from = 0, to = 0]) => text.slice(from, to));
  }

  /** `FindAllStringSubmatch`. */
  findAllStringSubmatch(text: string, limit = -1): string[][] {
    return this.#all(text, limit).map((match) => groupsOf(text, match));
  }

  /** `ReplaceAllString`: `$1`, `$name`, `${name}` and `$$` stand for what Go puts there. */
  replaceAllString(text: string, template: string): string {
    if (!template.includes('$')) return this.replaceAllLiteralString(text, template);
    const groups = this.#groups;
    return this.#replace(text, (match) => expand(template, { text, match, groups }));
  }

  /** `ReplaceAllLiteralString`. */
  replaceAllLiteralString(text: string, replacement: string): string {
    return this.#replace(text, () => replacement);
  }

  /** `Split`. @param limit how many parts at most; negative for all, 0 gives none */
  split(text: string, limit = -1): string[] {
    if (limit === 0) return [];
    if (this.source !== '' && text === '') return [''];
    const parts: string[] = [];
    let begin = 0;
    let end = 0;
    for (const [from = 0, to = 0] of this.#all(text, limit)) {
      if (limit > 0 && parts.length === limit - 1) break;
      end = from;
      if (to !== 0) parts.push(text.slice(begin, end));
      begin = to;
    }
    if (end !== text.length) parts.push(text.slice(begin));
    return parts;
  }

  #find(text: string, from: number): Match | undefined {
    return this.#v8 === undefined ? this.#findRe2(text, from) : findV8(this.#v8, text, from);
  }

  #findRe2(text: string, from: number): Match | undefined {
    const matcher = this.#re2.matcher(text);
    if (!matcher.find(from)) return undefined;
    const match: number[] = [];
    for (let group = 0; group <= matcher.groupCount(); group++) {
      match.push(matcher.start(group), matcher.end(group));
    }
    return match;
  }

  /** Go's rule for all matches: an empty match right behind another one does not count. */
  #all(text: string, limit: number): Match[] {
    const found: Match[] = [];
    let at = 0;
    let previousEnd = -1;
    while (at <= text.length && (limit < 0 || found.length < limit)) {
      const match = this.#find(text, at);
      if (match === undefined) break;
      const [from = 0, to = 0] = match;
      let isAccepted = true;
      if (to === at) {
        isAccepted = from !== previousEnd;
        at += widthAt(text, at);
      } else at = to;
      previousEnd = to;
      if (isAccepted) found.push(match);
    }
    return found;
  }

  #replace(text: string, replacement: (match: Match) => string): string {
    let out = '';
    let lastEnd = 0;
    let at = 0;
    while (at <= text.length) {
      const match = this.#find(text, at);
      if (match === undefined) break;
      const [from = 0, to = 0] = match;
      out += text.slice(lastEnd, from);
      if (to > lastEnd || from === 0) out += replacement(match);
      lastEnd = to;
      at = Math.max(at + widthAt(text, at), to);
    }
    return out + text.slice(lastEnd);
  }
}

function findV8(expression: RegExp, text: string, from: number): Match | undefined {
  expression.lastIndex = from;
  const result = expression.exec(text);
  if (result?.indices === undefined) return undefined;
  return result.indices.flatMap((pair) => (pair === undefined ? [-1, -1] : pair));
}

function widthAt(text: string, at: number): number {
  return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
}

function groupsOf(text: string, match: Match): string[] {
  const groups: string[] = [];
  for (let i = 0; i < match.length; i += 2) {
    const from = match[i] ?? -1;
    groups.push(from < 0 ? '' : text.slice(from, match[i + 1]));
  }
  return groups;
}

interface Expansion {
  readonly text: string;
  readonly match: Match;
  readonly groups: ReadonlyMap<string, readonly number[]>;
}

const NAME = `[[\\p{L}\\p{Nd}_]--${YOUNGER_THAN_GO}]+`;
/** `$$`, `${name}`, `$name`. */
const REFERENCE = new RegExp(`\\$(?:\\$|\\{(${NAME})\\}|(${NAME}))`, 'gv');

/** Source: Go 1.26 regexp/regexp.go (expand, extract). */
function expand(template: string, { text, match, groups }: Expansion): string {
  return template.replaceAll(
    REFERENCE,
    (all: string, braced: string | undefined, bare: string | undefined) => {
      const name = braced ?? bare;
      if (name === undefined) return all === '$$' ? '$' : all;
      const places = /^[0-9]+$/.test(name) ? [Number(name)] : (groups.get(name) ?? []);
      // Of groups of one name the first that took part counts.
      const index = places.find((place) => (match[place * 2] ?? -1) >= 0);
      if (index === undefined) return '';
      const from = match[index * 2] ?? -1;
      return from < 0 ? '' : text.slice(from, match[index * 2 + 1]);
    },
  );
}

const CACHE_ENTRIES = 512;
const cache = new Map<string, GoRegexp>();

/** Compiles a pattern, or takes the one compiled before. @throws {RegexpError} `gocompat/regexp` */
export function compileRegexp(pattern: string): GoRegexp {
  const hit = cache.get(pattern);
  if (hit !== undefined) {
    cache.delete(pattern);
    cache.set(pattern, hit);
    return hit;
  }
  const compiled = new GoRegexp(pattern);
  cache.set(pattern, compiled);
  if (cache.size > CACHE_ENTRIES) {
    for (const oldest of cache.keys()) {
      cache.delete(oldest);
      break;
    }
  }
  return compiled;
}

/** `QuoteMeta`: a pattern that matches exactly this text. */
export function quoteMeta(text: string): string {
  return text.replaceAll(/[\\.+*?()|[\]{}^$]/g, '\\$&');
}
