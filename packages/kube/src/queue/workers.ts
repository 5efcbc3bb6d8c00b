// SPDX-License-Identifier: Apache-2.0

/** Workers of a queue. Work that only waits gives its place to the next key. */

import type { WorkQueue } from './work-queue.ts';

/** Keys whose work waits, beyond the workers: each holds what it needs to go on. */
const WAITING_LIMIT = 500;

/** The place of a worker, for the work on one key. */
export interface WorkerPlace {
  /** The work only waits from now on: the place is given to the next key. */
  leave(): void;
  /** It goes on. It does not queue for a place: for a moment there may be more at work than there are workers. */
  enter(): void;
}

/**
 * Works on the keys of `queue`, at most `workers` at a time, until the queue drains.
 *
 * @param work may throw: the key is then retried with back-off, and the error told
 */
export async function runWorkers<Key extends string>(
  queue: WorkQueue<Key>,
  workers: number,
  work: (key: Key, place: WorkerPlace) => Promise<void>,
  onError: (error: unknown, key: Key) => void,
): Promise<void> {
  const crew = new Crew(workers);
  const running = new Set<Promise<void>>();
  const runOne = async (key: Key): Promise<void> => {
    const place = crew.place();
    place.enter();
    try {
      await work(key, place);
    } catch (error) {
      onError(error, key);
      queue.retry(key);
    } finally {
      place.end();
      queue.done(key);
    }
  };
  for (;;) {
    await crew.whenFree();
    const key = await queue.take();
    if (key === undefined) break;
    const run = runOne(key);
    running.add(run);
    void run.finally(() => running.delete(run)).catch(() => undefined);
  }
  await Promise.all(running);
}

class Crew {
  readonly #size: number;
  #busy = 0;
  #waiting = 0;
  #tell: (() => void) | undefined;

  constructor(size: number) {
    this.#size = size;
  }

  async whenFree(): Promise<void> {
    while (this.#busy >= this.#size) {
      await new Promise<void>((resolve) => {
        this.#tell = resolve;
      });
    }
  }

  place(): WorkerPlace & { end(): void } {
    let state: 'out' | 'busy' | 'waiting' = 'out';
    const move = (to: typeof state): void => {
      this.#busy += Number(to === 'busy') - Number(state === 'busy');
      this.#waiting += Number(to === 'waiting') - Number(state === 'waiting');
      state = to;
      if (this.#busy < this.#size) this.#tell?.();
    };
    return {
      leave: () => {
        if (state === 'busy' && this.#waiting < WAITING_LIMIT) move('waiting');
      },
      enter: () => {
        if (state !== 'busy') move('busy');
      },
      end: () => move('out'),
    };
  }
}
