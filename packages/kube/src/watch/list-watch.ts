// SPDX-License-Identifier: Apache-2.0

/**
 * List, then watch, for ever.
 *
 * Effects: reads the cluster and sleeps.
 * Source:  kubernetes@v1.36.3 client-go/tools/cache/reflector.go
 * Differs: what a re-list finds is compared with what was announced, so that listeners see differences only.
 */

import { BackOff } from '../back-off.ts';
import type { Clock } from '../clock.ts';
import type { JsonObject, WatchEvent } from '../cluster.ts';
import { errorOfStatusObject, isKubeError, KubeError } from '../errors.ts';
import { KnownObjects, metadataOf, text } from './known-objects.ts';
import { LineSplitter } from './line-splitter.ts';

export interface ListPage {
  readonly items: readonly JsonObject[];
  readonly resourceVersion: string;
  /** Empty on the last page. */
  readonly continueToken: string;
}

export interface OpenWatch {
  /** Where to start; with `mustSendInitial` the state to be at least as new as, empty for the newest. */
  readonly resourceVersion: string;
  /** Announce first everything that exists, then a bookmark that says so. */
  readonly mustSendInitial: boolean;
  readonly timeoutSeconds: number;
}

/** The two requests of a watch. */
export interface WatchSource {
  /** For messages: `watch Secret in apps`. */
  readonly doing: string;
  /** @param limit objects per page; `0` for all at once */
  page(limit: number, continueToken: string, signal: AbortSignal): Promise<ListPage>;
  open(how: OpenWatch, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
}

export interface WatchContext {
  readonly clock: Clock;
  readonly random: () => number;
  readonly signal: AbortSignal;
  /** Something failed and will be tried again. */
  readonly onTrouble?: ((error: Error, doing: string) => void) | undefined;
  /** Whether the server streams lists; learnt once, kept for all watches of the server. */
  readonly streaming: { isRefused: boolean };
}

const PAGE_LIMIT = 500;
const LINE_LIMIT_BYTES = 64 << 20;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/** The server ends a watch after 5 to 10 minutes, so that not all end together. */
const WATCH_SECONDS = 300;
/** A stream that outlives its time by this is taken for dead. */
const OVERTIME_MS = 60_000;
/** Time for a streamed list to begin, and between two of its parts. */
const STREAMED_LIST_LIMIT_MS = 60_000;
/** A watch that ends sooner and brought nothing counts as a failure. */
const SHORT_WATCH_MS = 1_000;
const INITIAL_EVENTS_END = 'k8s.io/initial-events-end';

/**
 * Runs until the signal is aborted; then resolves.
 *
 * @throws what `onEvent` throws, nothing else
 */
export async function listWatch(
  source: WatchSource,
  onEvent: (event: WatchEvent) => void,
  context: WatchContext,
): Promise<void> {
  await new ListWatch(source, onEvent, context).run();
}

class ListenerError extends Error {
  override readonly name: string = 'ListenerError';
}

class ListWatch {
  readonly #source: WatchSource;
  readonly #context: WatchContext;
  readonly #emit: (event: WatchEvent) => void;
  readonly #known: KnownObjects;
  readonly #backOff: BackOff;
  /** Where the watch stands; `undefined`: a list is needed. */
  #resourceVersion: string | undefined;
  /** Something came since the last failure. */
  #hasProgress = false;

