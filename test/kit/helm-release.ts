// SPDX-License-Identifier: Apache-2.0

/** HelmRelease objects of `helm.fluxcd.io/v1`, as a test applies and reads them. */

import { readFileSync } from 'node:fs';
import type { ControlPlane } from './control-plane/control-plane.ts';

const GROUP = '/apis/helm.fluxcd.io/v1';
const CRD = new URL('../../deploy/crds/helm.fluxcd.io_helmreleases.yaml', import.meta.url);
const APPLY = 'application/apply-patch+yaml';

export interface HelmReleaseSpec {
  readonly [key: string]: unknown;
}

export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

export interface HelmReleaseView {
  readonly generation: number;
  readonly observedGeneration: number;
  readonly phase: string;
  readonly status: { readonly [key: string]: unknown };
  readonly conditions: readonly Condition[];
}

/** Installs the CRD and waits until it is served. */
export async function installCrd(plane: ControlPlane): Promise<void> {
  const path =
    '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/helmreleases.helm.fluxcd.io';
  const { status } = await plane.callText(
    'PATCH',
    `${path}?fieldManager=kit&force=true`,
    readFileSync(CRD, 'utf8'),
    APPLY,
  );
  if (status >= 300) throw new Error(`installing the CRD: status ${status}`);
  await until(
    'the CRD is served',
    async () => (await plane.call('GET', `${GROUP}/helmreleases`)).status === 200,
  );
}

/** @returns its generation now */
export async function applyHelmRelease(
  plane: ControlPlane,
  namespace: string,
  name: string,
  spec: HelmReleaseSpec,
): Promise<number> {
  const { status, body } = await plane.call(
    'PATCH',
    `${GROUP}/namespaces/${namespace}/helmreleases/${name}?fieldManager=kit&force=true`,
    { apiVersion: 'helm.fluxcd.io/v1', kind: 'HelmRelease', metadata: { name, namespace }, spec },
    APPLY,
  );
  if (status >= 300)
    throw new Error(`applying HelmRelease ${namespace}/${name}: ${JSON.stringify(body)}`);
  return (body as { metadata: { generation: number } }).metadata.generation;
}

export async function deleteHelmRelease(
  plane: ControlPlane,
  namespace: string,
  name: string,
): Promise<void> {
  await plane.call('DELETE', `${GROUP}/namespaces/${namespace}/helmreleases/${name}`);
}

/** @returns `undefined` when the object is gone */
export async function readHelmRelease(
  plane: ControlPlane,
  namespace: string,
  name: string,
): Promise<HelmReleaseView | undefined> {
  const { status, body } = await plane.call(
    'GET',
    `${GROUP}/namespaces/${namespace}/helmreleases/${name}`,
  );
  if (status === 404) return undefined;
  const object = body as {
    metadata: { generation: number };
    status?: { observedGeneration?: number; phase?: string; conditions?: Condition[] };
  };
  return {
    generation: object.metadata.generation,
    observedGeneration: object.status?.observedGeneration ?? 0,
    phase: object.status?.phase ?? '',
    status: { ...object.status },
    conditions: object.status?.conditions ?? [],
  };
}

/** Waits until the newest generation is observed and condition `Released` has this status; returns the view. */
export async function untilReleased(
  plane: ControlPlane,
  namespace: string,
  name: string,
  wanted: 'True' | 'False' = 'True',
  withinMs = 60_000,
): Promise<HelmReleaseView> {
  let last: HelmReleaseView | undefined;
  await until(
    `Released of ${namespace}/${name} is ${wanted}`,
    async () => {
      last = await readHelmRelease(plane, namespace, name);
      const released = last?.conditions.find(({ type }) => type === 'Released');
      return last?.observedGeneration === last?.generation && released?.status === wanted;
    },
    withinMs,
    () => JSON.stringify(last),
  );
  if (last === undefined) throw new Error(`${namespace}/${name} is gone`);
  return last;
}

export async function until(
  what: string,
  isTrue: () => Promise<boolean>,
  withinMs = 30_000,
  seen: () => string = () => '',
): Promise<void> {
  const deadlineMs = Date.now() + withinMs;
  while (!(await isTrue())) {
    if (Date.now() > deadlineMs)
      throw new Error(`waiting until ${what}: not within ${withinMs} ms ${seen()}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
