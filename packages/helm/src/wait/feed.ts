// SPDX-License-Identifier: Apache-2.0

/**
 * A live copy of some objects of one kind: one watch, or looks again and again where watching is forbidden or in trouble.
 *
 * Effects: reads the cluster and sleeps until `close`.
 */

import {
  type Clock,
  type Cluster,
  type JsonObject,
  KubeError,
  type ListQuery,
  textAt,
  type WatchEvent,
} from '@helm-operator/kube';

/** Helm looks every two seconds. */
const LONGEST_PAUSE_MS = 2_000;
const FIRST_PAUSE_MS = 250;
/** Failed looks in a row that a retry may mend. Source: helm v3.22.0 pkg/kube/wait.go waitForResources */
const RETRY_LIMIT = 30;
/** A watch that has not brought its list by then is helped by looks, in milliseconds. */
const FIRST_LIST_MS = 5_000;
const LOOKS_AT_ONCE = 4;
const HTTP_NOT_IMPLEMENTED = 501;
/** Watches that a look cannot replace. */
const REFUSALS: ReadonlySet<string> = new Set([
  'kube/forbidden',
  'kube/unknown-kind',
  'kube/not-found',
]);

export interface FeedQuery extends ListQuery {
  readonly isMetadataOnly?: boolean | undefined;
}

export interface FeedOptions {
  readonly query: FeedQuery;
  /** Only these are kept; each is told as absent once that is known. Absent: everything the query selects. */
  readonly names?: ReadonlySet<string> | undefined;
  /** The query selects every object of those names; what a complete list lacks is absent then. */
  readonly isExact: boolean;
  readonly mayWatch: boolean;
}

export interface FeedContext {
  readonly cluster: Cluster;
  readonly clock: Clock;
  readonly onChange: () => void;
  /** It cannot be told any more. */
  readonly onFailure: (error: unknown) => void;
}

export class Feed {
  readonly #options: FeedOptions;
  readonly #context: FeedContext;
  readonly #objects = new Map<string, JsonObject>();
  readonly #absent = new Set<string>();
  /** Names that a look told of, not the watch. */
  readonly #looked = new Set<string>();
  readonly #end = new AbortController();
  readonly #watchEnd = new AbortController();
  #focus: ReadonlySet<string> | undefined;
  #isListed = false;
  /** The watch works: nothing need be asked. */
  #isLive = false;
  #polling: Promise<void> | undefined;
  #watching: Promise<void> | undefined;
  #failures = 0;

  constructor(options: FeedOptions, context: FeedContext) {
    this.#options = options;
    this.#context = context;
    if (options.mayWatch) this.#watch();
    else this.#poll();
  }

  /** Everything that is asked for has been seen once, or is known to be absent. */
  get isComplete(): boolean {
    const { names } = this.#options;
    return names === undefined ? this.#isListed : this.#unseen().length === 0;
  }

  /** @returns `undefined` when it is not known yet */
  look(name: string): JsonObject | 'absent' | undefined {
    return this.#objects.get(name) ?? (this.#absent.has(name) ? 'absent' : undefined);
  }

