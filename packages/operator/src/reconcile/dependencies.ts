// SPDX-License-Identifier: Apache-2.0

/** Other HelmReleases that must be ready first. */

import {
  type Dependency,
  dependenciesOf,
  isReleased,
  type ReleaseIntent,
} from '@helm-operator/api';
import type { Cluster } from '@helm-operator/kube';

/** A HelmRelease that others wait for. */
export interface Unready {
  readonly dependency: Dependency;
  /** Why this one has to wait, for its status. */
  readonly why: string;
}

/** Longest chain that is followed to tell a circle. */
const LONGEST_CHAIN = 32;

/**
 * The first dependency that is not ready.
 *
 * Source: spec helm-controller.md §2.6
 * Differs: releases that wait for each other in a circle are told so.
 */
export async function unreadyDependency(
  intent: ReleaseIntent,
  cluster: Pick<Cluster, 'get'>,
  signal: AbortSignal,
): Promise<Unready | undefined> {
  const { apiVersion, kind } = intent.source;
  const read = ({ namespace, name }: Dependency) =>
    cluster.get({ apiVersion, kind, namespace, name }, { signal });
  for (const dependency of intent.dependencies) {
    const object = await read(dependency);
    const name = print(dependency);
    if (object === undefined)
      return { dependency, why: `dependency '${name}' does not exist: create it` };
    if (isReleased(object)) continue;
    const circle = await findCircle(intent.source, dependency, read);
    const why =
      circle === undefined
        ? `dependency '${name}' is not ready`
        : `dependency '${name}' is not ready: the releases wait for each other in a circle (${circle}); take one dependency out`;
    return { dependency, why };
  }
  return undefined;
}

type Read = (dependency: Dependency) => ReturnType<Cluster['get']>;

/** `a → b → a` when following the dependencies leads back. */
async function findCircle(
  start: Dependency,
  first: Dependency,
  read: Read,
): Promise<string | undefined> {
  const seen = new Set<string>();
  const open: (readonly Dependency[])[] = [[start, first]];
  for (let path = open.shift(); path !== undefined; path = open.shift()) {
    const last = path.at(-1);
    if (last === undefined || path.length > LONGEST_CHAIN) continue;
    if (print(last) === print(start)) return path.map(print).join(' → ');
    if (seen.has(print(last))) continue;
    seen.add(print(last));
    const object = await read(last);
    if (object === undefined) continue;
    for (const next of dependenciesOf(object)) open.push([...path, next]);
  }
  return undefined;
}

function print({ namespace, name }: Dependency): string {
  return `${namespace}/${name}`;
}
