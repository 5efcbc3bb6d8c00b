// SPDX-License-Identifier: Apache-2.0

/** So many names before those of contents that are gone are forgotten. */
const SWEEP_ABOVE = 64;

/**
 * Contents by digest for as long as somebody else holds them: many turns that need one archive at the same time share its bytes, and what
 * was learned of them. Nobody may change them.
 */
export class HeldContents {
  readonly #contents = new Map<string, WeakRef<Uint8Array>>();

  get(digest: string): Uint8Array | undefined {
    return this.#contents.get(digest)?.deref();
  }

  /** @returns the bytes that everybody shares */
  share(digest: string, bytes: Uint8Array): Uint8Array {
    const held = this.get(digest);
    if (held !== undefined) return held;
    if (this.#contents.size >= SWEEP_ABOVE) this.#sweep();
    this.#contents.set(digest, new WeakRef(bytes));
    return bytes;
  }

  #sweep(): void {
    for (const [digest, held] of this.#contents)
      if (held.deref() === undefined) this.#contents.delete(digest);
  }
}
