// SPDX-License-Identifier: Apache-2.0

export interface BackOffOptions {
  readonly firstMs: number;
  readonly longestMs: number;
  /** In [0, 1): spreads the pauses of many who failed together. */
  readonly random: () => number;
}

/** Pauses that double from `firstMs` to `longestMs`, each made up to half shorter at random. */
export class BackOff {
  readonly #options: BackOffOptions;
  #failures = 0;

  constructor(options: BackOffOptions) {
    this.#options = options;
  }

  /** @returns the next pause in milliseconds */
  next(): number {
    const { firstMs, longestMs, random } = this.#options;
    const pauseMs = Math.min(longestMs, firstMs * 2 ** Math.min(this.#failures, 40));
    this.#failures += 1;
    return pauseMs * (1 - random() / 2);
  }

  reset(): void {
    this.#failures = 0;
  }
}
