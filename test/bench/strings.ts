// SPDX-License-Identifier: Apache-2.0

/** Evidence for ADR 1: template output built and cut as JavaScript strings and as bytes. */

import { performance } from 'node:perf_hooks';

const LINES = Array.from(
  { length: 2_000 },
  (_, i) => `  key-${i}: value number ${i} # ${i % 7 === 0 ? 'größe 日本' : 'plain'}\n`,
);
const ROUNDS = 50;

function time(name: string, work: () => number): void {
  for (let i = 0; i < 5; i++) work();
  const samples = Array.from({ length: ROUNDS }, () => {
    const startMs = performance.now();
    work();
    return performance.now() - startMs;
  }).sort((a, b) => a - b);
  const median = samples[ROUNDS >> 1] ?? 0;
  process.stdout.write(`${name.padEnd(52)} ${median.toFixed(3)} ms\n`);
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const lineBytes = LINES.map((line) => encoder.encode(line));

function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

time('build 2,000 lines: strings, +=', () => {
  let out = '';
  for (const line of LINES) out += line;
  return out.charCodeAt(out.length - 1);
});
time('build 2,000 lines: bytes, joined once', () => joinBytes(lineBytes).length);
time(
  'indent 2,000 lines: strings, replaceAll',
  () => LINES.join('').replaceAll('\n', '\n    ').length,
);
time('indent 2,000 lines: bytes', () => {
  const parts: Uint8Array[] = [];
  const pad = encoder.encode('    ');
  for (const line of lineBytes) parts.push(line, pad);
  return joinBytes(parts).length;
});
time('look up 2,000 keys in a Map: strings', () => {
  const map = new Map(LINES.map((line, i) => [line, i]));
  let sum = 0;
  for (const line of LINES) sum += map.get(line) ?? 0;
  return sum;
});
time('look up 2,000 keys in a Map: bytes, by decoding', () => {
  const map = new Map(lineBytes.map((line, i) => [decoder.decode(line), i]));
  let sum = 0;
  for (const line of lineBytes) sum += map.get(decoder.decode(line)) ?? 0;
  return sum;
});
time('cut at 63 bytes: strings, UTF-8 counted', () => {
  let sum = 0;
  for (const line of LINES) {
    let bytes = 0;
    let at = 0;
    while (at < line.length && bytes < 63) {
      const code = line.charCodeAt(at++);
      bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : 3;
    }
    sum += line.slice(0, at).length;
  }
  return sum;
});
time('cut at 63 bytes: bytes, subarray', () => {
  let sum = 0;
  for (const line of lineBytes) sum += line.subarray(0, 63).length;
  return sum;
});
