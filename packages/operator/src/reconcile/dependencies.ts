// SPDX-License-Identifier: Apache-2.0

/** Other HelmReleases that must be ready first, of whatever kind they are. */

import {
  type Dependency,
  DIALECTS,
  decodeHelmRelease,
  dependenciesOf,
  type IntentSource,
  isReleased,
  type ReleaseIntent,
  unreleasedWhy,
} from '@helm-operator/api';
import type { ValueMap } from '@helm-operator/gocompat';
import { type Cluster, isKubeError } from '@helm-operator/kube';
import { heirOf } from './heir.ts';

/** A HelmRelease that others wait for. */
export interface Unready {
  readonly dependency: Dependency;
  /** Why this one has to wait, for its status. */
  readonly why: string;
}

/** Longest chain that is followed to tell a circle. */
const LONGEST_CHAIN = 32;

/** A HelmRelease in its kind. */
type Place = Pick<IntentSource, 'apiVersion' | 'namespace' | 'name'>;

interface Found {
  readonly place: Place;
  /** `undefined`: there is none. */
  readonly object: ValueMap | undefined;
}

/**
 * The first dependency that is not ready.
 *
 * Source: spec helm-controller.md §2.6
 * Differs: releases that wait for each other in a circle are told so.
 *
 * @throws {KubeError} the API server
 */
export async function unreadyDependency(
  intent: Pick<ReleaseIntent, 'source' | 'dependencies'>,
  cluster: Pick<Cluster, 'get'>,
  signal: AbortSignal,
): Promise<Unready | undefined> {
  const { source } = intent;
  const find: Find = (from, dependency) => findDependency(from, dependency, cluster, signal);
  for (const dependency of intent.dependencies) {
    const { place, object } = await find(source, dependency);
    const name = print(place, source);
    if (object === undefined)
      return { dependency, why: `dependency '${name}' does not exist: create it` };
    if (isReleased(object)) continue;
    const circle = await findCircle(source, { place, object }, find);
    const why =
      circle === undefined
        ? `dependency '${name}' is not ready${said(object, place, source)}`
        : `dependency '${name}' is not ready: the releases wait for each other in a circle (${circle}); take one dependency out`;
    return { dependency, why };
  }
  return undefined;
}

/** Longest account of another HelmRelease. */
const LONGEST_ACCOUNT = 400;

/** What it says itself, so that nobody has to go from one to the next; not across namespaces: who reads this one may not read that one. */
function said(object: ValueMap, { namespace }: Place, from: Place): string {
  const why = unreleasedWhy(object);
  if (why === undefined) return ': it has no status yet';
  if (namespace !== from.namespace || why === '') return '';
  return `: ${why.length > LONGEST_ACCOUNT ? `${why.slice(0, LONGEST_ACCOUNT)}…` : why}`;
}

type Find = (from: Place, dependency: Dependency) => Promise<Found>;

/**
 * What a name stands for: a HelmRelease of one's own kind; else one of another kind beside it. One whose release another has taken
 * over stands for that other.
 */
async function findDependency(
  from: Place,
  { namespace, name, mayBeOtherKind }: Dependency,
  cluster: Pick<Cluster, 'get'>,
  signal: AbortSignal,
): Promise<Found> {
  const isBeside = mayBeOtherKind === true && namespace === from.namespace;
  const others = isBeside ? DIALECTS.map(({ apiVersion }) => apiVersion) : [];
  const own = { apiVersion: from.apiVersion, namespace, name };
  for (const apiVersion of new Set([from.apiVersion, ...others])) {
    const place = { apiVersion, namespace, name };
    const object = await read(place, cluster, signal);
    if (object === undefined) continue;
    const heir = await heirIn(object, cluster, signal);
    if (heir === undefined) return { place, object };
    return { place: heir, object: await read(heir, cluster, signal) };
  }
  return { place: own, object: undefined };
}

/** A kind that the cluster does not serve has no objects. */
async function read(
  { apiVersion, namespace, name }: Place,
  cluster: Pick<Cluster, 'get'>,
  signal: AbortSignal,
): Promise<ValueMap | undefined> {
  try {
    return await cluster.get({ apiVersion, kind: 'HelmRelease', namespace, name }, { signal });
  } catch (error) {
    if (isKubeError(error, 'kube/unknown-kind')) return undefined;
    throw error;
  }
}

async function heirIn(
  object: ValueMap,
  cluster: Pick<Cluster, 'get'>,
  signal: AbortSignal,
): Promise<Place | undefined> {
  let intent: ReleaseIntent;
  try {
    intent = decodeHelmRelease(object);
  } catch {
    // Nobody can read it: it is not ready, and its status says why.
    return undefined;
  }
  return heirOf(intent, cluster, signal);
}

/** `a → b → a` when following the dependencies leads back. */
async function findCircle(start: Place, first: Found, find: Find): Promise<string | undefined> {
  const seen = new Set<string>();
  const open: { readonly path: readonly Place[]; readonly at: Found }[] = [
    { path: [start, first.place], at: first },
  ];
  for (let next = open.shift(); next !== undefined; next = open.shift()) {
    const { path, at } = next;
    if (path.length > LONGEST_CHAIN) continue;
    if (keyOf(at.place) === keyOf(start))
      return path.map((place) => print(place, start)).join(' → ');
    if (seen.has(keyOf(at.place)) || at.object === undefined) continue;
    seen.add(keyOf(at.place));
    for (const dependency of dependenciesOf(at.object)) {
      const found = await find(at.place, dependency);
      open.push({ path: [...path, found.place], at: found });
    }
  }
  return undefined;
}

function keyOf({ apiVersion, namespace, name }: Place): string {
  return `${apiVersion} ${namespace}/${name}`;
}

/** The kind is told where it is another one. */
function print({ apiVersion, namespace, name }: Place, from: Place): string {
  const text = `${namespace}/${name}`;
  return apiVersion === from.apiVersion ? text : `${text} (${apiVersion})`;
}
