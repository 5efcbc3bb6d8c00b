// SPDX-License-Identifier: Apache-2.0

/** What is known of each HelmRelease between turns, and who is woken by what. Only to save requests. */

import type { Dependency, ReleaseIntent } from '@helm-operator/api';
import type { TurnResult } from '../reconcile/context.ts';
import { type InputVersions, type ReferredObject, referredObjects } from './fingerprint.ts';
import type { ReleaseKey } from './release-key.ts';

/** What is remembered of an object between turns. */
export interface KnownRelease {
  readonly intent: ReleaseIntent;
  /** The inputs as the last turn saw and left them; `undefined`: a turn must look. */
  readonly settled: InputVersions | undefined;
  /** While the inputs are the same there is nothing to do before this; `Infinity`: not at all. Milliseconds since 1970. */
  readonly dueMs: number;
  readonly objects: TurnResult['objects'];
  readonly chart: TurnResult['chart'];
  /** The HelmRelease it waits for. */
  readonly unready: TurnResult['unready'];
}

/** A release of the cluster, or an object by its place. */
type Place = Dependency;

export class KnownReleases {
  readonly #known = new Map<ReleaseKey, KnownRelease>();
  /** What wakes → who is woken. */
  readonly #wakes = new Map<string, Set<ReleaseKey>>();

  get(key: ReleaseKey): KnownRelease | undefined {
    return this.#known.get(key);
  }

  set(key: ReleaseKey, known: KnownRelease): void {
    this.delete(key);
    this.#known.set(key, known);
    for (const cause of causesOf(known)) {
      const woken = this.#wakes.get(cause);
      if (woken === undefined) this.#wakes.set(cause, new Set([key]));
      else woken.add(key);
    }
  }

  delete(key: ReleaseKey): void {
    const known = this.#known.get(key);
    if (known === undefined) return;
    this.#known.delete(key);
    for (const cause of causesOf(known)) {
      const woken = this.#wakes.get(cause);
      woken?.delete(key);
      if (woken?.size === 0) this.#wakes.delete(cause);
    }
  }

  /** The next turn looks, whatever the inputs say. */
  unsettle(key: ReleaseKey): void {
    const known = this.#known.get(key);
    if (known !== undefined) this.#known.set(key, { ...known, settled: undefined });
  }

  /** Those whose values or credentials are in it. */
  referringTo(object: ReferredObject): readonly ReleaseKey[] {
    return this.#wokenBy(referenceCause(object));
  }

  /** Those whose records are of that release. */
  recordedAs(release: Place): readonly ReleaseKey[] {
    return this.#wokenBy(recordCause(release));
  }

  /** Those whose objects are of that release. */
  releasing(release: Place): readonly ReleaseKey[] {
    return this.#wokenBy(objectsCause(release));
  }

  /** Those that wait until that HelmRelease is ready. */
  waitingFor(dependency: Dependency): readonly ReleaseKey[] {
    return this.#wokenBy(dependencyCause(dependency));
  }

  fromGit(): readonly ReleaseKey[] {
    return this.#wokenBy(GIT_CAUSE);
  }

  #wokenBy(cause: string): readonly ReleaseKey[] {
    return [...(this.#wakes.get(cause) ?? [])];
  }
}

const GIT_CAUSE = 'git';
const referenceCause = ({ kind, namespace, name }: ReferredObject) =>
  `${kind} ${namespace}/${name}`;
const recordCause = ({ namespace, name }: Place) => `record ${namespace}/${name}`;
const objectsCause = ({ namespace, name }: Place) => `objects ${namespace}/${name}`;
const dependencyCause = ({ namespace, name }: Dependency) => `dependency ${namespace}/${name}`;

function causesOf({ intent, unready }: KnownRelease): ReadonlySet<string> {
  const { release, storageNamespace, chart } = intent;
  return new Set([
    ...referredObjects(intent).map(referenceCause),
    recordCause({ namespace: storageNamespace, name: release.name }),
    objectsCause(release),
    ...(unready === undefined ? [] : [dependencyCause(unready)]),
    ...(chart.kind === 'git' ? [GIT_CAUSE] : []),
  ]);
}
