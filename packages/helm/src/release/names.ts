// SPDX-License-Identifier: Apache-2.0

import { HelmError } from '../errors.ts';

/** Source: helm v3.22.0 pkg/chartutil/validate_name.go */
const NAME_PATTERN = '^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$';
const NAME_LIMIT = 53;

const KEY_PREFIX = 'sh.helm.release.v1';

/** Name of the storage object of one revision. */
export function recordKey(name: string, revision: number): string {
  return `${KEY_PREFIX}.${name}.v${revision}`;
}

/** The revision in a storage object's name; `undefined` for names that are no keys. */
export function revisionOfKey(key: string): number | undefined {
  const match = /^sh\.helm\.release\.v1\..+\.v(\d+)$/.exec(key);
  return match?.[1] === undefined ? undefined : Number(match[1]);
}

/** @returns Helm's text for what is wrong with a release name; `undefined` when nothing is */
export function releaseNameProblem(name: string): string | undefined {
  if (name === '') return 'no name provided';
  // The pattern backtracks only over names within the limit.
  if (name.length <= NAME_LIMIT && new RegExp(NAME_PATTERN).test(name)) return undefined;
  return `invalid release name, must match regex ${NAME_PATTERN} and the length must not be longer than ${NAME_LIMIT}`;
}

/** Labels Helm writes itself; users may not set them. */
export const SYSTEM_LABELS: readonly string[] = [
  'name',
  'owner',
  'status',
  'version',
  'createdAt',
  'modifiedAt',
];

/** @throws {HelmError} `helm/invalid-options`: a label of the system is among the user's */
export function checkUserLabels(labels: ReadonlyMap<string, string>): void {
  if (!SYSTEM_LABELS.some((label) => labels.has(label))) return;
  throw new HelmError(
    'helm/invalid-options',
    `user supplied labels contains system reserved label name. System labels: [${SYSTEM_LABELS.join(' ')}]`,
  );
}

/** The user's labels of a stored object. */
export function withoutSystemLabels(labels: ReadonlyMap<string, string>): Map<string, string> {
  return new Map([...labels].filter(([key]) => !SYSTEM_LABELS.includes(key)));
}

/** The label that tells when a stored object was written. */
export function timeLabelOf(
  labels: ReadonlyMap<string, string>,
): readonly [name: string, seconds: string] | undefined {
  for (const name of ['modifiedAt', 'createdAt']) {
    const seconds = labels.get(name);
    if (seconds !== undefined) return [name, seconds];
  }
  return undefined;
}

/** The last labels with the new ones over them; the text `null` removes one. Source: helm v3.22.0 pkg/action/upgrade.go */
export function mergeUserLabels(
  last: ReadonlyMap<string, string>,
  added: ReadonlyMap<string, string>,
): Map<string, string> {
  const merged = new Map([...last, ...added]);
  return new Map([...merged].filter(([, value]) => value !== 'null'));
}
