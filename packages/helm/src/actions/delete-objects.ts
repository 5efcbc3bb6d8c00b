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
import { buildPreviousObjects, splitDocuments } from '../plan/build.ts';
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
    batches: batchesOf(doomed),
  };
}

async function buildForDelete(
  record: ReleaseRecord,
  session: Session,
): Promise<readonly ManifestObject[]> {
  const order = UNINSTALL_ORDER[session.profile];
  const hasLists = LIST_DOCUMENT.test(record.manifest);
  const manifest = hasLists ? inOrderOfDocuments(record.manifest, order) : record.manifest;
  try {
    const { namespace } = session.release;
    const { objects, mapped, removed } = await buildPreviousObjects(
      manifest,
      namespace,
      session.context,
    );
    for (const object of [...mapped, ...removed]) {
      warn(session, `the cluster no longer serves an API of the release: ${object}`);
    }
    const wanted = objects.filter(
      ({ object }) => !metadataTexts(object, 'annotations').has(HOOK_ANNOTATION),
    );
    return hasLists ? wanted : sortByKind(wanted, ({ ref }) => ref.kind, order);
  } catch (error) {
    throw wrap('helm/build', 'unable to build kubernetes objects for delete', error);
  }
}

const LIST_DOCUMENT = /^kind:[ \t]*["']?\w*List\b/m;

/** Helm orders documents, not objects: what is in a list goes when its list goes. */
function inOrderOfDocuments(
  manifest: string,
  order: (typeof UNINSTALL_ORDER)[Session['profile']],
): string {
  const kindOf = (text: string): string => /^kind:[ \t]*["']?(\w+)/m.exec(text)?.[1] ?? '';
  return sortByKind(splitDocuments(manifest), kindOf, order).join('---\n');
}

/** @returns any other value than `keep` also leaves the object alone, as Helm does */
function policyOf(object: ValueMap): string | undefined {
  return metadataTexts(object, 'annotations').get(POLICY_ANNOTATION)?.trim().toLowerCase();
}

function batchesOf(objects: readonly ManifestObject[]): readonly (readonly ManifestObject[])[] {
  const batches: ManifestObject[][] = [];
  for (const item of objects) {
    const last = batches.at(-1);
    if (last?.[0]?.ref.kind === item.ref.kind) last.push(item);
    else batches.push([item]);
  }
  return batches;
}
