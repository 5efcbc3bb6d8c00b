// SPDX-License-Identifier: Apache-2.0

import type { FunctionPorts } from './ports.ts';

const DRAW_BYTES = 8;
const DRAW_RANGE = 2n ** 64n;
const BYTE_RANGE = 256;
const POOL_BYTES = 256;

/** Evenly spread numbers from the random port. */
export class RandomSource {
  readonly #ports: FunctionPorts;
  #pool: Uint8Array = new Uint8Array(0);
  #at = 0;

  constructor(ports: FunctionPorts) {
    this.#ports = ports;
  }

  /** A number in `[0, bound)`; `bound` is at least 1. */
  below(bound: bigint): bigint {
    const limit = DRAW_RANGE - (DRAW_RANGE % bound);
    for (;;) {
      let drawn = 0n;
      for (const byte of this.#ports.randomBytes(DRAW_BYTES)) drawn = (drawn << 8n) | BigInt(byte);
      if (drawn < limit) return drawn % bound;
    }
  }

  /** `count` letters of `alphabet`, which has at most 256. */
  text(alphabet: string, count: number): string {
    const limit = BYTE_RANGE - (BYTE_RANGE % alphabet.length);
    const made: string[] = [];
    while (made.length < count) {
      const byte = this.#byte();
      if (byte < limit) made.push(alphabet[byte % alphabet.length] ?? '');
    }
    return made.join('');
  }

  #byte(): number {
    if (this.#at >= this.#pool.length) {
      this.#pool = this.#ports.randomBytes(POOL_BYTES);
      this.#at = 0;
    }
    return this.#pool[this.#at++] ?? 0;
  }
}
