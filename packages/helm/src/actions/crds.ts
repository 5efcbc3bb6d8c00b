// SPDX-License-Identifier: Apache-2.0

/**
 * Applies the files of `crds/`, before anything is rendered.
 *
 * Effects: creates CustomResourceDefinitions (replaces them if told to) and waits until they are established.
 * Source:  helm v3.22.0 pkg/action/install.go installCRDs; helm v4.2.1 (server-side apply)
 */

import {
  applyObject,
  createObject,
  isKubeError,
  type ObjectRef,
  replaceObject,
} from '@helm-operator/kube';
import { HelmError, wrap } from '../errors.ts';
import { buildObjects } from '../plan/build.ts';
import type { ManifestObject } from '../plan/objects.ts';
import type { CrdFile } from '../render-host/port.ts';
import { waitAsHelm3 } from '../wait/helm3.ts';
import { crdGap } from './crd-gap.ts';
import type { ApplyPolicy, CrdPolicy } from './options.ts';
import { reach, type Session, warn } from './session.ts';

/** Time for new definitions to be established, in milliseconds. */
const ESTABLISH_TIMEOUT_MS = 60_000;

/**
 * @returns whether the cluster serves kinds it did not serve before
 * @throws {HelmError} `helm/apply`, `helm/build`, `helm/wait-timeout`
 */
export async function applyCrds(
  files: readonly CrdFile[],
  policy: CrdPolicy,
  apply: Pick<ApplyPolicy, 'fieldManager' | 'mustForceConflicts'>,
  session: Session,
): Promise<boolean> {
  if (policy.mode === 'skip' || files.length === 0) return false;
  const written: ObjectRef[] = [];
  for (const file of files) {
    try {
      written.push(...(await writeFile(file, policy, apply, session)));
    } catch (error) {
      session.context.signal.throwIfAborted();
      throw wrap('helm/apply', `failed to install CRD ${file.name}`, error);
    }
  }
  if (written.length > 0) {
    const options = { timeoutMs: ESTABLISH_TIMEOUT_MS, mustWaitForJobs: false };
    await waitAsHelm3(written, options, session.context);
    const { cluster, signal } = session.context;
    await cluster.resources({ signal, mustRefresh: true });
  }
  reach(session, 'crds-established');
  return written.length > 0;
}

async function writeFile(
  file: CrdFile,
  policy: CrdPolicy,
  apply: Pick<ApplyPolicy, 'fieldManager' | 'mustForceConflicts'>,
  session: Session,
): Promise<readonly ObjectRef[]> {
  const { fieldManager } = apply;
  const objects = await buildFile(file, session);
  if (policy.mode === 'apply') {
    const options = { fieldManager, isForced: apply.mustForceConflicts === true };
    await Promise.all(
      objects.map(({ ref, object }) => applyObject(ref, object, options, session.context)),
    );
    return objects.map(({ ref }) => ref);
  }
  const results = await Promise.allSettled(
    objects.map(({ object }) => createObject(object, { fieldManager }, session.context)),
  );
  const existing: ManifestObject[] = [];
  for (const [i, result] of results.entries()) {
    const item = objects[i];
    if (result.status === 'fulfilled' || item === undefined) continue;
    if (!isKubeError(result.reason, 'kube/already-exists')) throw result.reason;
    existing.push(item);
  }
  if (policy.mode === 'create-replace') {
    for (const { ref, object } of existing) {
      await replaceObject(ref, object, { fieldManager }, session.context);
    }
    return objects.map(({ ref }) => ref);
  }
  if (existing.length === 0) return objects.map(({ ref }) => ref);
  session.context.log({
    level: 'info',
    message: `CRD ${objects[0]?.ref.name ?? file.name} is already present. Skipping.`,
  });
  for (const item of existing) await warnOfGap(item, session);
  // One that exists makes Helm take the whole file for present.
  return [];
}

/** A definition that stays may lack what objects of this chart need. */
async function warnOfGap({ ref, object }: ManifestObject, session: Session): Promise<void> {
  const { cluster, signal } = session.context;
  // Who may not read it is told nothing.
  const live = await cluster.get(ref, { signal }).catch(() => undefined);
  const gap = live === undefined ? [] : crdGap(object, live);
  if (gap.length === 0) return;
  warn(
    session,
    `CRD ${ref.name} stays as it is in the cluster; that of the chart is another one, the cluster's lacks ${gap.join(', ')}; to mend it: apply the chart's definition (kubectl apply --server-side)`,
  );
}

async function buildFile(file: CrdFile, session: Session): Promise<readonly ManifestObject[]> {
  const objects = await buildObjects(file.text, session.release.namespace, session.context);
  if (objects.length > 0 || session.profile === 'helm3') return objects;
  const reason = file.text === '' ? 'file data is empty' : 'resources are empty';
  throw new HelmError('helm/build', reason);
}
