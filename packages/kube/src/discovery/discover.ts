// SPDX-License-Identifier: Apache-2.0

import type { CallOptions, JsonObject } from '../cluster.ts';
import { isKubeError } from '../errors.ts';
import {
  decodeAggregated,
  decodeGroups,
  decodeResourceList,
  type GroupVersionRows,
} from './decode-discovery.ts';

/** Reads one discovery document; `accept` says which forms are understood, best first. */
export type ReadDocument = (
  path: string,
  accept: string,
  options: CallOptions,
) => Promise<JsonObject>;

const AGGREGATED =
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,' +
  'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,' +
  'application/json';
const PARALLEL_READS = 16;

/**
 * Asks what is served: two requests where the server aggregates, else one more for each group version.
 *
 * @throws {KubeError}
 */
export async function discover(
  read: ReadDocument,
  options: CallOptions,
): Promise<readonly GroupVersionRows[]> {
  const halves = await Promise.all(
    ['/api', '/apis'].map(async (path) => {
      const document = await read(path, AGGREGATED, options);
      if (document['kind'] === 'APIGroupDiscoveryList') return decodeAggregated(document);
      return readEach(read, path, document, options);
    }),
  );
  return halves.flat();
}

async function readEach(
  read: ReadDocument,
  path: string,
  groups: JsonObject,
  options: CallOptions,
): Promise<readonly GroupVersionRows[]> {
  const wanted = decodeGroups(groups);
  const rows: GroupVersionRows[] = [];
  for (let from = 0; from < wanted.length; from += PARALLEL_READS) {
    const part = wanted.slice(from, from + PARALLEL_READS).map(async ({ group, version }) => {
      const below = group === '' ? version : `${group}/${version}`;
      return decodeResourceList(group, version, await readOne(read, `${path}/${below}`, options));
    });
    rows.push(...(await Promise.all(part)));
  }
  return rows;
}

/** `undefined` when only this group version cannot be had: the others still count (as client-go). */
async function readOne(
  read: ReadDocument,
  path: string,
  options: CallOptions,
): Promise<JsonObject | undefined> {
  try {
    return await read(path, 'application/json', options);
  } catch (error) {
    if (isKubeError(error) && error.status !== undefined && error.status !== 401) return undefined;
    throw error;
  }
}
