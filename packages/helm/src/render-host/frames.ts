// SPDX-License-Identifier: Apache-2.0

/**
 * Messages between the parent and the render child: a header as JSON and a body of raw bytes, with their lengths before them.
 */

/** Both lengths, each four bytes, little-endian. */
const PREFIX_BYTES = 8;
/** No message is longer; a length beyond it means that the pipe is out of step. */
const FRAME_LIMIT_BYTES = 512 * 1024 * 1024;

export interface Frame {
  readonly header: unknown;
  readonly body: Uint8Array;
}

const EMPTY = new Uint8Array(0);

export function encodeFrame(header: unknown, body: Uint8Array = EMPTY): Uint8Array {
  // Lone surrogates are escaped by JSON.stringify and survive.
  const head = new TextEncoder().encode(JSON.stringify(header));
  const frame = new Uint8Array(PREFIX_BYTES + head.length + body.length);
  const view = new DataView(frame.buffer);
  view.setUint32(0, head.length, true);
  view.setUint32(4, body.length, true);
  frame.set(head, PREFIX_BYTES);
  frame.set(body, PREFIX_BYTES + head.length);
  return frame;
}

/**
 * @param prefix the first eight bytes of a frame
 * @throws {RangeError} the pipe is out of step
 */
export function frameLengths(prefix: Uint8Array): { readonly head: number; readonly body: number } {
  const view = new DataView(prefix.buffer, prefix.byteOffset, PREFIX_BYTES);
  const lengths = { head: view.getUint32(0, true), body: view.getUint32(4, true) };
  if (lengths.head + lengths.body > FRAME_LIMIT_BYTES) {
    throw new RangeError(`render host: a frame of ${lengths.head + lengths.body} bytes`);
  }
  return lengths;
}

function parseHeader(bytes: Uint8Array): unknown {
  return JSON.parse(new TextDecoder().decode(bytes));
}

/** Reads one frame by blocking calls: the child's side. `read` fills the buffer it is given. */
export function readFrame(read: (buffer: Uint8Array) => void): Frame {
  const prefix = new Uint8Array(PREFIX_BYTES);
  read(prefix);
  const lengths = frameLengths(prefix);
  const head = new Uint8Array(lengths.head);
  read(head);
  const body = new Uint8Array(lengths.body);
  read(body);
  return { header: parseHeader(head), body };
}

/** Puts chunks together and hands out whole frames: the parent's side. */
export class FrameReader {
  #chunks: Uint8Array[] = [];
  #size = 0;

  /** @throws {RangeError} the pipe is out of step */
  push(chunk: Uint8Array): readonly Frame[] {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    const frames: Frame[] = [];
    for (let frame = this.#take(); frame !== undefined; frame = this.#take()) frames.push(frame);
    return frames;
  }

  #take(): Frame | undefined {
    if (this.#size < PREFIX_BYTES) return undefined;
    const lengths = frameLengths(this.#peek(PREFIX_BYTES));
    const total = PREFIX_BYTES + lengths.head + lengths.body;
    if (this.#size < total) return undefined;
    const bytes = this.#peek(this.#size);
    this.#chunks = [bytes.subarray(total)];
    this.#size = bytes.length - total;
    const bodyAt = PREFIX_BYTES + lengths.head;
    return {
      header: parseHeader(bytes.subarray(PREFIX_BYTES, bodyAt)),
      body: bytes.subarray(bodyAt, total),
    };
  }

  /** The first `size` bytes as one array; chunks are joined only when they must be. */
  #peek(size: number): Uint8Array {
    const [first] = this.#chunks;
    if (first !== undefined && first.length >= size) return first.subarray(0, size);
    const joined = new Uint8Array(this.#size);
    let at = 0;
    for (const chunk of this.#chunks) {
      joined.set(chunk, at);
      at += chunk.length;
    }
    this.#chunks = [joined];
    return joined.subarray(0, size);
  }
}
