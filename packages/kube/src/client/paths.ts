// SPDX-License-Identifier: Apache-2.0

import type { ObjectRef, ResourceInfo } from '../cluster.ts';
import { KubeError } from '../errors.ts';

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** `/api/v1` or `/apis/GROUP/VERSION`. */
export function groupVersionPath(group: string, version: string): string {
  return group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
}

/** Path of a collection; over all namespaces when `namespace` is absent. */
export function collectionPath(info: ResourceInfo, namespace: string | undefined): string {
  const root = groupVersionPath(info.group, info.version);
  const scope =
    info.isNamespaced && namespace ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  return `${root}${scope}/${info.resource}`;
}

/** @throws {KubeError} `kube/bad-request`: the object has no name, or no namespace where its kind needs one */
export function objectPath(info: ResourceInfo, ref: ObjectRef, doing: string): string {
  if (ref.name === '' || ref.name === '.' || ref.name === '..') {
    throw badRef(doing, `"${ref.name}" is not a name`);
  }
  return `${creationPath(info, ref.namespace, doing)}/${encodeURIComponent(ref.name)}`;
}

/** Path to create in. @throws {KubeError} `kube/bad-request` */
export function creationPath(
  info: ResourceInfo,
  namespace: string | undefined,
  doing: string,
): string {
  if (info.isNamespaced && !namespace) throw badRef(doing, `${info.kind} needs a namespace`);
  return collectionPath(info, namespace);
}

export function withQuery(path: string, query: Query): string {
  const text = Object.entries(query)
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`)
    .join('&');
  return text === '' ? path : `${path}?${text}`;
}

/** `Deployment default/web`. */
export function describe(ref: ObjectRef): string {
  return `${ref.kind} ${ref.namespace ? `${ref.namespace}/` : ''}${ref.name}`;
}

function badRef(doing: string, problem: string): KubeError {
  return new KubeError({ code: 'kube/bad-request', message: `${doing}: ${problem}` });
}
