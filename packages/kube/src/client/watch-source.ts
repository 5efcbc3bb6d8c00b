// SPDX-License-Identifier: Apache-2.0

import type { Readable } from 'node:stream';
import type { CallOptions, ListQuery, ResourceInfo, WatchEvent } from '../cluster.ts';
import { isKubeError } from '../errors.ts';
import type { OpenWatch, WatchSource } from '../watch/list-watch.ts';
import { decodePage, describeQuery, selectors } from './list-pages.ts';
import { collectionPath, withQuery } from './paths.ts';
import type { Answer, Call } from './requester.ts';
import { unknownKind } from './unknown-kind.ts';

/** A call without what the client adds itself. */
export type ClientCall = Omit<Call, 'identity'>;

/** What a watch needs of its client. */
export interface WatchCalls {
  call(call: ClientCall): Promise<Answer>;
  open(call: ClientCall & { readonly signal: AbortSignal }): Promise<{ readonly body: Readable }>;
  find(doing: string, options: CallOptions): Promise<ResourceInfo>;
  /** What is served has changed. */
  forget(): void;
}

export type WatchQuery = ListQuery & { readonly isMetadataOnly?: boolean };

const METADATA_LIST =
  'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json';
/** One object without anything but its metadata. */
export const METADATA_ACCEPT =
  'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json';
const PAGE_LIMIT_BYTES = 256 << 20;
const PAGE_LIMIT_MS = 60_000;

/** The requests of one watch. */
export function watchSource(query: WatchQuery, calls: WatchCalls): WatchSource {
  const doing = `watch ${describeQuery(query)}`;
  const isMetadataOnly = query.isMetadataOnly === true;
  const path = async (signal: AbortSignal) =>
    collectionPath(await calls.find(doing, { signal }), query.namespace);
  return {
    doing,
    async page(limit, continueToken, signal) {
      const page = { limit: limit === 0 ? undefined : limit, continue: continueToken };
      const answer = await served(query, calls, doing, async () =>
        calls.call({
          doing,
          method: 'GET',
          path: withQuery(await path(signal), { ...selectors(query), ...page }),
          accept: isMetadataOnly ? METADATA_LIST : 'application/json',
          mayCompress: true,
          limitBytes: PAGE_LIMIT_BYTES,
          timeoutMs: PAGE_LIMIT_MS,
          signal,
        }),
      );
      return decodePage(answer.body, query, doing);
    },
    async open(how, signal) {
      const answer = await served(query, calls, doing, async () =>
        calls.open({
          doing,
          method: 'GET',
          path: withQuery(await path(signal), { ...selectors(query), ...watchQuery(how) }),
          accept: isMetadataOnly ? METADATA_ACCEPT : 'application/json',
          lane: 'watch',
          signal,
        }),
      );
      return answer.body;
    },
  };
}

/** Metadata-only objects arrive as `PartialObjectMetadata`: they get their own kind back. */
export function withOwnKind(
  { apiVersion, kind }: ListQuery,
  onEvent: (event: WatchEvent) => void,
): (event: WatchEvent) => void {
  return (event) => {
    if (event.type !== 'synced') Object.assign(event.object, { apiVersion, kind });
    onEvent(event);
  };
}

function watchQuery(how: OpenWatch): Readonly<Record<string, string | number | boolean>> {
  const initial = how.mustSendInitial
    ? { sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan' }
    : {};
  return {
    ...initial,
    watch: true,
    allowWatchBookmarks: true,
    resourceVersion: how.resourceVersion,
    timeoutSeconds: how.timeoutSeconds,
  };
}

/** A collection that is not found is a kind that is not served any more. */
async function served<T>(
  { apiVersion, kind }: ListQuery,
  calls: WatchCalls,
  doing: string,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isKubeError(error, 'kube/not-found')) throw error;
    calls.forget();
    throw unknownKind(doing, apiVersion, kind, error);
  }
}
