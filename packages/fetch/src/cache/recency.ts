// SPDX-License-Identifier: Apache-2.0

/** Which keys were used last, and what must go when there is too much. */
export class Recency {
  readonly #maxBytes: number;
  /** Key → size in bytes, the least recently used first. */
  readonly #sizes = new Map<string, number>();
  #totalBytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get totalBytes(): number {
    return this.#totalBytes;
  }

  has(key: string): boolean {
    return this.#sizes.has(key);
  }

  /** Whether something of this size can be kept at all. */
  fits(sizeBytes: number): boolean {
    return sizeBytes <= this.#maxBytes;
  }

  /** Notes a use. @returns the keys that must go, the least recently used first */
  use(key: string, sizeBytes: number): string[] {
    this.forget(key);
    this.#sizes.set(key, sizeBytes);
    this.#totalBytes += sizeBytes;
    const gone: string[] = [];
    for (const oldest of this.#sizes.keys()) {
      if (this.#totalBytes <= this.#maxBytes) break;
      this.forget(oldest);
      gone.push(oldest);
    }
    return gone;
  }

  forget(key: string): void {
    this.#totalBytes -= this.#sizes.get(key) ?? 0;
    this.#sizes.delete(key);
  }
}
