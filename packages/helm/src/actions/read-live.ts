// SPDX-License-Identifier: Apache-2.0

import type { ValueMap } from '@helm-operator/gocompat';
import type { ObjectRef } from '@helm-operator/kube';
import { HelmError, textOf } from '../errors.ts';
import { type LiveObjects, type ManifestObject, objectKey } from '../plan/objects.ts';
import { describe } from '../plan/ownership.ts';
import type { Session } from './session.ts';

/** Requests under way at a time. */
const CONCURRENCY = 8;

/**
 * The objects as the cluster has them now.
 *
 * @param doing what could not be done because of an object that cannot be read; goes before the error
 * @throws {HelmError} `helm/apply`: the API server refused to tell
 */
export async function readLive(
  objects: readonly ManifestObject[],
  session: Pick<Session, 'context'>,
  doing: (ref: ObjectRef) => string | undefined = () => undefined,
): Promise<LiveObjects> {
  const { cluster, signal } = session.context;
  const wanted = [...new Map(objects.map((item) => [objectKey(item.ref), item.ref]))];
  const live = new Map<string, ValueMap>();
  const worker = async (): Promise<void> => {
    for (let next = wanted.shift(); next !== undefined; next = wanted.shift()) {
      const [key, ref] = next;
      try {
        const object = await cluster.get(ref, { signal });
        if (object !== undefined) live.set(key, object);
      } catch (cause) {
        const reason = ref.name === '' ? 'resource name may not be empty' : textOf(cause);
        const text = `could not get information about the resource ${describe(ref)}: ${reason}`;
        const prefix = doing(ref);
        throw new HelmError('helm/apply', prefix === undefined ? text : `${prefix}: ${text}`, {
          cause,
        });
      }
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  return live;
}
