// SPDX-License-Identifier: Apache-2.0

import { fieldAt, KubeError, type ObjectRef, textAt } from '@helm-operator/kube';
import { textOf } from '../errors.ts';
import { labelsText, selectorText } from '../wait/selector.ts';
import { type Session, warn } from './session.ts';

const WORKLOADS: ReadonlySet<string> = new Set([
  'DaemonSet',
  'Deployment',
  'Job',
  'ReplicaSet',
  'ReplicationController',
  'Service',
  'StatefulSet',
]);

/**
 * Deletes the pods of updated workloads so that they start anew (`--recreate-pods`); a failure is told, not raised.
 *
 * Source: helm v3.22.0 pkg/action/upgrade.go recreate
 */
export async function recreatePods(updated: readonly ObjectRef[], session: Session): Promise<void> {
  for (const ref of updated.filter(({ kind }) => WORKLOADS.has(kind))) {
    try {
      await recreatePodsOf(ref, session);
    } catch (error) {
      if (!(error instanceof KubeError)) throw error;
      const name = `${ref.namespace ?? ''}/${ref.name}`;
      warn(
        session,
        `unable to recreate pods for object ${name} because an error occurred: ${textOf(error)}`,
      );
      return;
    }
  }
}

async function recreatePodsOf(ref: ObjectRef, session: Session): Promise<void> {
  const { cluster, signal } = session.context;
  const object = await cluster.getJson(ref, { signal });
  if (object === undefined) return;
  const selector = fieldAt(object, 'spec.selector');
  const isPlain = ref.kind === 'Service' || ref.kind === 'ReplicationController';
  const labelSelector = isPlain ? labelsText(selector).join(',') : selectorText(selector);
  if (labelSelector === undefined || labelSelector === '') return;
  const { namespace } = ref;
  const pods = await cluster.listJson(
    { apiVersion: 'v1', kind: 'Pod', namespace, labelSelector },
    { signal },
  );
  for (const pod of pods) {
    const name = textAt(pod, 'metadata.name');
    const uid = textAt(pod, 'metadata.uid');
    await cluster.delete({ apiVersion: 'v1', kind: 'Pod', namespace, name }, { uid, signal });
  }
}
