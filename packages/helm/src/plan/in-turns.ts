// SPDX-License-Identifier: Apache-2.0

import { setImmediate as nextTurn } from 'node:timers/promises';

/** Long work gives way to other work this often, in milliseconds. */
const SLICE_MS = 10;

/** All items of an iterable that is costly to walk, a slice of time after the other. */
export async function inTurns<T>(items: Iterable<T>): Promise<T[]> {
  const found: T[] = [];
  let sliceEndMs = performance.now() + SLICE_MS;
  for (const item of items) {
    found.push(item);
    if (performance.now() <= sliceEndMs) continue;
    await nextTurn();
    sliceEndMs = performance.now() + SLICE_MS;
  }
  return found;
}
