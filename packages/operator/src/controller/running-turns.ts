// SPDX-License-Identifier: Apache-2.0

/** The turns that run now, and what ends them before their time. */

import type { Dependency } from '@helm-operator/api';
import type { Clock, JsonObject, WorkerPlace } from '@helm-operator/kube';
import type { ReleaseKey } from './release-key.ts';

/** A turn that runs. */
export interface RunningTurn {
  readonly stop: AbortController;
  /** Of the object it was begun for; `undefined` until it has been read. */
  generation: number | undefined;
  /** What it works on, as `NAMESPACE/NAME`. */
  release: string | undefined;
  /** Its objects are written, it only waits: it may be stopped without harm. */
  isWaiting: boolean;
  /** Left while it waits: waiting holds no worker. */
  readonly place: WorkerPlace;
  /** Why it ends as soon as it only waits. */
  end: string | undefined;
  /** How many changes of HelmReleases had been seen when it began. */
  readonly begunAt: number;
  /** What the turn depends on, as it was just before the turn read it. */
  readonly seen: {
    metadata: JsonObject;
    referred: string;
    record: string;
    live: string | undefined;
  };
}

export class RunningTurns {
  readonly #running = new Map<ReleaseKey, RunningTurn>();
  /** HelmReleases that changed while turns run, each with the number of its last change. */
  readonly #changes = new Map<string, number>();
  #changeCount = 0;

  begin(key: ReleaseKey, place: WorkerPlace): RunningTurn {
    const running: RunningTurn = {
      stop: new AbortController(),
      generation: undefined,
      release: undefined,
      isWaiting: false,
      place,
      end: undefined,
      begunAt: this.#changeCount,
      seen: { metadata: {}, referred: '', record: '', live: '' },
    };
    this.#running.set(key, running);
    return running;
  }

  done(key: ReleaseKey, running: RunningTurn): void {
    this.#running.delete(key);
    if (this.#running.size === 0) this.#changes.clear();
    running.stop.abort();
  }

  /** A HelmRelease changed: a turn that runs may have read it before. */
  changed(place: Dependency): void {
    if (this.#running.size > 0) this.#changes.set(placeKey(place), ++this.#changeCount);
  }

  /** Whether a HelmRelease changed since that turn began. */
  hasChanged(place: Dependency, { begunAt }: RunningTurn): boolean {
    return (this.#changes.get(placeKey(place)) ?? 0) > begunAt;
  }

  /** Whether a turn works on that release. */
  isTaken({ namespace, name }: { readonly namespace: string; readonly name: string }): boolean {
    return [...this.#running.values()].some(({ release }) => release === `${namespace}/${name}`);
  }

  /** A new generation (a deletion makes one, too) ends a turn as soon as it only waits for the old one. */
  interrupt(key: ReleaseKey, generation: number): void {
    const running = this.#running.get(key);
    if (running?.generation === undefined || generation <= running.generation) return;
    running.end = 'the HelmRelease changed';
    endWhenWaiting(running);
  }

  /** Waiting ends now, writing ends soon. */
  stopAll(why: string, afterMs: number, clock: Clock): void {
    for (const running of this.#running.values()) {
      const stop = () => running.stop.abort(new DOMException(why, 'AbortError'));
      running.end = why;
      endWhenWaiting(running);
      void clock.sleep(afterMs, running.stop.signal).then(stop, () => undefined);
    }
  }
}

/** What a turn tells when it begins to wait, and when it goes on. */
export function waitingOf(running: RunningTurn): { began(): void; ended(): void } {
  return {
    began: () => {
      running.isWaiting = true;
      running.place.leave();
      endWhenWaiting(running);
    },
    ended: () => {
      running.isWaiting = false;
      running.place.enter();
    },
  };
}

function placeKey({ namespace, name }: Dependency): string {
  return `${namespace}/${name}`;
}

function endWhenWaiting(running: RunningTurn): void {
  if (!running.isWaiting || running.end === undefined) return;
  running.stop.abort(new DOMException(running.end, 'AbortError'));
}