  list(): readonly JsonObject[] {
    return [...this.#objects.values()];
  }

  /** Only these are still awaited: the others are not looked at again, where looks replace the watch. */
  focus(names: ReadonlySet<string>): void {
    this.#focus = names;
  }

  async close(): Promise<void> {
    this.#end.abort();
    this.#watchEnd.abort();
    await Promise.allSettled([this.#polling, this.#watching]);
  }

  #unseen(): readonly string[] {
    return [...(this.#options.names ?? [])].filter((name) => this.look(name) === undefined);
  }

  #watch(): void {
    const { cluster, clock } = this.#context;
    const { query } = this.#options;
    const { signal } = this.#watchEnd;
    this.#watching = cluster
      .watch(
        { ...query, isMetadataOnly: query.isMetadataOnly ?? false },
        (event) => this.#apply(event),
        signal,
        (error) => this.#trouble(error),
      )
      .catch((error: unknown) => {
        if (!signal.aborted) this.#trouble(error);
      });
    clock.sleep(FIRST_LIST_MS, signal).then(
      () => {
        if (!this.#isListed) this.#poll();
      },
      () => undefined,
    );
  }

  #trouble(error: unknown): void {
    this.#isLive = false;
    if (error instanceof KubeError && REFUSALS.has(error.code)) this.#watchEnd.abort();
    this.#poll();
  }

  #apply(event: WatchEvent): void {
    if (this.#end.signal.aborted) return;
    this.#isLive = true;
    this.#failures = 0;
    if (event.type === 'synced') this.#listed();
    else this.#follow(event.type, event.object);
    this.#context.onChange();
  }

  #follow(type: 'added' | 'modified' | 'deleted', object: JsonObject): void {
    const name = nameOf(object);
    this.#looked.delete(name);
    if (type !== 'deleted') {
      this.#put(object);
      return;
    }
    this.#objects.delete(name);
    if (this.#options.names?.has(name) !== true) return;
    // It may only have left the selection.
    if (this.#options.isExact) this.#absent.add(name);
    else this.#poll();
  }

  #listed(): void {
    this.#isListed = true;
    const unseen = this.#unseen();
    if (unseen.length === 0) return;
    if (this.#options.isExact) for (const name of unseen) this.#absent.add(name);
    else this.#poll();
  }

  #put(object: JsonObject): void {
    const name = nameOf(object);
    if (this.#options.names?.has(name) === false) return;
    this.#absent.delete(name);
    this.#objects.set(name, object);
  }

  #poll(): void {
    if (this.#polling !== undefined || this.#end.signal.aborted) return;
    this.#polling = this.#pollUntilLive().finally(() => {
      this.#polling = undefined;
    });
  }

  /** While the watch works only what it does not select is looked at. */
  async #pollUntilLive(): Promise<void> {
    const { signal } = this.#end;
    const { clock } = this.#context;
    try {
      for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
        const isNeeded = await this.#lookOnce();
        if (!isNeeded) return;
        await clock.sleep(pauseMs, signal);
      }
    } catch (error) {
      if (!signal.aborted) this.#context.onFailure(error);
    }
  }

  /** @returns whether to look again */
  async #lookOnce(): Promise<boolean> {
    const { names } = this.#options;
    try {
      if (names === undefined) {
        if (this.#isLive) return false;
        await this.#relist();
      } else {
        const outside = [...names].filter((name) => this.#mustLookAt(name));
        if (outside.length === 0) return false;
        await this.#lookAt(outside);
      }
      this.#failures = 0;
      return true;
    } catch (error) {
      this.#failures += 1;
      if (!isRetryable(error) || this.#failures > RETRY_LIMIT) throw error;
      return true;
    }
  }

  #mustLookAt(name: string): boolean {
    if (this.#isLive && !this.#isOutside(name)) return false;
    return this.look(name) === undefined || (this.#focus?.has(name) ?? true);
  }

  /** The watch's selector leaves it out: nobody but a look can tell. */
  #isOutside(name: string): boolean {
    return !this.#options.isExact && this.#isListed && !this.#isSelected(name);
  }

  #isSelected(name: string): boolean {
    const object = this.#objects.get(name);
    return object !== undefined && !this.#looked.has(name);
  }

  async #lookAt(names: readonly string[]): Promise<void> {
    const left = [...names];
    const { signal } = this.#end;
    const { apiVersion, kind, namespace } = this.#options.query;
    const work = async (): Promise<void> => {
      for (let name = left.shift(); name !== undefined; name = left.shift()) {
        const ref = { apiVersion, kind, namespace, name };
        const object = await this.#context.cluster.getJson(ref, { signal });
        if (this.#isLive && this.#isSelected(name)) continue;
        this.#looked.add(name);
        if (object !== undefined) this.#put(object);
        else {
          this.#objects.delete(name);
          this.#absent.add(name);
        }
        this.#context.onChange();
      }
    };
    await Promise.all(Array.from({ length: Math.min(LOOKS_AT_ONCE, names.length) }, work));
  }

  async #relist(): Promise<void> {
    const { isMetadataOnly: _, ...query } = this.#options.query;
    const found = await this.#context.cluster.listJson(query, { signal: this.#end.signal });
    if (this.#isLive) return;
    this.#objects.clear();
    for (const object of found) this.#put(object);
    this.#isListed = true;
    this.#context.onChange();
  }
}

function nameOf(object: JsonObject): string {
  return textAt(object, 'metadata.name');
}

/** Source: helm v3.22.0 pkg/kube/wait.go isRetryableError */
function isRetryable(error: unknown): boolean {
  if (!(error instanceof KubeError)) return false;
  const status = error.status ?? 0;
  return status === 0 || status === 429 || (status >= 500 && status !== HTTP_NOT_IMPLEMENTED);
}
