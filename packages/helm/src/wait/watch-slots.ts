// SPDX-License-Identifier: Apache-2.0

/** How many watches all waits of this process may hold together; who gets none looks at the objects instead. */

/** Seven sessions of the API server, or so. */
const LIMIT = 600;

class WatchSlots {
  #taken = 0;

  take(): boolean {
    if (this.#taken >= LIMIT) return false;
    this.#taken += 1;
    return true;
  }

  give(count: number): void {
    this.#taken -= count;
  }
}

export const WATCH_SLOTS: WatchSlots = new WatchSlots();
