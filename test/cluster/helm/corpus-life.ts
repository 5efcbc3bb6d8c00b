// SPDX-License-Identifier: Apache-2.0

/** The life of one corpus chart on one control plane: what was there and what was written, move by move. */

import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { buildPreviousObjects } from '@helm-operator/helm';
import { type Cluster, type JsonObject, type ObjectRef, textAt } from '@helm-operator/kube';
import type { ControlPlane } from '../../kit/control-plane/control-plane.ts';
import { openEngine } from './engine.ts';
import { type Actor, type LifeChart, type Move, makeMove } from './moves.ts';
import { readRecords, untilSettled } from './snapshot.ts';

/** What is compared between the planes. */
export interface MoveSight {
  readonly outcome: string;
  readonly records: readonly unknown[];
  readonly objects: Readonly<Record<string, unknown>>;
  /** Writes in order; those of one kind in a row are a batch, whose order is free. */
  readonly batches: readonly string[];
}

export interface CorpusLifeOptions {
  readonly plane: ControlPlane;
  readonly actor: Actor;
  readonly chart: LifeChart;
  readonly namespace: string;
  readonly moves: readonly Move[];
  readonly folder: string;
}

const LOOKS = 600;

export async function liveCorpusChart(options: CorpusLifeOptions): Promise<readonly MoveSight[]> {
  const { plane, actor, chart, namespace, moves, folder } = options;
  // A user of its own makes the writes of this life findable in the audit log.
  const user = `user-${namespace}`;
  const kubeconfig = await plane.kubeconfigFor(user, ['system:masters']);
  const engine = await openEngine(kubeconfig);
  try {
    const life = {
      ...{ release: 'demo', namespace, kubeconfig, engine, folder },
      charts: new Map([['chart', chart]]),
      isServerSide: actor.profile === 'helm4',
    };
    const sights: MoveSight[] = [];
    const known = new Map<string, ObjectRef>();
    let sinceMs = 0;
    for (const move of moves) {
      const outcome = await makeMove(actor, move, life);
      const untilMs = Date.now();
      await untilSettled(plane, namespace);
      const records = await readRecords(plane, namespace);
      for (const record of records) {
        for (const ref of await refsOf(record, namespace, engine.cluster)) {
          known.set(`${ref.kind} ${ref.namespace ?? ''}/${ref.name}`, ref);
        }
      }
      const objects: Record<string, unknown> = {};
      for (const [key, ref] of [...known].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
        const object = await readSteady(ref, engine.cluster);
        objects[key] = object === undefined ? 'absent' : withoutNoise(object);
      }
      const writes = await writesOf(plane.auditLog, user, sinceMs, untilMs);
      sights.push({
        outcome: withoutUids(outcome),
        records: JSON.parse(withoutUids(JSON.stringify(records))),
        objects,
        batches: batchesOf(writes),
      });
      sinceMs = untilMs;
    }
    return sights;
  } finally {
    await engine.close();
  }
}

/** An object that is about to go is waited for: a claim stays until its pod is gone, which takes the controllers a while. */
async function readSteady(ref: ObjectRef, cluster: Cluster): Promise<JsonObject | undefined> {
  for (let look = 0; ; look++) {
    const object = await cluster.getJson(ref);
    const isLeaving = textAt(object ?? {}, 'metadata.deletionTimestamp') !== '';
    if (!isLeaving || look === LOOKS) return object;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Refusals quote objects with the ids of their makers. */
function withoutUids(text: string): string {
  return text.replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'UID');
}

async function refsOf(
  record: unknown,
  namespace: string,
  cluster: Cluster,
): Promise<readonly ObjectRef[]> {
  const { release } = record as {
    release: { manifest?: string; hooks?: { manifest: string }[] };
  };
  const manifests = [release.manifest ?? '', ...(release.hooks ?? []).map((hook) => hook.manifest)];
  const built = await Promise.all(
    manifests.map((text) => buildPreviousObjects(text, namespace, { cluster })),
  );
  return built.flatMap(({ objects }) => objects.map(({ ref }) => ref));
}

/** Given by controllers and admission, or different whenever it is made. */
const NOISE: ReadonlySet<string> = new Set([
  ...['uid', 'resourceVersion', 'creationTimestamp', 'managedFields', 'deletionTimestamp'],
  ...['deletionGracePeriodSeconds', 'finalizers', 'status', 'secrets'],
  ...['clusterIP', 'clusterIPs', 'nodePort', 'healthCheckNodePort', 'nodeName', 'volumeName'],
  ...['controller-uid', 'batch.kubernetes.io/controller-uid'],
]);
const SERVICE_ACCOUNT_VOLUME = /^kube-api-access-/;

function withoutNoise(object: object): unknown {
  return JSON.parse(JSON.stringify(object), (key, value) => {
    if (NOISE.has(key)) return undefined;
    return typeof value === 'string' && SERVICE_ACCOUNT_VOLUME.test(value)
      ? 'kube-api-access'
      : value;
  });
}

interface Write {
  readonly atMs: number;
  readonly verb: string;
  readonly resource: string;
  readonly name: string;
}

const WRITES: ReadonlySet<string> = new Set(['create', 'update', 'patch', 'delete']);
const AUDIT_DELAY_MS = 400;

/** What a user wrote between two times; refused requests count. */
async function writesOf(
  auditLog: string,
  user: string,
  sinceMs: number,
  untilMs: number,
): Promise<readonly Write[]> {
  await new Promise((resolve) => setTimeout(resolve, AUDIT_DELAY_MS));
  const writes: Write[] = [];
  const marker = `"username":"${user}"`;
  for await (const line of createInterface({ input: createReadStream(auditLog) })) {
    if (!line.includes(marker)) continue;
    const event = JSON.parse(line) as {
      verb: string;
      stage: string;
      requestReceivedTimestamp: string;
      objectRef?: { resource?: string; name?: string };
    };
    const atMs = Date.parse(event.requestReceivedTimestamp);
    if (event.stage !== 'ResponseComplete' || !WRITES.has(event.verb)) continue;
    if (atMs < sinceMs || atMs > untilMs) continue;
    const { resource = '', name = '' } = event.objectRef ?? {};
    writes.push({ atMs, verb: event.verb, resource, name });
  }
  return writes.toSorted((a, b) => a.atMs - b.atMs);
}

function batchesOf(writes: readonly Write[]): readonly string[] {
  const batches: { key: string; names: string[] }[] = [];
  for (const { verb, resource, name } of writes) {
    const key = `${verb} ${resource}`;
    const last = batches.at(-1);
    if (last?.key === key) last.names.push(name);
    else batches.push({ key, names: [name] });
  }
  return batches.map(({ key, names }) => `${key}: ${names.toSorted().join(' ')}`);
}
