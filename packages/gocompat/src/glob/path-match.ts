// SPDX-License-Identifier: Apache-2.0

/** Shell patterns over paths: `*` and `?` do not cross `/`. Source: Go 1.26 path/filepath/match.go. */

/** A pattern that cannot be read; the message is Go's. */
export class PatternError extends Error {
  readonly code = 'gocompat/pattern';
  readonly retry = 'terminal';
  constructor() {
    super('syntax error in pattern');
    this.name = 'PatternError';
  }
}

/** Whether one character fits. */
type CharTest = (char: string) => boolean;

/** What stands between two stars. */
interface Chunk {
  readonly hasStarBefore: boolean;
  readonly tests: readonly CharTest[];
  /** Go finds a mistake when it looks at the chunk, not before. */
  readonly isBad: boolean;
}

/**
 * Whether a name fits a pattern of `*`, `?`, `[a-z]`, `[^a-z]` and `\x`.
 *
 * As in Go, a mistake behind the place where the name stops to fit goes unnoticed.
 * @throws {PatternError} `gocompat/pattern`
 */
export function matchPath(pattern: string, name: string): boolean {
  const chars = [...name];
  let at = 0;
  const sources = cut(pattern);
  for (const [i, source] of sources.entries()) {
    const chunk = chunkOf(source);
    if (chunk.hasStarBefore && source.text.length === 0) return !chars.includes('/', at);
    const end = endOf(chunk, chars, { at, isLast: i === sources.length - 1 });
    if (end === undefined) return false;
    at = end;
  }
  return at === chars.length;
}

interface ChunkSource {
  readonly hasStarBefore: boolean;
  readonly text: readonly string[];
}

/** Cuts a pattern at its stars; those in brackets do not count. */
function cut(pattern: string): readonly ChunkSource[] {
  const chunks: ChunkSource[] = [];
  const chars = [...pattern];
  let at = 0;
  while (at < chars.length) {
    const from = at;
    while (chars[at] === '*') at++;
    const hasStarBefore = at > from;
    const begin = at;
    let isInBrackets = false;
    for (; at < chars.length && (isInBrackets || chars[at] !== '*'); at++) {
      if (chars[at] === '\\' && at + 1 < chars.length) at++;
      else if (chars[at] === '[') isInBrackets = true;
      else if (chars[at] === ']') isInBrackets = false;
    }
    chunks.push({ hasStarBefore, text: chars.slice(begin, at) });
  }
  return chunks;
}

function chunkOf({ hasStarBefore, text }: ChunkSource): Chunk {
  const reader = new ChunkReader(text);
  const tests: CharTest[] = [];
  try {
    while (!reader.isAtEnd) tests.push(reader.test());
    return { hasStarBefore, tests, isBad: false };
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    return { hasStarBefore, tests, isBad: true };
  }
}

interface Search {
  readonly at: number;
  readonly isLast: boolean;
}

/** Where the first place of a chunk ends; the last chunk must end where the name does. */
function endOf(
  { hasStarBefore, tests, isBad }: Chunk,
  chars: readonly string[],
  { at, isLast }: Search,
): number | undefined {
  if (isBad) throw new PatternError();
  for (let from = at; ; from++) {
    const end = from + tests.length;
    const fits = end <= chars.length && tests.every((test, i) => test(chars[from + i] ?? ''));
    if (fits && (!isLast || end === chars.length)) return end;
    if (!hasStarBefore || from >= chars.length || chars[from] === '/') return undefined;
  }
}

class ChunkReader {
  readonly #chars: readonly string[];
  #at = 0;

  constructor(chars: readonly string[]) {
    this.#chars = chars;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#chars.length;
  }

  /** @throws {PatternError} */
  test(): CharTest {
    const char = this.#next();
    if (char === '?') return (other) => other !== '/';
    if (char === '[') return this.#class();
    const wanted = char === '\\' ? this.#next() : char;
    return (other) => other === wanted;
  }

  #class(): CharTest {
    const isNegated = this.#chars[this.#at] === '^';
    if (isNegated) this.#at++;
    const ranges: (readonly [number, number])[] = [];
    while (this.#chars[this.#at] !== ']' || ranges.length === 0) {
      const low = this.#classChar();
      const isRange = this.#chars[this.#at] === '-';
      if (isRange) this.#at++;
      ranges.push([low, isRange ? this.#classChar() : low]);
    }
    this.#at++;
    return (other) => {
      const code = other.codePointAt(0) ?? 0;
      return ranges.some(([low, high]) => low <= code && code <= high) !== isNegated;
    };
  }

  #classChar(): number {
    let char = this.#next();
    if (char === '-' || char === ']') throw new PatternError();
    if (char === '\\') char = this.#next();
    if (this.isAtEnd) throw new PatternError();
    return char.codePointAt(0) ?? 0;
  }

  #next(): string {
    const char = this.#chars[this.#at++];
    if (char === undefined) throw new PatternError();
    return char;
  }
}
