// SPDX-License-Identifier: Apache-2.0

/** The annotation that tells which HelmRelease an object of a release belongs to. Source: spec helm-operator.md §2.7. */

import type { IntentSource } from './release-intent.ts';

/** A HelmRelease that an object names as its own. */
export type Owner = Pick<IntentSource, 'apiVersion' | 'kind' | 'namespace' | 'name'>;

/** Annotation → apiVersion of the HelmReleases it names. */
const ANNOTATIONS: ReadonlyMap<string, string> = new Map([
  ['helm.fluxcd.io/antecedent', 'helm.fluxcd.io/v1'],
  ['flux.weave.works/antecedent', 'flux.weave.works/v1beta1'],
]);

/** What the objects of a HelmRelease's release are marked with; nothing for dialects that do not mark. */
export function ownerMark(owner: Owner): ReadonlyMap<string, string> {
  const marks = [...ANNOTATIONS].filter(([, apiVersion]) => apiVersion === owner.apiVersion);
  return new Map(marks.map(([annotation]) => [annotation, printOwner(owner)]));
}

/** `NAMESPACE:helmrelease/NAME` */
export function printOwner({ namespace, name }: Pick<Owner, 'namespace' | 'name'>): string {
  return `${namespace}:helmrelease/${name}`;
}

const MARK = /^([^:]+):helmrelease\/(.+)$/;

/** Every HelmRelease that the annotations of an object name. */
export function ownersIn(annotations: ReadonlyMap<string, string>): readonly Owner[] {
  return [...ANNOTATIONS].flatMap(([annotation, apiVersion]) => {
    const [, namespace, name] = MARK.exec(annotations.get(annotation) ?? '') ?? [];
    if (namespace === undefined || name === undefined) return [];
    return [{ apiVersion, kind: 'HelmRelease', namespace, name }];
  });
}
