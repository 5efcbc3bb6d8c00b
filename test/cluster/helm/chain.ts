// SPDX-License-Identifier: Apache-2.0

/** A row of moves by alternating actors, and what could be seen after each. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ControlPlane } from '../../kit/control-plane/control-plane.ts';
import { makeNamespace } from '../../kit/shared-plane.ts';
import { type Engine, openEngine } from './engine.ts';
import { type Actor, type Life, type LifeChart, type Move, makeMove } from './moves.ts';
import {
  firstDifference,
  type Snapshot,
  type SnapshotOptions,
  takeSnapshot,
  untilSettled,
} from './snapshot.ts';

/** One step of a chain: a move, and what somebody does to the live objects before it. */
export interface Step {
  readonly move: Move;
  /** Which actor: the first or the second of the pair. */
  readonly by: 0 | 1;
  readonly before?: (plane: ControlPlane, namespace: string) => Promise<void>;
}

/** What is compared between two chains. */
export interface Sight {
  readonly outcome: string;
  readonly records: readonly unknown[];
  readonly objects: Readonly<Record<string, unknown>>;
  /** Objects that another one of the same name took the place of. */
  readonly replaced: readonly string[];
  /** Pods there were before, and how many of them are left. */
  readonly pods: { readonly before: number; readonly left: number };
}

/** What all chains of a test share. */
export interface Stage {
  readonly plane: ControlPlane;
  readonly engine: Engine;
  readonly folder: string;
  readonly charts: ReadonlyMap<string, LifeChart>;
}

export async function withStage(
  plane: ControlPlane,
  archives: ReadonlyMap<string, Uint8Array>,
  run: (stage: Stage) => Promise<void>,
): Promise<void> {
  const engine = await openEngine(plane.kubeconfig);
  const folder = await mkdtemp(join(tmpdir(), 'helm-operator-lives-'));
  try {
    const charts = new Map<string, LifeChart>();
    for (const [key, bytes] of archives) {
      const path = join(folder, `${key}.tgz`);
      await writeFile(path, bytes);
      const handle = {
        digest: `sha256:${folder}-${key}`,
        bytes,
        metadata: { name: key, version: '0.0.0' },
      };
      charts.set(key, { path, handle });
    }
    await run({ plane, engine, folder, charts });
  } finally {
    await engine.close();
    await rm(folder, { recursive: true });
  }
}

export async function runChain(
  stage: Stage,
  pair: readonly [Actor, Actor],
  steps: readonly Step[],
  options: SnapshotOptions & { readonly release?: string },
): Promise<readonly Sight[]> {
  const { plane } = stage;
  const namespace = await makeNamespace(plane, pair.map(({ name }) => name).join('-'));
  const life: Life = {
    ...stage,
    release: options.release ?? 'web',
    namespace,
    kubeconfig: plane.kubeconfig,
    isServerSide: pair.every(({ profile }) => profile === 'helm4'),
  };
  const sights: Sight[] = [];
  let last = await takeSnapshot(plane, namespace, options);
  for (const { move, by, before } of steps) {
    if (before !== undefined) {
      await before(plane, namespace);
      await untilSettled(plane, namespace);
      last = await takeSnapshot(plane, namespace, options);
    }
    const outcome = (await makeMove(pair[by], move, life)).replaceAll(namespace, 'NAMESPACE');
    await untilSettled(plane, namespace);
    const now = await takeSnapshot(plane, namespace, options);
    sights.push(sightOf(outcome, last, now));
    last = now;
  }
  return sights;
}

function sightOf(outcome: string, last: Snapshot, now: Snapshot): Sight {
  return {
    outcome,
    records: now.records,
    objects: now.objects,
    replaced: [...now.uids]
      .filter(([key, uid]) => last.uids.has(key) && last.uids.get(key) !== uid)
      .map(([key]) => key),
    pods: {
      before: last.podUids.length,
      left: last.podUids.filter((uid) => now.podUids.includes(uid)).length,
    },
  };
}

/** Every place where a chain differs from its reference, as a line each. */
export function compareSights(
  steps: readonly Step[],
  ours: readonly Sight[],
  theirs: readonly Sight[],
): readonly string[] {
  return steps.flatMap(({ move, by }, i) => {
    const [mine, reference] = [ours[i], theirs[i]];
    return (['outcome', 'records', 'objects', 'replaced', 'pods'] as const).flatMap((field) => {
      const difference = firstDifference(mine?.[field], reference?.[field]);
      return difference === undefined
        ? []
        : [`step ${i + 1} (${move.do} by ${by === 0 ? 'first' : 'second'}): ${field}${difference}`];
    });
  });
}

/** Runs work with at most `limit` under way. */
export async function inParallel<T, R>(
  limit: number,
  items: readonly T[],
  work: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = [];
  const queue = [...items.entries()];
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      results[next[0]] = await work(next[1]);
    }
  };
  await Promise.all(Array.from({ length: limit }, worker));
  return results;
}
