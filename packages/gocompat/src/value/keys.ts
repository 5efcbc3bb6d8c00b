// SPDX-License-Identifier: Apache-2.0

import { compareBytes } from '../text/text.ts';

/** Keys in the order in which Go prints and ranges over a map: by their UTF-8 bytes. */
export function sortedKeys(map: ReadonlyMap<string, unknown>): string[] {
  return [...map.keys()].sort(compareBytes);
}
