// SPDX-License-Identifier: Apache-2.0

/** Which release a HelmRelease describes, as its memory keeps it. */

import type { ReleaseIntent } from './release-intent.ts';

export type ReleaseTarget = Pick<ReleaseIntent, 'release' | 'storageNamespace'>;

/** `NAMESPACE/NAME`, and where its records are when that is another namespace. */
export function printTarget({ release, storageNamespace }: ReleaseTarget): string {
  const text = `${release.namespace}/${release.name}`;
  return storageNamespace === release.namespace ? text : `${text} in ${storageNamespace}`;
}

const TARGET = /^([^/ ]+)\/([^/ ]+)(?: in ([^/ ]+))?$/;

/** @returns `undefined`: it is none */
export function readTarget(text: string): ReleaseTarget | undefined {
  const [, namespace, name, storageNamespace = namespace] = TARGET.exec(text) ?? [];
  if (namespace === undefined || name === undefined || storageNamespace === undefined)
    return undefined;
  return { release: { namespace, name }, storageNamespace };
}
