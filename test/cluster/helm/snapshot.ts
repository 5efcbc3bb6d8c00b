// SPDX-License-Identifier: Apache-2.0

/** What a namespace holds after a move: records and objects, with the time and the namespace's name taken out. */

import { gunzipSync } from 'node:zlib';
import type { ControlPlane } from '../../kit/control-plane/control-plane.ts';

export interface Snapshot {
  /** Decoded release JSON and labels of each record, oldest first. */
  readonly records: readonly unknown[];
  /** By `PATH NAME`. */
  readonly objects: Readonly<Record<string, unknown>>;
  /** By `PATH NAME`. */
  readonly uids: ReadonlyMap<string, string>;
  /** Of pods that are not test pods or hooks. */
  readonly podUids: readonly string[];
}

interface ApiObject {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly deletionTimestamp?: string;
    readonly managedFields?: readonly ManagedFields[];
    readonly [key: string]: unknown;
  };
  readonly type?: string;
  readonly data?: Readonly<Record<string, string>>;
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly status?: Readonly<Record<string, unknown>>;
}

interface ManagedFields {
  readonly manager: string;
  readonly operation: string;
  readonly subresource?: string;
  readonly fieldsV1?: unknown;
}

const RECORD_TYPE = 'helm.sh/release.v1';
/** When the files of a chart were packed: Helm 4 keeps it, nobody reads it, we leave it out (docs/differences.md). */
const PACKED_TIMES: ReadonlySet<string> = new Set(['modtime', 'schemamodtime']);
const TIMES: ReadonlySet<string> = new Set([
  'first_deployed',
  'last_deployed',
  'deleted',
  'started_at',
  'completed_at',
]);
/** Made by controllers, or different whenever it is made. */
const NOISE: ReadonlySet<string> = new Set([
  'controller-uid',
  'batch.kubernetes.io/controller-uid',
  'clusterIP',
  'clusterIPs',
  'healthCheckNodePort',
  'nodePort',
  'volumeName',
]);

export interface SnapshotOptions {
  /** API paths; `NS` stands for the namespace. */
  readonly paths: readonly string[];
  /** Whether the writer's managed fields are part of an object. */
  readonly hasManagedFields?: boolean;
  /**
   * Two Helms take turns: what only tells which of them wrote a record last is left out. Helm writes the record before a failed
   * upgrade once more, in its own form; we leave it alone (docs/differences.md).
   */
  readonly isMixed?: boolean;
}

export async function takeSnapshot(
  plane: ControlPlane,
  namespace: string,
  options: SnapshotOptions,
): Promise<Snapshot> {
  const neutral = (value: unknown): unknown =>
    JSON.parse(JSON.stringify(value).replaceAll(namespace, 'NAMESPACE'), (key, inner) =>
      NOISE.has(key) ? undefined : inner,
    );
  const objects: Record<string, unknown> = {};
  const uids = new Map<string, string>();
  for (const path of options.paths) {
    for (const item of await list(plane, path.replace('NS', namespace))) {
      if (item.type === RECORD_TYPE || item.metadata.name === 'kube-root-ca.crt') continue;
      const key = `${path.slice(path.lastIndexOf('/') + 1)} ${item.metadata.name}`;
      objects[key] = neutral(withoutNoise(item, options));
      uids.set(key, item.metadata.uid);
    }
  }
  const pods = await list(plane, `/api/v1/namespaces/${namespace}/pods`);
  return {
    records: (await readRecords(plane, namespace, options.isMixed)).map(neutral),
    objects,
    uids,
    podUids: pods
      .filter(({ metadata }) => metadata.deletionTimestamp === undefined && isWorkload(metadata))
      .map(({ metadata }) => metadata.uid),
  };
}

function isWorkload({ labels }: ApiObject['metadata']): boolean {
  return labels?.['pod-template-hash'] !== undefined;
}

async function list(plane: ControlPlane, path: string): Promise<readonly ApiObject[]> {
  const { status, body } = await plane.call('GET', path);
  if (status === 404) return [];
  if (status !== 200) throw new Error(`GET ${path}: status ${status}`);
  return (body as { items: ApiObject[] }).items;
}

