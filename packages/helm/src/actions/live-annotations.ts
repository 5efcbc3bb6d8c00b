// SPDX-License-Identifier: Apache-2.0

import { buildPreviousObjects } from '../plan/build.ts';
import { metadataTexts } from '../plan/objects.ts';
import type { ReleaseRecord } from '../release/record.ts';
import type { ActionContext } from './context.ts';
import { readLive } from './read-live.ts';

/**
 * The annotations of each object of a record that is in the cluster now.
 *
 * @throws {HelmError} `helm/build`, `helm/apply`: the cluster does not tell
 */
export async function liveAnnotations(
  record: ReleaseRecord,
  context: ActionContext,
): Promise<readonly ReadonlyMap<string, string>[]> {
  const { objects } = await buildPreviousObjects(record.manifest, record.namespace, context);
  const live = await readLive(objects, { context });
  return [...live.values()].map((object) => metadataTexts(object, 'annotations'));
}
