// SPDX-License-Identifier: Apache-2.0

import { printOwner } from '@helm-operator/api';
import { hasServiceAccount } from '../identity/tenant.ts';
import type { Turn } from './turn.ts';

/** Why a release is not this HelmRelease's to remove; `undefined`: it is, or there is none. */
export async function whyItStays(turn: Turn): Promise<string | undefined> {
  const { intent, context } = turn;
  if (!(await hasServiceAccount(intent, context.ports.cluster, context.signal)))
    return `service account '${intent.serviceAccount}' is gone: nothing can be removed in its name`;
  await turn.readRecords();
  if (turn.record === undefined) return undefined;
  const { other, isMarkedOurs } = await turn.findOwner(turn.record);
  if (other !== undefined) return `it is managed by '${printOwner(other)}'`;
  if (!isMarkedOurs && !turn.hasTried) return 'this HelmRelease never took it over';
  return undefined;
}
