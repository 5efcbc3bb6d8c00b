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

/** Characters between two stars. */
interface Chunk {
  readonly hasStarBefore: boolean;
  readonly tests: readonly CharTest[];
}

/**
 * Whether a name fits a pattern of `*`, `?`, `[a-z]`, `[^a-z]` and `\x`.
 *
 * @throws {PatternError} `gocompat/pattern`
 */
export function matchPath(pattern: string, name: string): boolean {
  const chunks = parsePattern(pattern);
  const chars = [...name];
  let at = 0;
  for (const [i, chunk] of chunks.entries()) {
    const isLast = i === chunks.length - 1;
    const end = findChunk(chunk, chars, { at, isLast });
    if (end === undefined) return false;
    at = end;
  }
  return at === chars.length;
}

interface Search {
  readonly at: number;
  readonly isLast: boolean;
}

/** Where the first place of a chunk ends; the last chunk must end where the name does. */
function findChunk(
  { hasStarBefore, tests }: Chunk,
  chars: readonly string[],
  { at, isLast }: Search,
): number | undefined {
  if (hasStarBefore && tests.length === 0) {
    return chars.includes('/', at) ? undefined : chars.length;
  }
  for (let from = at; ; from++) {
    const end = from + tests.length;
    const fits = end <= chars.length && tests.every((test, i) => test(chars[from + i] ?? ''));
    if (fits && (!isLast || end === chars.length)) return end;
    if (!hasStarBefore || from >= chars.length || chars[from] === '/') return undefined;
  }
}

function parsePattern(pattern: string): readonly Chunk[] {
  const reader = new PatternReader(pattern);
  const chunks: Chunk[] = [];
  while (!reader.isAtEnd) {
    const hasStarBefore = reader.takeStars();
    const tests: CharTest[] = [];
    while (!reader.isAtEnd && !reader.isAtStar) tests.push(reader.test());
    chunks.push({ hasStarBefore, tests });
  }
  return chunks;
}

class PatternReader {
  readonly #chars: readonly string[];
  #at = 0;

  constructor(pattern: string) {
    this.#chars = [...pattern];
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#chars.length;
  }

  get isAtStar(): boolean {
    return this.#chars[this.#at] === '*';
  }

  takeStars(): boolean {
    const from = this.#at;
    while (this.isAtStar) this.#at++;
    return this.#at > from;
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
