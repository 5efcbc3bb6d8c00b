// SPDX-License-Identifier: Apache-2.0

/**
 * Deletes the objects of a release, kind by kind.
 *
 * Source: helm v3.22.0 pkg/action/uninstall.go deleteRelease, pkg/action/resource_policy.go
 */

import { sortByKind, UNINSTALL_ORDER } from '@helm-operator/chart';
import type { ValueMap } from '@helm-operator/gocompat';
import { deleteObject, type ObjectRef } from '@helm-operator/kube';
import { HelmError, textOf, wrap } from '../errors.ts';
import { worstOf } from '../failures.ts';
import { buildPreviousObjects } from '../plan/build.ts';
import { type ManifestObject, metadataTexts, printedRef } from '../plan/objects.ts';
import type { ReleaseRecord } from '../release/record.ts';
import type { UninstallOptions } from './options.ts';
import { reach, type Session, warn } from './session.ts';

const POLICY_ANNOTATION = 'helm.sh/resource-policy';
const HOOK_ANNOTATION = 'helm.sh/hook';

/**
 * @throws {HelmError} `helm/build`, `helm/apply`: every object that could not be deleted
 */
export async function deleteReleaseObjects(
  record: ReleaseRecord,
  propagation: UninstallOptions['propagation'],
  session: Session,
): Promise<{ readonly deleted: readonly ObjectRef[]; readonly kept: readonly string[] }> {
  const { kept, batches } = await planDeletion(record, session);
  const errors: unknown[] = [];
  for (const batch of batches) {
    const results = await Promise.allSettled(
      batch.map(async ({ ref }) => {
        await deleteObject(ref, { propagation: propagation ?? 'Background' }, session.context);
        reach(session, 'object-done', printedRef(ref));
      }),
    );
    session.context.signal.throwIfAborted();
    errors.push(
      ...results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : [])),
    );
  }
  if (errors.length > 0) {
    throw new HelmError('helm/apply', errors.map(textOf).join('; '), { cause: worstOf(errors) });
  }
  return {
    deleted: batches.flat().map(({ ref }) => ref),
    kept: kept.map(({ ref }) => `[${ref.kind}] ${ref.name}`),
  };
}

/** What an uninstall deletes, kind by kind in its order, and what it keeps by resource policy. @throws {HelmError} `helm/build` */
export async function planDeletion(
  record: ReleaseRecord,
  session: Session,
): Promise<{
  readonly kept: readonly ManifestObject[];
  readonly batches: readonly (readonly ManifestObject[])[];
}> {
  const objects = await buildForDelete(record, session);
  const doomed = objects.filter(({ object }) => policyOf(object) === undefined);
  return {
    kept: objects.filter(({ object }) => policyOf(object) === 'keep'),
    batches: inUninstallOrder(doomed, session),
  };
}

async function buildForDelete(
  record: ReleaseRecord,
  session: Session,
): Promise<readonly ManifestObject[]> {
  try {
    const { namespace } = session.release;
    const { objects, mapped, removed } = await buildPreviousObjects(
      record.manifest,
      namespace,
      session.context,
    );
    for (const object of [...mapped, ...removed]) {
      warn(session, `the cluster no longer serves an API of the release: ${object}`);
    }
    return objects.filter(
      ({ object }) => !metadataTexts(object, 'annotations').has(HOOK_ANNOTATION),
    );
  } catch (error) {
    throw wrap('helm/build', 'unable to build kubernetes objects for delete', error);
  }
}

/** @returns any other value than `keep` also leaves the object alone, as Helm does */
function policyOf(object: ValueMap): string | undefined {
  return metadataTexts(object, 'annotations').get(POLICY_ANNOTATION)?.trim().toLowerCase();
}

function inUninstallOrder(
  objects: readonly ManifestObject[],
  session: Session,
): readonly (readonly ManifestObject[])[] {
  const order = UNINSTALL_ORDER[session.profile];
  const sorted = sortByKind(objects, ({ ref }) => ref.kind, order);
  return [...Map.groupBy(sorted, ({ ref }) => ref.kind).values()];
}
