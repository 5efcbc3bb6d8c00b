// SPDX-License-Identifier: Apache-2.0

/** What an action costs the API server, beside real Helm; `npm run bench -- lifecycle` has the whole table. */

import assert from 'node:assert/strict';
import { auditSince, markAudit } from '../../kit/audit.ts';
import { until } from '../../kit/helm-release.ts';
import { clusterTest, makeNamespace } from '../../kit/shared-plane.ts';
import { withStage } from './chain.ts';
import { ACTORS, type Life, type Move, makeMove } from './moves.ts';
import { WIDGET_CRD, webChart } from './web-chart.ts';

const MOVES: readonly Move[] = [
  { do: 'install', isWithoutHooks: true },
  { do: 'upgrade', isWithoutHooks: true },
  { do: 'upgrade', isWithoutHooks: true, values: { level: 4 } },
  { do: 'rollback', isWithoutHooks: true },
  { do: 'uninstall', isWithoutHooks: true },
];

clusterTest('every action asks less of the API server than helm does', async (plane) => {
  await plane.call('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', WIDGET_CRD);
  await until(
    'widgets are served',
    async () => (await plane.call('GET', '/apis/pets.test/v1/widgets')).status === 200,
  );
  await withStage(plane, new Map([['web', webChart('1.0.0')]]), async (stage) => {
    const counts = new Map<string, number[]>();
    for (const actor of ACTORS) {
      const namespace = await makeNamespace(plane, actor.name);
      const life: Life = {
        ...stage,
        release: 'web',
        namespace,
        kubeconfig: plane.kubeconfig,
        isServerSide: actor.profile === 'helm4',
      };
      const own: number[] = [];
      for (const move of MOVES) {
        const mark = await markAudit(plane.auditLog);
        assert.equal(await makeMove(actor, move, life), '', `${actor.name} ${move.do}`);
        // The audit log is written after the answer.
        await new Promise((resolve) => setTimeout(resolve, 300));
        const agent = actor.isOurs ? 'helm-operator/' : 'Helm/';
        own.push((await auditSince(plane.auditLog, mark, agent)).length);
      }
      counts.set(actor.name, own);
    }
    for (const profile of [3, 4]) {
      const [ours, theirs] = [counts.get(`ours${profile}`), counts.get(`helm${profile}`)];
      const lines = MOVES.map(({ do: verb }, i) => `${verb} ${ours?.[i]} of ${theirs?.[i]}`);
      console.log(`requests beside helm ${profile}: ${lines.join(', ')}`);
      const isFewer = MOVES.every((_, i) => (ours?.[i] ?? Infinity) < (theirs?.[i] ?? 0));
      assert.ok(isFewer, lines.join(', '));
    }
  });
});
