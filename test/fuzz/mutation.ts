// SPDX-License-Identifier: Apache-2.0

/** Inputs made of known ones by small and large damage; the same number gives the same input. */

/** Random numbers from a seed. Source: mulberry32. */
export class Chance {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** From 0, below `limit`. */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let bits = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return Math.floor((((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32) * limit);
  }

  of<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new Error('nothing to choose from');
    return item;
  }
}

/** What both texts and bytes can do. */
interface Cuttable<S> {
  readonly length: number;
  slice(from: number, to?: number): S;
}

interface Craft<S extends Cuttable<S>> {
  readonly join: (...parts: readonly S[]) => S;
  /** Pieces that mean something to the reader. */
  readonly words: readonly S[];
  readonly anything: (chance: Chance) => S;
}

const MAX_CHANGES = 6;
const MAX_REPEATS = 60;

/** One change of `input`; `other` is another known input. */
function changed<S extends Cuttable<S>>(input: S, other: S, chance: Chance, craft: Craft<S>): S {
  const { join, words, anything } = craft;
  const at = chance.below(input.length + 1);
  const to = Math.min(input.length, at + chance.below(chance.below(4) === 0 ? 200 : 12));
  const [before, piece, behind] = [input.slice(0, at), input.slice(at, to), input.slice(to)];
  switch (chance.below(8)) {
    case 0:
      return join(before, behind);
    case 1:
      return join(before, piece, piece, behind);
    case 2:
      return join(before, chance.of(words), behind);
    case 3:
      return join(before, chance.of(words), piece, behind);
    case 4:
      return join(before, anything(chance), behind);
    case 5: {
      const from = chance.below(other.length + 1);
      return join(before, other.slice(from, from + chance.below(80)), behind);
    }
    case 6: {
      const word = chance.below(2) === 0 ? chance.of(words) : piece;
      return join(before, ...Array<S>(1 + chance.below(MAX_REPEATS)).fill(word), behind);
    }
    default:
      return before;
  }
}

function mutated<S extends Cuttable<S>>(known: readonly S[], chance: Chance, craft: Craft<S>): S {
  let now = chance.of(known);
  for (let left = 1 + chance.below(MAX_CHANGES); left > 0; left--) {
    now = changed(now, chance.of(known), chance, craft);
  }
  return now;
}

/** Longest text that is tried. */
const MAX_TEXT = 8_000;

export function mutatedText(
  known: readonly string[],
  words: readonly string[],
  chance: Chance,
): string {
  const text = mutated(known, chance, {
    join: (...parts) => parts.join(''),
    words,
    anything: (dice) => String.fromCodePoint(dice.below(dice.below(3) === 0 ? 0x11_0000 : 0x100)),
  });
  return text.slice(0, MAX_TEXT).toWellFormed();
}

export function mutatedBytes(
  known: readonly Uint8Array[],
  words: readonly Uint8Array[],
  chance: Chance,
): Uint8Array {
  return mutated(known, chance, {
    join: (...parts) => new Uint8Array(Buffer.concat(parts)),
    words,
    anything: (dice) => Uint8Array.of(dice.below(256)),
  });
}
