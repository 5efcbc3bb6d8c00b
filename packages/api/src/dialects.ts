// SPDX-License-Identifier: Apache-2.0

/** Every kind HelmRelease there is. */

import type { Value, ValueMap } from '@helm-operator/gocompat';
import type { Dialect } from './dialect.ts';
import { DecodeError } from './errors.ts';
import { FLUX_WEAVE_WORKS_V1BETA1 } from './flux-weave-works-v1beta1/dialect.ts';
import { HELM_FLUXCD_IO_V1 } from './helm-fluxcd-io-v1/dialect.ts';
import type { IntentSource, ReleaseIntent } from './release-intent.ts';

/** The newest kind first. */
export const DIALECTS: readonly Dialect[] = [HELM_FLUXCD_IO_V1, FLUX_WEAVE_WORKS_V1BETA1];

/** @returns `undefined`: nobody here reads such objects */
export function dialectOf(apiVersion: string): Dialect | undefined {
  return DIALECTS.find((dialect) => dialect.apiVersion === apiVersion);
}

/** Reads an object in its own dialect. @throws {DecodeError} `api/decode` */
export function decodeHelmRelease(object: ValueMap): ReleaseIntent {
  const apiVersion: Value = object.get('apiVersion') ?? null;
  const dialect = dialectOf(String(apiVersion));
  if (dialect === undefined)
    throw new DecodeError('HelmRelease', 'apiVersion', `${String(apiVersion)} is not known`);
  return dialect.decode(object);
}

/** The kind that follows this one: an object of the same name takes its release over. */
export function successorOf(source: Pick<IntentSource, 'apiVersion' | 'namespace' | 'name'>):
  | {
      readonly apiVersion: string;
      readonly kind: string;
      readonly namespace: string;
      readonly name: string;
    }
  | undefined {
  if (source.apiVersion !== FLUX_WEAVE_WORKS_V1BETA1.apiVersion) return undefined;
  const { apiVersion, kind } = HELM_FLUXCD_IO_V1;
  return { apiVersion, kind, namespace: source.namespace, name: source.name };
}