/** Every stored record of the namespace as Helm would read it: its JSON and the labels around it. */
export async function readRecords(
  plane: ControlPlane,
  namespace: string,
  isMixed = false,
): Promise<readonly unknown[]> {
  const secrets = await list(
    plane,
    `/api/v1/namespaces/${namespace}/secrets?labelSelector=owner%3Dhelm`,
  );
  const revisionOf = ({ metadata }: ApiObject): number => Number(metadata.labels?.['version']);
  return secrets
    .toSorted((a, b) => revisionOf(a) - revisionOf(b))
    .map(({ metadata, data }) => ({
      name: metadata.name,
      labels: labelsOf(metadata.labels ?? {}),
      release: decodeRelease(data?.['release'] ?? '', isMixed),
    }));
}

function decodeRelease(data: string, isMixed: boolean): unknown {
  const payload = Buffer.from(Buffer.from(data, 'base64').toString('latin1'), 'base64');
  return JSON.parse(gunzipSync(payload).toString(), (key, value) => {
    if (PACKED_TIMES.has(key)) return undefined;
    if (
      isMixed &&
      ((key === 'apply_method' && value === 'csa') || (TIMES.has(key) && value === ''))
    )
      return undefined;
    return TIMES.has(key) && value !== '' ? 'TIME' : value;
  });
}

function labelsOf(labels: Readonly<Record<string, string>>): readonly string[] {
  const stamps = new Set(['createdAt', 'modifiedAt']);
  const texts = Object.entries(labels).map(([key, value]) =>
    stamps.has(key) ? 'stamp' : `${key}=${value}`,
  );
  return [...new Set(texts)].toSorted();
}

function withoutNoise(item: ApiObject, options: SnapshotOptions): unknown {
  const { uid, resourceVersion, creationTimestamp, managedFields, ...metadata } = item.metadata;
  void [uid, resourceVersion, creationTimestamp];
  const { ownerReferences, ...kept } = metadata as Record<string, unknown>;
  void ownerReferences;
  const { status, ...rest } = item;
  void status;
  // How often a controller wrote to its own object is a matter of timing.
  if (ownerReferences !== undefined) return { ...rest, metadata: { name: kept['name'] } };
  if (options.hasManagedFields !== true) return { ...rest, metadata: kept };
  const writers = (managedFields ?? [])
    .filter(({ manager, subresource }) => manager === 'helm' && subresource === undefined)
    .map(({ operation, fieldsV1 }) => ({ operation, fieldsV1 }))
    .toSorted((a, b) => (a.operation < b.operation ? -1 : 1));
  return { ...rest, metadata: kept, writers };
}

const SETTLE_LOOKS = 100;

/** Waits until the Deployments have as many pods as they want and no others; gives up quietly after 10 s. */
export async function untilSettled(plane: ControlPlane, namespace: string): Promise<void> {
  for (let look = 0; look < SETTLE_LOOKS; look++) {
    const deployments = await list(plane, `/apis/apps/v1/namespaces/${namespace}/deployments`);
    if (deployments.every(isSettled)) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function isSettled({ metadata, spec, status }: ApiObject): boolean {
  const wanted = spec?.['replicas'] ?? 0;
  return (
    status?.['observedGeneration'] === metadata['generation'] &&
    (status?.['replicas'] ?? 0) === wanted &&
    (status?.['updatedReplicas'] ?? 0) === wanted &&
    ((status?.['readyReplicas'] ?? 0) === wanted || isNeverReady(spec))
  );
}

function isNeverReady(spec: ApiObject['spec']): boolean {
  return /"kit\/outcome":"(?!ready")/.test(JSON.stringify(spec));
}

/** Where two values first differ, as a path and both sides; `undefined` when they are equal, order of keys included. */
export function firstDifference(actual: unknown, wanted: unknown, path = ''): string | undefined {
  if (Object.is(actual, wanted)) return undefined;
  if (!isTree(actual) || !isTree(wanted) || Array.isArray(actual) !== Array.isArray(wanted)) {
    return `${path}: ${shown(actual)} instead of ${shown(wanted)}`;
  }
  const [ours, theirs] = [Object.keys(actual), Object.keys(wanted)];
  for (const key of theirs) {
    if (!(key in actual)) return `${path}/${key}: missing, wanted ${shown(wanted[key])}`;
  }
  for (const key of ours) {
    if (!(key in wanted)) return `${path}/${key}: ${shown(actual[key])}, not wanted`;
    const inner = firstDifference(actual[key], wanted[key], `${path}/${key}`);
    if (inner !== undefined) return inner;
  }
  return ours.join() === theirs.join() ? undefined : `${path}: keys in order ${ours.join()}`;
}

function isTree(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'undefined';
  return text.length > 600 ? `${text.slice(0, 600)}…` : text;
}
