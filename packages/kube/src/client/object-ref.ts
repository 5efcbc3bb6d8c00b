// SPDX-License-Identifier: Apache-2.0

import type { ValueMap } from '@helm-operator/gocompat';
import type { ObjectRef } from '../cluster.ts';
import { KubeError } from '../errors.ts';

/** Kinds that are asked, not stored: reviews have no name. */
const QUESTIONS = /^(authorization|authentication)\.k8s\.io\//;

/**
 * Names an object. `name` is empty when the API server is to make one (`generateName`), and for reviews.
 *
 * @throws {KubeError} `kube/bad-request`: it has no apiVersion, kind or name
 */
export function refOf(object: ValueMap, doing: string): ObjectRef {
  const metadata = object.get('metadata');
  const field = (map: unknown, name: string): string => {
    const value: unknown = map instanceof Map ? map.get(name) : undefined;
    return typeof value === 'string' ? value : '';
  };
  const apiVersion = field(object, 'apiVersion');
  const kind = field(object, 'kind');
  const name = field(metadata, 'name');
  const isQuestion = QUESTIONS.test(apiVersion);
  const isNamed = name !== '' || field(metadata, 'generateName') !== '' || isQuestion;
  if (apiVersion === '' || kind === '' || !isNamed) {
    throw new KubeError({
      code: 'kube/bad-request',
      message: `${doing}: it needs apiVersion, kind and metadata.name (has "${apiVersion}", "${kind}", "${name}")`,
    });
  }
  const namespace = field(metadata, 'namespace');
  return { apiVersion, kind, name, namespace: namespace === '' ? undefined : namespace };
}