  constructor(source: WatchSource, onEvent: (event: WatchEvent) => void, context: WatchContext) {
    this.#source = source;
    this.#context = context;
    this.#emit = (event) => {
      try {
        onEvent(event);
      } catch (error) {
        throw new ListenerError('a listener failed', { cause: error });
      }
    };
    this.#known = new KnownObjects(this.#emit);
    this.#backOff = new BackOff({
      firstMs: FIRST_PAUSE_MS,
      longestMs: LONGEST_PAUSE_MS,
      random: context.random,
    });
  }

  async run(): Promise<void> {
    const { signal } = this.#context;
    while (!signal.aborted) {
      try {
        await this.#turn();
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof ListenerError) throw error.cause;
        await this.#recover(error).catch((reason: unknown) => {
          if (!signal.aborted) throw reason;
        });
      }
    }
  }

  async #turn(): Promise<void> {
    const { streaming } = this.#context;
    if (this.#resourceVersion !== undefined) return this.#follow(undefined);
    if (streaming.isRefused) return this.#listPages();
    return this.#follow(new Set());
  }

  async #recover(error: unknown): Promise<void> {
    const { clock, signal, onTrouble, streaming } = this.#context;
    const isStreamedList = this.#resourceVersion === undefined && !streaming.isRefused;
    if (isStreamedList && isRefusedStreaming(error)) {
      streaming.isRefused = true;
      return;
    }
    if (isKubeError(error, 'kube/unknown-kind')) this.#known.keepOnly(new Set());
    const wasHealthy = this.#hasProgress;
    this.#hasProgress = false;
    if (wasHealthy) this.#backOff.reset();
    if (isKubeError(error, 'kube/expired')) {
      this.#resourceVersion = undefined;
      if (wasHealthy) return;
    } else {
      onTrouble?.(error instanceof Error ? error : new Error(String(error)), this.#source.doing);
    }
    await clock.sleep(this.#backOff.next(), signal);
  }

  async #listPages(): Promise<void> {
    const { signal } = this.#context;
    const seen = new Set<string>();
    let limit = PAGE_LIMIT;
    let token = '';
    for (;;) {
      const page = await this.#source.page(limit, token, signal).catch((error: unknown) => {
        // The continue token grew too old on the way: all at once then (as client-go).
        if (token !== '' && isKubeError(error, 'kube/expired')) return undefined;
        throw error;
      });
      if (page === undefined) {
        [limit, token] = [0, ''];
        seen.clear();
        continue;
      }
      for (const item of page.items) seen.add(this.#known.put(withoutManagedFields(item)));
      token = page.continueToken;
      if (token !== '') continue;
      this.#complete(seen, page.resourceVersion);
      return;
    }
  }

  #complete(seen: ReadonlySet<string>, resourceVersion: string): void {
    this.#known.keepOnly(seen);
    this.#resourceVersion = resourceVersion;
    this.#emit({ type: 'synced', resourceVersion });
  }

  /** @param initial filled with what exists until the list is complete; absent when it is */
  async #follow(initial: Set<string> | undefined): Promise<void> {
    const { clock, random, signal } = this.#context;
    const timeoutSeconds = Math.round(WATCH_SECONDS * (1 + random()));
    const sinceMs = clock.elapsedMs();
    const guard = new Guard(clock, signal);
    guard.limit(
      initial === undefined ? timeoutSeconds * 1000 + OVERTIME_MS : STREAMED_LIST_LIMIT_MS,
    );
    let listing = initial;
    let hasEvents = false;
    try {
      const chunks = await this.#source.open(
        {
          resourceVersion: this.#resourceVersion ?? '',
          mustSendInitial: listing !== undefined,
          timeoutSeconds,
        },
        guard.signal,
      );
      const splitter = new LineSplitter(LINE_LIMIT_BYTES);
      for await (const chunk of chunks) {
        for (const line of splitter.push(chunk)) {
          hasEvents = true;
          const isListed = this.#apply(line, listing);
          if (listing === undefined || !isListed) continue;
          listing = undefined;
          guard.limit(timeoutSeconds * 1000 + OVERTIME_MS);
        }
        if (listing !== undefined) guard.limit(STREAMED_LIST_LIMIT_MS);
      }
    } catch (error) {
      throw guard.hasExpired && listing !== undefined ? new SlowListError() : error;
    } finally {
      guard.end();
    }
    if (!hasEvents && clock.elapsedMs() - sinceMs < SHORT_WATCH_MS) throw new EmptyWatchError();
    if (listing !== undefined) throw new CutListError();
  }

  /** @returns whether this event ends the list */
  #apply(line: Uint8Array, listing: Set<string> | undefined): boolean {
    const event = decodeEvent(line, this.#source.doing);
    const metadata = metadataOf(event.object);
    switch (event.type) {
      case 'ADDED':
      case 'MODIFIED':
        remember(listing, this.#known.put(withoutManagedFields(event.object)));
        break;
      case 'DELETED':
        this.#known.remove(withoutManagedFields(event.object));
        break;
      case 'BOOKMARK':
        break;
      case 'ERROR':
        throw errorOfStatusObject(this.#source.doing, event.object);
      default:
        return false;
    }
    this.#hasProgress = true;
    const resourceVersion = text(metadata['resourceVersion']);
    if (listing === undefined) {
      if (resourceVersion !== '') this.#resourceVersion = resourceVersion;
      return false;
    }
    if (event.type !== 'BOOKMARK' || !endsList(metadata)) return false;
    this.#complete(listing, resourceVersion);
    return true;
  }
}

/** Aborts a stream that takes too long; follows the caller's signal. */
class Guard {
  readonly #controller = new AbortController();
  readonly #clock: Clock;
  readonly #parent: AbortSignal;
  readonly #forward = (): void => this.#controller.abort(this.#parent.reason);
  #timer = new AbortController();
  hasExpired = false;

  constructor(clock: Clock, parent: AbortSignal) {
    this.#clock = clock;
    this.#parent = parent;
    parent.addEventListener('abort', this.#forward, { once: true });
    if (parent.aborted) this.#forward();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  limit(ms: number): void {
    this.#timer.abort();
    const timer = new AbortController();
    this.#timer = timer;
    this.#clock.sleep(ms, timer.signal).then(
      () => {
        this.hasExpired = true;
        this.#controller.abort(new Error(`the watch was silent for ${ms} ms`));
      },
      () => undefined,
    );
  }

  end(): void {
    this.#timer.abort();
    this.#parent.removeEventListener('abort', this.#forward);
    this.#controller.abort();
  }
}

/** A server that does not know streamed lists sends no end of the list. */
class SlowListError extends Error {
  override readonly name: string = 'SlowListError';
  constructor() {
    super('the streamed list did not come to its end');
  }
}

/** The server went away within a streamed list. */
class CutListError extends Error {
  override readonly name: string = 'CutListError';
  constructor() {
    super('the streamed list was cut');
  }
}

class EmptyWatchError extends Error {
  override readonly name: string = 'EmptyWatchError';
  constructor() {
    super('the watch ended at once without an event');
  }
}

function isRefusedStreaming(error: unknown): boolean {
  if (error instanceof SlowListError) return true;
  const refusals = ['kube/invalid', 'kube/bad-request'] as const;
  return refusals.some((code) => isKubeError(error, code));
}

function remember(keys: Set<string> | undefined, key: string): void {
  keys?.add(key);
}

interface RawEvent {
  readonly type: string;
  readonly object: JsonObject;
}

function decodeEvent(line: Uint8Array, doing: string): RawEvent {
  try {
    const event: unknown = JSON.parse(
      Buffer.from(line.buffer, line.byteOffset, line.length).toString('utf8'),
    );
    if (isRawEvent(event)) return event;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new KubeError({ code: 'kube/response', message: `${doing}: an event is not valid JSON` });
}

function isRawEvent(value: unknown): value is RawEvent {
  if (typeof value !== 'object' || value === null) return false;
  if (!('type' in value) || !('object' in value)) return false;
  return (
    typeof value.type === 'string' && typeof value.object === 'object' && value.object !== null
  );
}

function endsList(metadata: JsonObject): boolean {
  const annotations = metadata['annotations'];
  if (typeof annotations !== 'object' || annotations === null || Array.isArray(annotations)) {
    return false;
  }
  return annotations[INITIAL_EVENTS_END] === 'true';
}

/** They are often half of an object and nobody who watches reads them. */
function withoutManagedFields(object: JsonObject): JsonObject {
  delete metadataOf(object)['managedFields'];
  return object;
}
