// SPDX-License-Identifier: Apache-2.0

/**
 * The objects of one wait as they are now: one feed for each kind and namespace, closed with the wait.
 *
 * Effects: reads the cluster until `close`.
 */

import type { Clock, Cluster, JsonObject, ListQuery, ObjectRef } from '@helm-operator/kube';
import { Feed, type FeedOptions } from './feed.ts';
import { WATCH_SLOTS } from './watch-slots.ts';

/** Kinds and namespaces of one wait that are watched; beyond it they are looked at. */
const WATCHES_PER_WAIT = 32;
/** Selections of one kind and namespace that have feeds of their own; one more, and all of it is watched. */
const SELECTIONS = 3;
/** On every object of a manifest. Source: helm v3.22.0 pkg/action/validate.go setMetadataVisitor */
const MANAGED_LABEL = 'app.kubernetes.io/managed-by=Helm';

export interface ViewContext {
  readonly cluster: Cluster;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export interface Selecting {
  /** The caller picks what it needs itself: more may be given. */
  readonly mayWiden: boolean;
  /** The wait can do without: where it cannot be read, it stays unknown. */
  readonly isOptional: boolean;
}

export class LiveView {
  readonly #context: ViewContext;
  readonly #isMetadataOnly: boolean;
  /** Feeds of named objects, by kind and namespace. */
  readonly #named = new Map<string, Feed>();
  /** Feeds of selections, by kind and namespace, then selector. */
  readonly #selected = new Map<string, Map<string, Feed>>();
  readonly #onAbort = (): void => this.#wake();
  #watches = 0;
  #hasChanged = true;
  #failure: { readonly error: unknown } | undefined;
  #wake: () => void = () => {};

  constructor(
    refs: readonly ObjectRef[],
    context: ViewContext,
    options: { readonly isMetadataOnly?: boolean } = {},
  ) {
    this.#context = context;
    this.#isMetadataOnly = options.isMetadataOnly ?? false;
    context.signal.addEventListener('abort', this.#onAbort, { once: true });
    for (const [key, group] of groupsOf(refs))
      this.#named.set(key, this.#open(this.#namedFeed(group)));
  }

  /** Everything named has been seen, or is known to be absent. */
  get isComplete(): boolean {
    return [...this.#named.values()].every((feed) => feed.isComplete);
  }

  /** @returns `undefined` when it is not known yet */
  look(ref: ObjectRef): JsonObject | 'absent' | undefined {
    return this.#named.get(groupKey(ref))?.look(ref.name);
  }

  /** Only these are still awaited. */
  focus(refs: readonly ObjectRef[]): void {
    const groups = groupsOf(refs);
    for (const [key, feed] of this.#named) {
      feed.focus(new Set(groups.get(key)?.map(({ name }) => name)));
    }
  }

  /**
   * What a selection holds; watched from the first time it is asked for.
   *
   * @returns `undefined` when it is not known yet
   */
  list(query: ListQuery, options: Selecting): readonly JsonObject[] | undefined {
    const { mayWiden, isOptional } = options;
    const key = groupKey(query);
    const feeds = this.#selected.get(key) ?? new Map<string, Feed>();
    this.#selected.set(key, feeds);
    const wide = mayWiden ? feeds.get('') : undefined;
    const known = wide ?? feeds.get(query.labelSelector ?? '');
    if (known !== undefined) return known.isComplete ? known.list() : undefined;
    const mustWiden = mayWiden && feeds.size >= SELECTIONS;
    const { apiVersion, kind, namespace } = query;
    const labelSelector = mustWiden ? undefined : query.labelSelector;
    const mayWatch = this.#takeWatch();
    const opened = {
      query: { apiVersion, kind, namespace, labelSelector },
      isExact: true,
      mayWatch,
    };
    feeds.set(labelSelector ?? '', this.#open(opened, isOptional));
    return undefined;
  }

  /**
   * Returns when something has changed since the last call, or after `longestMs`.
   *
   * @throws the signal's reason; what a feed failed with
   */
  async changed(longestMs: number): Promise<void> {
    this.#check();
    if (!this.#hasChanged) {
      const timer = new AbortController();
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      this.#context.clock.sleep(longestMs, timer.signal).then(resolve, () => undefined);
      await promise;
      timer.abort();
    }
    this.#hasChanged = false;
    this.#check();
  }

  async close(): Promise<void> {
    this.#context.signal.removeEventListener('abort', this.#onAbort);
    const feeds = [
      ...this.#named.values(),
      ...[...this.#selected.values()].flatMap((byText) => [...byText.values()]),
    ];
    await Promise.all(feeds.map((feed) => feed.close()));
    WATCH_SLOTS.give(this.#watches);
    this.#watches = 0;
  }

  #check(): void {
    this.#context.signal.throwIfAborted();
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  #open(options: FeedOptions, isOptional = false): Feed {
    const { cluster, clock } = this.#context;
    return new Feed(options, {
      cluster,
      clock,
      onChange: () => {
        this.#hasChanged = true;
        this.#wake();
      },
      onFailure: (error) => {
        if (isOptional) return;
        this.#failure ??= { error };
        this.#wake();
      },
    });
  }

  #namedFeed(group: readonly ObjectRef[]): FeedOptions {
    const [first] = group;
    const { apiVersion = '', kind = '', namespace } = first ?? {};
    const names = new Set(group.map(({ name }) => name));
    const base = { apiVersion, kind, namespace, isMetadataOnly: this.#isMetadataOnly };
    const mayWatch = this.#takeWatch();
    if (first !== undefined && names.size === 1) {
      const query = { ...base, fieldSelector: `metadata.name=${first.name}` };
      return { query, names, isExact: true, mayWatch };
    }
    // Names and labels alone are little: all of a namespace may come.
    if (this.#isMetadataOnly) return { query: base, names, isExact: true, mayWatch };
    return { query: { ...base, labelSelector: MANAGED_LABEL }, names, isExact: false, mayWatch };
  }

  #takeWatch(): boolean {
    if (this.#watches >= WATCHES_PER_WAIT || !WATCH_SLOTS.take()) return false;
    this.#watches += 1;
    return true;
  }
}

function groupsOf(refs: readonly ObjectRef[]): ReadonlyMap<string, readonly ObjectRef[]> {
  return Map.groupBy(refs, groupKey);
}

function groupKey({ apiVersion, kind, namespace }: Omit<ObjectRef, 'name'>): string {
  return JSON.stringify([apiVersion, kind, namespace ?? '']);
}
