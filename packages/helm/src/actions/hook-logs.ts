// SPDX-License-Identifier: Apache-2.0

/**
 * Logs of hooks: what their annotation asks to be put out, and what a test said.
 *
 * Source: helm v3.22.0 pkg/action/hooks.go outputLogsByPolicy, pkg/kube/client.go OutputContainerLogsForPodList
 * Differs: a log is cut at 10,000 lines and 1 MiB; a namespace is read from the hook as it is built.
 */

import { type JsonObject, KubeError, objectsAt, textAt } from '@helm-operator/kube';
import { HelmError, textOf } from '../errors.ts';
import { buildObjects } from '../plan/build.ts';
import type { HookRecord } from '../release/record.ts';
import { type Session, warn } from './session.ts';

/** How much of a log is read; the API server gives the last lines. */
export const WHOLE_LOG: { readonly tailLines: number; readonly limitBytes: number } = {
  tailLines: 10_000,
  limitBytes: 1 << 20,
};

/** Puts the logs of a hook's pods into the action's log, one line for each container, if its annotation asks for it. */
export async function outputHookLogs(
  hook: HookRecord,
  policy: 'hook-succeeded' | 'hook-failed',
  session: Session,
): Promise<void> {
  if (!hook.outputLogPolicies.includes(policy)) return;
  const { context, release } = session;
  try {
    for (const { ref } of await buildObjects(hook.manifest, release.namespace, context)) {
      const namespace = ref.namespace ?? release.namespace;
      const selector = podsOf(ref.kind, ref.name);
      if (selector === undefined) continue;
      const query = { apiVersion: 'v1', kind: 'Pod', namespace, ...selector };
      const pods = await context.cluster.listJson(query, { signal: context.signal });
      for (const pod of pods) await outputPodLogs(pod, hook, session);
    }
  } catch (error) {
    context.signal.throwIfAborted();
    if (!(error instanceof KubeError) && !(error instanceof HelmError)) throw error;
    warn(session, `error outputting logs for hook failure: ${textOf(error)}`);
  }
}

function podsOf(kind: string, name: string) {
  switch (kind) {
    case 'Job':
      return { labelSelector: `job-name=${name}` };
    case 'Pod':
      return { fieldSelector: `metadata.name=${name}` };
    default:
      return undefined;
  }
}

async function outputPodLogs(pod: JsonObject, hook: HookRecord, session: Session): Promise<void> {
  const { cluster, hookOutput, log, redact, signal } = session.context;
  const [namespace, name] = [textAt(pod, 'metadata.namespace'), textAt(pod, 'metadata.name')];
  for (const spec of objectsAt(pod, 'spec.containers')) {
    const container = textAt(spec, 'name');
    const text = await cluster.podLogs(namespace, name, { signal, container, ...WHOLE_LOG });
    const fields = { hook: hook.name, pod: name, container };
    if (hookOutput !== undefined) hookOutput(redact(text));
    else log({ level: 'info', message: redact(text), fields });
  }
}
