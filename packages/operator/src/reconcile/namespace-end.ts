// SPDX-License-Identifier: Apache-2.0

/** A namespace that is being deleted takes nothing new: the status says what keeps it from ending. */

import type { ValueMap } from '@helm-operator/gocompat';
import { diagnose, textOf } from '@helm-operator/helm';
import type { Cluster } from '@helm-operator/kube';

/** The verdict stays that of its cause. */
class EndingNamespaceError extends Error {
  constructor(namespace: string, left: readonly string[], cause: unknown) {
    super(`${textOf(cause)}; namespace ${namespace}: ${left.join('; ')}`, { cause });
    this.name = 'EndingNamespaceError';
  }
}

/** What the namespace controller tells of it. Source: kubernetes@v1.36.3 pkg/controller/namespace/deletion/status_condition_utils.go */
const TELLING: ReadonlySet<unknown> = new Set([
  'NamespaceContentRemaining',
  'NamespaceFinalizersRemaining',
  'NamespaceDeletionContentFailure',
  'NamespaceDeletionDiscoveryFailure',
]);

/** An error because a namespace ends, with what is left in it, as far as it may be read; every other error as it is. */
export async function withWhatIsLeft(
  error: unknown,
  cluster: Pick<Cluster, 'get'>,
  signal: AbortSignal,
): Promise<unknown> {
  if (diagnose(error).reason !== 'namespace-terminating') return error;
  const [, name] = /in namespace (\S+) because it is being terminated/.exec(textOf(error)) ?? [];
  if (name === undefined) return error;
  const ref = { apiVersion: 'v1', kind: 'Namespace', name };
  const namespace = await cluster.get(ref, { signal }).catch(() => undefined);
  const left = namespace === undefined ? [] : conditionsOf(namespace);
  return left.length === 0 ? error : new EndingNamespaceError(name, left, error);
}

function conditionsOf(namespace: ValueMap): readonly string[] {
  const status = namespace.get('status');
  const conditions = status instanceof Map ? status.get('conditions') : undefined;
  if (!Array.isArray(conditions)) return [];
  return conditions.flatMap((condition) => {
    if (!(condition instanceof Map) || condition.get('status') !== 'True') return [];
    return TELLING.has(condition.get('type')) ? [String(condition.get('message'))] : [];
  });
}
