// SPDX-License-Identifier: Apache-2.0

/**
 * The operator is killed (SIGKILL) every 20 seconds for five minutes while 200 releases are upgraded again and again: in the end all are right.
 *
 * Right: the last values are live, `helm history` shows every revision, none skipped, none pending, the last one deployed.
 * The edits are spread over the time between two kills, so that each kill strikes amid upgrades; hooks and waits are among them.
 * `LEADER_ELECT=true` does it with a Lease, which the next operator has to wait for.
 */

import assert from 'node:assert/strict';
import { performance } from 'node:perf_hooks';
import { inParallel } from '../kit/in-parallel.ts';
import { clusterTest } from '../kit/shared-plane.ts';
import { round, tellFigures } from './figures.ts';
import { Fleet, parameter } from './fleet.ts';
import { helmHistory, historyProblem, readRecords } from './records.ts';

const RELEASES = parameter('RELEASES', 200, 10);
const KILLS = parameter('KILLS', 15, 3);
const KILL_EVERY_MS = parameter('KILL_EVERY_MS', 20_000, 3_000);
const MAX_HISTORY = 10;
const ALL_WITHIN_MS = 480_000;

/** A hook before and after, so that there is more to be interrupted in. */
const HOOKS: ReadonlyMap<string, string> = new Map([
  [
    'templates/hook.yaml',
    'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}-hook\n  annotations:\n    helm.sh/hook: pre-upgrade,post-upgrade\n    helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded\ndata: {message: {{ .Values.message | quote }}}\n',
  ],
]);

clusterTest(`${KILLS} kills amid upgrades of ${RELEASES} releases`, async (plane) => {
  const fleet = await Fleet.open(plane, RELEASES, HOOKS);
  const { namespace } = fleet;
  const args =
    process.env['LEADER_ELECT'] === 'true'
      ? ['--leader-elect=true', `--leader-election-namespace=${namespace}`]
      : [];
  try {
    let operator = await fleet.operator({ args });
    await fleet.applyAll('first');
    await fleet.untilReleased(ALL_WITHIN_MS);

    let edits = 0;
    let interrupted = 0;
    const startedMs = performance.now();
    for (let kill = 0; kill < KILLS; kill++) {
      const killAtMs = performance.now() + KILL_EVERY_MS;
      const pauseMs = KILL_EVERY_MS / RELEASES;
      for (const [i, name] of fleet.names.entries()) {
        await fleet.apply(name, `round ${kill}`);
        edits++;
        const dueMs = killAtMs - KILL_EVERY_MS + (i + 1) * pauseMs;
        await new Promise((resolve) => setTimeout(resolve, Math.max(0, dueMs - performance.now())));
        if (performance.now() >= killAtMs) break;
      }
      await operator.kill();
      interrupted += (await readRecords(plane, namespace)).filter(({ status }) =>
        status.startsWith('pending'),
      ).length;
      operator = await fleet.operator({ args, mustBeReady: false });
    }
    const rightFromMs = performance.now();
    await fleet.applyAll('last');
    await fleet.untilReleased(ALL_WITHIN_MS);
    const settleSeconds = (performance.now() - rightFromMs) / 1000;

    const live = await fleet.liveMessages();
    const wrong = fleet.names.filter((name) => live.get(name) !== 'last');
    assert.deepEqual(wrong, [], 'the last values are live');
    const hooks = [...live.keys()].filter((name) => name.endsWith('-hook'));
    assert.deepEqual(hooks, [], 'no hook is left over');
    const records = await readRecords(plane, namespace);
    const problems: string[] = [];
    await inParallel(fleet.names, 2, async (name) => {
      const own = records.filter(({ release }) => release === name);
      const shown = await helmHistory(plane, namespace, name);
      const problem =
        historyProblem(own) ||
        historyProblem(shown) ||
        (own.at(-1)?.message === 'last' ? '' : `message ${own.at(-1)?.message}`) ||
        (own.length <= MAX_HISTORY ? '' : `${own.length} revisions are kept`);
      if (problem !== '') problems.push(`${name}: ${problem}`);
    });
    tellFigures('kills', {
      releases: RELEASES,
      kills: KILLS,
      killEverySeconds: KILL_EVERY_MS / 1000,
      seconds: round((rightFromMs - startedMs) / 1000),
      edits,
      interrupted,
      revisions: records.reduce((most, { revision }) => Math.max(most, revision), 0),
      secondsUntilAllRight: round(settleSeconds),
      problems: problems.length,
    });
    assert.deepEqual(problems, []);
  } finally {
    await fleet.close();
  }
});
