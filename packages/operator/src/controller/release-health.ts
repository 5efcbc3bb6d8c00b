// SPDX-License-Identifier: Apache-2.0

/** The health of a release from the verdicts on its objects. Pure. */

import type { HealthState, ReleaseHealth, UnreadyObject } from '@helm-operator/api';
import type { ObjectRef, Verdict } from '@helm-operator/kube';

const SHOWN = 10;
const LONGEST_MESSAGE = 300;

/** Kinds of Kubernetes itself that are ready as soon as they exist. */
const GROUPS_AT_ONCE: ReadonlySet<string> = new Set([
  'admissionregistration.k8s.io',
  'autoscaling',
  'networking.k8s.io',
  'policy',
  'rbac.authorization.k8s.io',
  'scheduling.k8s.io',
  'storage.k8s.io',
]);
const KINDS_AT_ONCE: ReadonlySet<string> = new Set([
  'ConfigMap',
  'CronJob',
  'Endpoints',
  'LimitRange',
  'Namespace',
  'ResourceQuota',
  'Secret',
  'ServiceAccount',
]);

/** Whether an object of that kind can be there and yet not be ready. */
export function canBeUnready({
  apiVersion,
  kind,
}: Pick<ObjectRef, 'apiVersion' | 'kind'>): boolean {
  const slash = apiVersion.indexOf('/');
  const group = slash < 0 ? '' : apiVersion.slice(0, slash);
  const isBuiltIn = group === '' || group === 'batch';
  return !GROUPS_AT_ONCE.has(group) && !(isBuiltIn && KINDS_AT_ONCE.has(kind));
}

/** An object and how it is; `undefined`: nobody can see it. */
export interface Seen {
  readonly ref: ObjectRef;
  readonly verdict: Verdict | undefined;
}

/** The health as it may be told: secrets are taken out before anything is cut. */
export function toldHealth(health: ReleaseHealth, redact: (text: string) => string): ReleaseHealth {
  const notReady = health.notReady.map((one) => ({
    ...one,
    message: redact(one.message).slice(0, LONGEST_MESSAGE),
  }));
  return { ...health, notReady };
}

/** The worst state counts. */
export function healthOf(objects: readonly Seen[]): ReleaseHealth {
  const states = objects.map(({ verdict }) => stateOf(verdict));
  const unready = objects
    .map((seen, i) => ({ seen, state: states[i] ?? 'Unknown' }))
    .filter(({ state }) => state !== 'Healthy')
    .toSorted((a, b) => WORST.indexOf(a.state) - WORST.indexOf(b.state));
  return {
    state: WORST.find((state) => states.includes(state)) ?? 'Healthy',
    ready: objects.length - unready.length,
    total: objects.length,
    notReady: unready.slice(0, SHOWN).map(({ seen }) => entryOf(seen)),
  };
}

const WORST: readonly HealthState[] = ['Unhealthy', 'Progressing', 'Unknown', 'Healthy'];

function stateOf(verdict: Verdict | undefined): HealthState {
  switch (verdict?.status) {
    case 'Current':
      return 'Healthy';
    case 'Failed':
    case 'NotFound':
      return 'Unhealthy';
    case 'InProgress':
    case 'Terminating':
      return 'Progressing';
    default:
      return 'Unknown';
  }
}

function entryOf({ ref, verdict }: Seen): UnreadyObject {
  return {
    object: nameOf(ref),
    message: verdict?.message ?? 'it cannot be watched',
  };
}

/** `Deployment apps/web` */
export function nameOf({ kind, namespace, name }: ObjectRef): string {
  return `${kind} ${namespace === undefined ? name : `${namespace}/${name}`}`;
}
