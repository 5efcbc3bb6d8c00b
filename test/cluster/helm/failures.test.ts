// SPDX-License-Identifier: Apache-2.0

/** Every class of failure, provoked for real once, as both profiles: its code, its verdict, its words, beside those of real Helm. */

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { API_FAILURES, diagnose, isHelmError, textOf } from '@helm-operator/helm';
import { clusterTest, makeNamespace } from '../../kit/shared-plane.ts';
import { chartHandle } from '../../kit/tarball.ts';
import { inParallel, type Stage, withStage } from './chain.ts';
import { type Engine, openEngine } from './engine.ts';
import { FAILURES, type FailureCase, type Scene } from './failure-cases.ts';
import { ACTORS, type Actor, type Life, makeMove, moveByUs } from './moves.ts';
import { closeProxies, SERVER_FAILURES } from './server-failure-cases.ts';

const AT_ONCE = 6;

interface Run {
  readonly row: FailureCase;
  readonly actor: Actor;
}

async function withLife(
  { row, actor }: Run,
  stage: Stage,
  run: (life: Life, scene: Scene) => Promise<void>,
): Promise<void> {
  const { plane } = stage;
  const scene = { plane, namespace: await makeNamespace(plane, 'fails') };
  const life: Life = {
    ...stage,
    release: 'web',
    namespace: scene.namespace,
    kubeconfig: plane.kubeconfig,
    isServerSide: actor.profile === 'helm4',
  };
  for (const move of row.before ?? []) assert.equal(await makeMove(actor, move, life), '');
  await row.prepare?.(scene);
  const kubeconfig = await row.kubeconfig?.(scene);
  if (kubeconfig === undefined) {
    await run(life, scene);
    return;
  }
  const engine: Engine = await openEngine(kubeconfig);
  try {
    await run({ ...life, kubeconfig, engine }, scene);
  } finally {
    await engine.close();
  }
}

async function failAsUs(run: Run, stage: Stage): Promise<{ error: unknown; namespace: string }> {
  let error: unknown;
  let namespace = '';
  await withLife(run, stage, async (life, scene) => {
    namespace = scene.namespace;
    error = await moveByUs(
      run.actor,
      run.row.move,
      life,
      run.row.change?.(scene, life.engine.cluster),
    ).then(
      () => undefined,
      (reason: unknown) => reason,
    );
  });
  return { error, namespace };
}

async function textOfPeer(run: Run, stage: Stage): Promise<string> {
  let text = '';
  await withLife(run, stage, async (life, { namespace }) => {
    text = (await makeMove(run.actor, run.row.move, life)).replaceAll(namespace, 'NAMESPACE');
  });
  return text;
}

/** @returns what is not as it should be */
async function checkRow({ row, actor }: Run, stage: Stage): Promise<readonly string[]> {
  const { error, namespace } = await failAsUs({ row, actor }, stage);
  if (error === undefined) return ['nothing failed'];
  const found = diagnose(error);
  const text = textOf(error).trimEnd().replaceAll(namespace, 'NAMESPACE');
  const { expected } = row;
  const problems: string[] = [];
  const check = (what: string, actual: unknown, wanted: unknown): void => {
    if (actual !== wanted) problems.push(`${what} ${String(actual)} instead of ${String(wanted)}`);
  };
  check('code', isHelmError(error) ? error.code : String(error), expected.code);
  check('reason', found.reason, expected.reason);
  check('retry', found.retry, expected.retry);
  if (expected.field !== undefined) check('field', found.fields[0], expected.field);
  if (!expected.says.test(text)) problems.push(`says: ${text}`);
  const isAnswer = API_FAILURES.some(({ reason }) => reason === found.reason);
  if ((isAnswer || found.retry === 'terminal') && found.mend === '')
    problems.push('does not say how to mend it');
  if (row.textDiffers === undefined) {
    const peer = ACTORS.find((one) => !one.isOurs && one.profile === actor.profile);
    if (peer !== undefined) check('text', text, await textOfPeer({ row, actor: peer }, stage));
  }
  return problems;
}

/** Why it cannot be provoked by an action here. */
const NOT_PROVOKED: ReadonlyMap<string, string> = new Map([
  [
    'credentials',
    'a kubeconfig that cannot be used fails before there is an action; packages/kube/src/config',
  ],
]);

test('no class of failure is forgotten', () => {
  const provoked = new Set(
    [...FAILURES, ...SERVER_FAILURES].map(({ expected }) => expected.reason),
  );
  const forgotten = API_FAILURES.map(({ reason }) => reason).filter(
    (reason) => !provoked.has(reason) && !NOT_PROVOKED.has(reason),
  );
  assert.deepEqual(forgotten, []);
});

after(closeProxies);

clusterTest('every class of failure says what it is and what to do', async (plane) => {
  const rows = [...FAILURES, ...SERVER_FAILURES];
  const archives = rows.map(({ name, templates, values }): [string, Uint8Array] => [
    name,
    chartHandle(templates, values).bytes,
  ]);
  await withStage(plane, new Map(archives), async (stage) => {
    const runs = rows.flatMap((row) =>
      ACTORS.filter(
        ({ isOurs, profile }) => isOurs && (row.profiles?.includes(profile) ?? true),
      ).map((actor): Run => ({ row, actor })),
    );
    const problems = await inParallel(AT_ONCE, runs, async (run) => {
      const { charts } = stage;
      const chart = charts.get(run.row.name);
      assert.ok(chart !== undefined);
      const own = { ...stage, charts: new Map([['web', chart]]) };
      const found = await checkRow(run, own);
      return found.map((line) => `${run.row.name} (${run.actor.name}): ${line}`);
    });
    assert.ok(problems.flat().length === 0, `\n${problems.flat().join('\n')}`);
  });
});
