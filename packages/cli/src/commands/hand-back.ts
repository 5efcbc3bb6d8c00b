// SPDX-License-Identifier: Apache-2.0

/** `hand-back`: what the operator put on HelmReleases is taken off, so that Helm Operator 1.4 can go on with them. */

import { ATTEMPT_ANNOTATION, DIALECTS } from '@helm-operator/api';
import {
  type Cluster,
  decodeLease,
  isKubeError,
  type JsonObject,
  type ListQuery,
  systemClock,
} from '@helm-operator/kube';
import { FINALIZER, LEASE_NAME } from '@helm-operator/operator';
import { type Command, defineCommand } from '../command.ts';
import { type CliContext, UsageError } from '../context.ts';
import { CONNECTION_FLAGS, connectBy } from '../flags/settings.ts';

export const handBack: Command = defineCommand({
  name: 'hand-back',
  usage: '',
  summary:
    'take our finalizer and annotation off HelmReleases (of all namespaces unless one is named): Helm Operator 1.4 goes on with them',
  args: { min: 0, max: 0 },
  flags: { ...CONNECTION_FLAGS },
  run: async ({ flags, isGiven }, context) => {
    const { cluster, namespace } = await connectBy(flags, context);
    const scope = isGiven('namespace') ? { namespace } : {};
    await refuseWhileRunning(cluster, context);
    let kept = 0;
    for (const { apiVersion, kind } of DIALECTS)
      for (const object of await list(cluster, { apiVersion, kind, ...scope }, context))
        if (!(await release(cluster, { apiVersion, kind, object }, context))) kept++;
    return kept === 0 ? 0 : 1;
  },
});

/** It would put back at once what is taken off. */
async function refuseWhileRunning(cluster: Cluster, context: CliContext): Promise<void> {
  const query = {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    fieldSelector: `metadata.name=${LEASE_NAME}`,
  };
  const leases = await list(cluster, query, context).catch((error: unknown) => {
    if (isKubeError(error, 'kube/forbidden')) return [];
    throw error;
  });
  const held = leases
    .map(decodeLease)
    .find(
      ({ holder, renewMs, durationSeconds }) =>
        holder !== '' && renewMs + durationSeconds * 1000 > systemClock.nowMs(),
    );
  if (held !== undefined)
    throw new UsageError(
      `an operator still runs (${held.holder}): scale its Deployment to 0 first, then wait until its Lease has ended`,
    );
}

/** @returns whether the object is free now */
async function release(
  cluster: Cluster,
  { apiVersion, kind, object }: { apiVersion: string; kind: string; object: JsonObject },
  { stdout, stderr, signal }: CliContext,
): Promise<boolean> {
  const metadata = object['metadata'] as JsonObject;
  const [namespace, name] = [String(metadata['namespace']), String(metadata['name'])];
  const finalizers = (metadata['finalizers'] ?? []) as string[];
  const annotations = (metadata['annotations'] ?? {}) as JsonObject;
  if (!finalizers.includes(FINALIZER) && annotations[ATTEMPT_ANNOTATION] === undefined) return true;
  if (metadata['deletionTimestamp'] !== undefined) {
    stderr(
      `${namespace}/${name} is being deleted: let the operator uninstall its release first; left as it is\n`,
    );
    return false;
  }
  const body = {
    metadata: {
      uid: metadata['uid'] ?? '',
      finalizers: finalizers.filter((one) => one !== FINALIZER),
      annotations: { [ATTEMPT_ANNOTATION]: null },
    },
  };
  await cluster.patch({ apiVersion, kind, namespace, name }, 'merge', JSON.stringify(body), {
    signal,
  });
  stdout(`${namespace}/${name} (${apiVersion}) handed back\n`);
  return true;
}

/** A kind that the cluster does not serve has no objects. */
async function list(
  cluster: Cluster,
  query: ListQuery,
  { signal }: CliContext,
): Promise<readonly JsonObject[]> {
  try {
    return await cluster.listJson(query, { signal });
  } catch (error) {
    if (isKubeError(error, 'kube/unknown-kind')) return [];
    throw error;
  }
}
