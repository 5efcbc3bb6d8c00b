// SPDX-License-Identifier: Apache-2.0

/** Names of HelmReleases inside the operator. */

import type { Dependency, IntentSource } from '@helm-operator/api';

/** `NAMESPACE/NAME` of a HelmRelease; of an older kind, `NAMESPACE/NAME (GROUP/VERSION)`. */
export type ReleaseKey = string;

const KIND = 'HelmRelease';
const NEWEST = 'helm.fluxcd.io/v1';
const KEY = /^([^/]+)\/(\S+)(?: \((.+)\))?$/;

export function releaseKey({
  apiVersion,
  namespace,
  name,
}: Pick<IntentSource, 'apiVersion' | 'namespace' | 'name'>): ReleaseKey {
  const place = `${namespace}/${name}`;
  return apiVersion === NEWEST ? place : `${place} (${apiVersion})`;
}

/** The object of a key. */
export function objectOfKey(
  key: ReleaseKey,
): Dependency & { readonly apiVersion: string; readonly kind: string } {
  const [, namespace = '', name = '', apiVersion = NEWEST] = KEY.exec(key) ?? [];
  return { apiVersion, kind: KIND, namespace, name };
}
