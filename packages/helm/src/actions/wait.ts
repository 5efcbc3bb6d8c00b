// SPDX-License-Identifier: Apache-2.0

import type { ManifestObject } from '../plan/objects.ts';
import { waitAsHelm3 } from '../wait/helm3.ts';
import { waitAsKstatus } from '../wait/kstatus.ts';
import { reach, type Session } from './session.ts';

/**
 * Waits for the objects of a manifest as the policy says.
 *
 * @throws {WaitError} `helm/wait-timeout`, `helm/wait-failed`, `helm/wait-impossible`
 */
export async function waitForObjects(
  objects: readonly ManifestObject[],
  session: Session,
  strategy: Session['wait']['strategy'],
  timeoutMs: number = session.timeoutMs,
): Promise<void> {
  if (strategy === 'none') return;
  const { wait, context } = session;
  const { mustWaitForJobs = false, patience } = wait;
  const options = { timeoutMs, mustWaitForJobs, patience };
  const refs = objects.map(({ ref }) => ref);
  await (strategy === 'helm3'
    ? waitAsHelm3(refs, options, context)
    : waitAsKstatus(refs, options, context));
  reach(session, 'waited');
}

/** `--atomic` waits even where nobody asked to. */
export function atomicStrategy(session: Session): Session['wait']['strategy'] {
  if (session.wait.strategy !== 'none') return session.wait.strategy;
  return session.profile === 'helm3' ? 'helm3' : 'kstatus';
}
