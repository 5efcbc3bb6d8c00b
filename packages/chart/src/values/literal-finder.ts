// SPDX-License-Identifier: Apache-2.0

/** Texts begin to be compared when this many units fit. */
const WINDOW = 4;
const BUCKETS = 2 ** 16;

/** Literals with one hash of their first units. */
interface Bucket {
  readonly literals: Set<string>;
  /** The longest first. */
  lengths: readonly number[];
}

/** Finds many literal texts in one pass: most places of a text are ruled out by one look at a table. */
export class LiteralFinder {
  readonly #isStart = new Uint8Array(BUCKETS);
  readonly #buckets = new Map<number, Bucket>();

  /** @param literals those shorter than four units are left out */
  constructor(literals: Iterable<string>) {
    for (const literal of literals) {
      if (literal.length < WINDOW) continue;
      const hash = hashAt(literal, 0);
      this.#isStart[hash] = 1;
      const bucket = this.#buckets.get(hash);
      if (bucket === undefined) {
        this.#buckets.set(hash, { literals: new Set([literal]), lengths: [] });
      } else bucket.literals.add(literal);
    }
    for (const bucket of this.#buckets.values()) {
      const lengths = new Set([...bucket.literals].map(({ length }) => length));
      bucket.lengths = [...lengths].sort((a, b) => b - a);
    }
  }

  /** The text with `mask` for every literal; where several begin, the longest counts. */
  replaceAll(text: string, mask: string): string {
    let out = '';
    let from = 0;
    let at = 0;
    const last = text.length - WINDOW;
    while (at <= last) {
      const length = this.#lengthAt(text, at);
      if (length === 0) {
        at++;
        continue;
      }
      out += text.slice(from, at) + mask;
      at += length;
      from = at;
    }
    return from === 0 ? text : out + text.slice(from);
  }

  #lengthAt(text: string, at: number): number {
    const hash = hashAt(text, at);
    if (this.#isStart[hash] === 0) return 0;
    const bucket = this.#buckets.get(hash);
    return bucket?.lengths.find((length) => holds(bucket, text, { at, length })) ?? 0;
  }
}

function holds(
  { literals }: Bucket,
  text: string,
  { at, length }: { readonly at: number; readonly length: number },
): boolean {
  return at + length <= text.length && literals.has(text.slice(at, at + length));
}

function hashAt(text: string, at: number): number {
  const a = text.charCodeAt(at);
  const b = text.charCodeAt(at + 1);
  const c = text.charCodeAt(at + 2);
  const d = text.charCodeAt(at + 3);
  return (a * 29_791 + b * 961 + c * 31 + d) & (BUCKETS - 1);
}
