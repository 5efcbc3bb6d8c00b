// SPDX-License-Identifier: Apache-2.0

/** scrypt over PBKDF2. Source: RFC 7914. */

import forge from 'node-forge';
import type { ScryptParameters } from '../functions/ports.ts';
import { binaryOf, bytesOf } from './binary.ts';

/** Words of one Salsa20 block. */
const WORDS = 16;
const DOUBLE_ROUNDS = 4;
/** Which words a quarter round mixes: four columns, then four rows. */
const QUARTERS: readonly (readonly [number, number, number, number])[] = [
  [0, 4, 8, 12],
  [5, 9, 13, 1],
  [10, 14, 2, 6],
  [15, 3, 7, 11],
  [0, 1, 2, 3],
  [5, 6, 7, 4],
  [10, 11, 8, 9],
  [15, 12, 13, 14],
];

/** @returns `length` bytes */
export function scrypt(
  password: Uint8Array,
  salt: Uint8Array,
  { cost, blockSize, parallelization, length }: ScryptParameters,
): Uint8Array {
  const laneBytes = 128 * blockSize;
  const lanes = pbkdf2(password, salt, parallelization * laneBytes);
  for (let lane = 0; lane < parallelization; lane++) {
    const bytes = lanes.subarray(lane * laneBytes, (lane + 1) * laneBytes);
    const view = new DataView(bytes.buffer, bytes.byteOffset, laneBytes);
    const words = Uint32Array.from({ length: laneBytes / 4 }, (_, i) =>
      view.getUint32(i * 4, true),
    );
    mix(words, cost).forEach((word, i) => {
      view.setUint32(i * 4, word, true);
    });
  }
  return pbkdf2(password, lanes, length);
}

function pbkdf2(password: Uint8Array, salt: Uint8Array, length: number): Uint8Array {
  const sha256 = forge.md.sha256.create();
  return bytesOf(forge.pkcs5.pbkdf2(binaryOf(password), binaryOf(salt), 1, length, sha256));
}

/** ROMix: remembers `cost` states, then mixes them in, in an order that the states give. */
function mix(start: Uint32Array, cost: number): Uint32Array {
  const size = start.length;
  const seen = new Uint32Array(size * cost);
  let now = start;
  for (let i = 0; i < cost; i++) {
    seen.set(now, i * size);
    now = blockMix(now);
  }
  for (let i = 0; i < cost; i++) {
    const from = ((now[size - WORDS] ?? 0) % cost) * size;
    for (let k = 0; k < size; k++) now[k] = (now[k] ?? 0) ^ (seen[from + k] ?? 0);
    now = blockMix(now);
  }
  return now;
}

/** Blocks at even places come first. */
function blockMix(words: Uint32Array): Uint32Array {
  const count = words.length / WORDS;
  const out = new Uint32Array(words.length);
  const block = words.slice(words.length - WORDS);
  for (let i = 0; i < count; i++) {
    for (let k = 0; k < WORDS; k++) block[k] = (block[k] ?? 0) ^ (words[i * WORDS + k] ?? 0);
    salsa8(block);
    out.set(block, ((i >> 1) + (i % 2 === 0 ? 0 : count / 2)) * WORDS);
  }
  return out;
}

function salsa8(block: Uint32Array): void {
  const x = block.slice();
  const step = (target: number, a: number, b: number, turn: number): void => {
    const sum = ((x[a] ?? 0) + (x[b] ?? 0)) | 0;
    x[target] = (x[target] ?? 0) ^ ((sum << turn) | (sum >>> (32 - turn)));
  };
  for (let round = 0; round < DOUBLE_ROUNDS; round++) {
    for (const [a, b, c, d] of QUARTERS) {
      step(b, a, d, 7);
      step(c, b, a, 9);
      step(d, c, b, 13);
      step(a, d, c, 18);
    }
  }
  for (let k = 0; k < WORDS; k++) block[k] = (block[k] ?? 0) + (x[k] ?? 0);
}
