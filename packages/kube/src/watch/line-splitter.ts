// SPDX-License-Identifier: Apache-2.0

const NEWLINE = 10;

/**
 * Cuts a stream of bytes into lines. Bytes, not text: a chunk may end within a character, and a line is decoded once, as a whole.
 */
export class LineSplitter {
  readonly #limitBytes: number;
  #parts: Uint8Array[] = [];
  #sizeBytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /**
   * @returns the lines that `chunk` completes, without their newline, empty ones left out
   * @throws {RangeError} a line is longer than the limit
   */
  *push(chunk: Uint8Array): Generator<Uint8Array> {
    let from = 0;
    for (;;) {
      const to = chunk.indexOf(NEWLINE, from);
      if (to < 0) break;
      const line = this.#take(chunk.subarray(from, to));
      if (line.length > 0) yield line;
      from = to + 1;
    }
    if (from < chunk.length) this.#keep(chunk.subarray(from));
  }

  #keep(part: Uint8Array): void {
    this.#sizeBytes += part.length;
    if (this.#sizeBytes > this.#limitBytes) {
      throw new RangeError(`a line is longer than ${this.#limitBytes} bytes`);
    }
    this.#parts.push(part);
  }

  #take(last: Uint8Array): Uint8Array {
    if (this.#parts.length === 0) return last;
    this.#keep(last);
    const line = Buffer.concat(this.#parts, this.#sizeBytes);
    this.#parts = [];
    this.#sizeBytes = 0;
    return line;
  }
}
