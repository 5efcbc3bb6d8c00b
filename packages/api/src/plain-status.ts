// SPDX-License-Identifier: Apache-2.0

/**
 * The status on the definition of the operator before us: its fields alone, and what else must be remembered in one annotation.
 *
 * Its definition drops fields it does not know and refuses conditions it does not know.
 */

import { encodeJson, type ValueMap } from '@helm-operator/gocompat';
import type { Dialect } from './dialect.ts';
import type { Attempt, HelmReleaseStatus } from './helm-fluxcd-io-v1/status.ts';

/** Holds what is remembered of the last attempt, as JSON. */
export const ATTEMPT_ANNOTATION = 'helm-operator.dev/attempt';
/** Longest text of it, in UTF-16 units. */
export const LONGEST_ATTEMPT = 4_096;

/** Fields that the definition of the operator before us knows, of any of its kinds. */
export const ORIGINAL_STATUS_FIELDS: readonly (keyof HelmReleaseStatus)[] = [
  ...(['releaseName', 'releaseStatus', 'observedGeneration', 'valuesChecksum'] as const),
  ...(['revision', 'phase', 'lastAttemptedRevision', 'rollbackCount', 'conditions'] as const),
];

/** The status of an object as it was read, whoever wrote it. */
export function statusOf(object: ValueMap): HelmReleaseStatus {
  const status = object.get('status');
  const read: HelmReleaseStatus = status instanceof Map ? JSON.parse(encodeJson(status)) : {};
  // Taken away by whoever writes a full status: where it is, it is the newer one.
  const attempt = attemptIn(object);
  return attempt === undefined ? read : { ...read, attempt, isAttemptAnnotated: true };
}

function attemptIn(object: ValueMap): Attempt | undefined {
  const metadata = object.get('metadata');
  const annotations = metadata instanceof Map ? metadata.get('annotations') : undefined;
  const text = annotations instanceof Map ? annotations.get(ATTEMPT_ANNOTATION) : undefined;
  if (typeof text !== 'string') return undefined;
  try {
    return JSON.parse(text) as Attempt;
  } catch {
    // Somebody edited it: as if nothing had been tried.
    return undefined;
  }
}

/** What the annotation is to hold; `undefined`: nothing is to be remembered, or it is too long. */
export function attemptAnnotation({ attempt }: HelmReleaseStatus): string | undefined {
  const text = attempt === undefined ? undefined : JSON.stringify(attempt);
  return text === undefined || text.length > LONGEST_ATTEMPT ? undefined : text;
}

/** The fields and conditions that the original's definition knows. */
export function plainStatus(
  status: HelmReleaseStatus,
  { originalConditions }: Pick<Dialect, 'originalConditions'>,
): HelmReleaseStatus {
  const { conditions } = status;
  const known = conditions?.filter(({ type }) => originalConditions.includes(type));
  const all: HelmReleaseStatus = {
    ...status,
    ...(known === undefined ? {} : { conditions: known }),
  };
  const kept = ORIGINAL_STATUS_FIELDS.filter((field) => all[field] !== undefined);
  return Object.fromEntries(kept.map((field) => [field, all[field]]));
}

/** All of it, as our own definition takes it. */
export function fullStatus({
  isAttemptAnnotated: _,
  ...status
}: HelmReleaseStatus): HelmReleaseStatus {
  return status;
}
