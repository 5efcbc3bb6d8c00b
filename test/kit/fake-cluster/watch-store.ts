// SPDX-License-Identifier: Apache-2.0

import type { JsonObject, ListQuery, ResourceInfo, WatchEvent } from '@helm-operator/kube';
import { copyJson } from './json.ts';
import { metadataOf, type Store, type StoreEvent } from './store.ts';

export interface StoreWatch {
  readonly store: Store;
  readonly info: ResourceInfo;
  readonly query: ListQuery & { readonly isMetadataOnly?: boolean };
  readonly matches: (object: JsonObject) => boolean;
  /** Functions that cut the open watches. */
  readonly cuts: Set<() => void>;
}

/** Tells of what is there and of every change, each event in a turn of its own. */
export async function watchStore(
  watch: StoreWatch,
  onEvent: (event: WatchEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  if (signal.aborted) return;
  const { store, info, query, cuts } = watch;
  const { promise: ended, resolve, reject } = Promise.withResolvers<void>();
  const pending: WatchEvent[] = [];
  let isDelivering = false;
  const deliver = async (): Promise<void> => {
    while (!signal.aborted) {
      const event = pending.shift();
      if (event === undefined) break;
      onEvent(event);
      await Promise.resolve();
    }
    isDelivering = false;
  };
  const send = (event: WatchEvent): void => {
    pending.push(event);
    if (isDelivering) return;
    isDelivering = true;
    queueMicrotask(() => void deliver().catch(reject));
  };
  const shape = (object: JsonObject): JsonObject => shaped(object, query);
  for (const object of store.list(info, query.namespace).filter(watch.matches)) {
    send({ type: 'added', object: shape(object) });
  }
  const synced = () => send({ type: 'synced', resourceVersion: store.resourceVersion });
  synced();
  cuts.add(synced);
  const stopListening = store.listen((event) => {
    if (isWatched(event, watch)) for (const told of translated(event, watch, shape)) send(told);
  });
  signal.addEventListener('abort', () => resolve(), { once: true });
  try {
    await ended;
  } finally {
    stopListening();
    cuts.delete(synced);
  }
}

function isWatched(event: StoreEvent, { info, query }: StoreWatch): boolean {
  const isKind = event.info.group === info.group && event.info.resource === info.resource;
  return isKind && (!query.namespace || metadataOf(event.object)['namespace'] === query.namespace);
}

/** An object that leaves the selection is deleted for this watch, one that enters it is added. */
function translated(
  event: StoreEvent,
  { matches }: StoreWatch,
  shape: (object: JsonObject) => JsonObject,
): WatchEvent[] {
  const was = event.before !== undefined && matches(event.before);
  const is = event.type !== 'deleted' && matches(event.object);
  if (!was && !is) return [];
  const type = !was ? 'added' : is ? 'modified' : 'deleted';
  return [{ type, object: shape(event.object) }];
}

function shaped(
  object: JsonObject,
  { apiVersion, kind, isMetadataOnly }: StoreWatch['query'],
): JsonObject {
  const copy = copyJson(object);
  if (isMetadataOnly !== true) return Object.assign(copy, { apiVersion, kind });
  return { apiVersion, kind, metadata: metadataOf(copy) };
}
