// SPDX-License-Identifier: Apache-2.0

import type { JsonObject, ListQuery } from '../cluster.ts';
import { isKubeError } from '../errors.ts';
import type { ListPage } from '../watch/list-watch.ts';
import { decodeJsonObject } from './decode-objects.ts';

const PAGE_LIMIT = 500;
/** A page that is too large is asked for again with that many objects. */
const SMALL_PAGE_LIMIT = 25;

interface Page<T> {
  readonly items: readonly T[];
  readonly continueToken: string;
}

/**
 * Reads a list page by page. A continue token that expired on the way means once more from the start, all at once (as client-go).
 *
 * @param read   fetches one page; `limit` 0 for all at once
 * @param decode the body of one page
 */
export async function listPages<T>(
  read: (limit: number, continueToken: string) => Promise<Buffer>,
  decode: (body: Buffer) => Page<T>,
): Promise<readonly T[]> {
  let items: T[] = [];
  let limit = PAGE_LIMIT;
  let token = '';
  for (;;) {
    let body: Buffer;
    try {
      body = await read(limit, token);
    } catch (error) {
      if (token !== '' && isKubeError(error, 'kube/expired')) {
        [items, limit, token] = [[], 0, ''];
        continue;
      }
      if (limit === PAGE_LIMIT && isKubeError(error, 'kube/too-large')) {
        limit = SMALL_PAGE_LIMIT;
        continue;
      }
      throw error;
    }
    const page = decode(body);
    items = items.concat(page.items);
    token = page.continueToken;
    if (token === '') return items;
  }
}

/** One page of plain JSON. Items of a list do not say what they are: they get apiVersion and kind. */
export function decodePage(body: Buffer, query: ListQuery, doing: string): ListPage {
  const list = decodeJsonObject(body, doing);
  const items = Array.isArray(list['items']) ? list['items'] : [];
  const metadata = isObject(list['metadata']) ? list['metadata'] : {};
  const { resourceVersion, continue: continueToken } = metadata;
  const { apiVersion, kind } = query;
  return {
    items: items.filter(isObject).map((item) => Object.assign(item, { apiVersion, kind })),
    resourceVersion: typeof resourceVersion === 'string' ? resourceVersion : '',
    continueToken: typeof continueToken === 'string' ? continueToken : '',
  };
}

/** The selectors of a query as query parameters. */
export function selectors({
  labelSelector,
  fieldSelector,
}: ListQuery): Readonly<Record<string, string | undefined>> {
  return { labelSelector, fieldSelector };
}

/** `Secret in apps`. */
export function describeQuery({ kind, namespace }: ListQuery): string {
  return namespace ? `${kind} in ${namespace}` : kind;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
