// SPDX-License-Identifier: Apache-2.0

/** The rows of moves that every pair of engines makes. A table. */

import type { ControlPlane } from '../../kit/control-plane/control-plane.ts';
import type { Step } from './chain.ts';
import type { Move } from './moves.ts';

export interface Scenario {
  readonly name: string;
  /** Only in `npm run test:stories`. */
  readonly isLong: boolean;
  readonly hasManagedFields: boolean;
  readonly steps: readonly Step[];
}

/** What somebody does to live objects behind the release's back. */
async function drift(plane: ControlPlane, namespace: string): Promise<void> {
  const patch = (path: string, body: unknown): Promise<unknown> =>
    plane.call(
      'PATCH',
      `${path.replace('NS', namespace)}?fieldManager=person`,
      body,
      'application/merge-patch+json',
    );
  await patch('/apis/apps/v1/namespaces/NS/deployments/web', {
    metadata: { annotations: { note: 'mine' } },
    spec: {
      replicas: 2,
      template: {
        spec: {
          containers: [
            {
              name: 'main',
              image: 'nginx:drift',
              env: [
                { name: 'B', value: 'drift' },
                { name: 'MINE', value: 'x' },
              ],
            },
            { name: 'sidecar', image: 'side:1' },
          ],
        },
      },
    },
  });
  await patch('/api/v1/namespaces/NS/configmaps/web-config', {
    data: { a: 'drift', mine: 'x', b: null },
  });
  await patch('/api/v1/namespaces/NS/services/web', {
    spec: { selector: { app: 'drift', mine: 'x' } },
  });
  await patch('/apis/pets.test/v1/namespaces/NS/widgets/web', { spec: { size: 99, mine: 1 } });
}

/** Somebody deletes an object of the release, and makes one that the next version wants. */
async function meddle(plane: ControlPlane, namespace: string): Promise<void> {
  const maps = `/api/v1/namespaces/${namespace}/configmaps`;
  await plane.call('DELETE', `${maps}/web-config`);
  await plane.call('POST', maps, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'web-new' },
    data: { mine: 'x' },
  });
}

/** Moves in turn by the first and the second actor. */
function inTurn(...moves: readonly (Move | readonly [Step['before'], Move])[]): readonly Step[] {
  return moves.map((item, i): Step => {
    const by = i % 2 === 0 ? 0 : 1;
    if (!Array.isArray(item)) return { move: item as Move, by };
    const [before, move] = item as readonly [Step['before'], Move];
    return before === undefined ? { move, by } : { move, by, before };
  });
}

const ENV = [
  { name: 'B', value: '2' },
  { name: 'C', value: '3' },
];
const PORTS = [
  { port: 443, name: 'https' },
  { port: 80, name: 'http' },
];

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'a whole life',
    isLong: false,
    hasManagedFields: false,
    steps: inTurn(
      { do: 'install', labels: { team: 'a' } },
      { do: 'upgrade', values: { data: { a: '2', c: '3' }, level: 4, image: 'nginx:2' } },
      { do: 'upgrade' },
      { do: 'test' },
      { do: 'rollback', toRevision: 1 },
      [drift, { do: 'upgrade', chart: 'web2', values: { env: ENV, ports: PORTS, extra: false } }],
      { do: 'test' },
      { do: 'rollback', maxRevisions: 4 },
      { do: 'uninstall', mustKeepHistory: true },
      { do: 'install', canReplaceName: true, isWithoutHooks: true },
      { do: 'uninstall' },
    ),
  },
  {
    name: 'failures and their mends',
    isLong: true,
    hasManagedFields: false,
    steps: inTurn(
      { do: 'install', values: { hookOutcome: 'fail' } },
      { do: 'upgrade', values: { level: 5 } },
      { do: 'upgrade', values: { app: 'other' } },
      { do: 'upgrade', values: { testOutcome: 'fail' } },
      { do: 'test' },
      { do: 'upgrade', values: { hookOutcome: 'fail' }, isAtomic: true, timeoutSeconds: 40 },
      { do: 'upgrade', chart: 'web2', values: { app: 'other' }, mustCleanupOnFail: true },
      { do: 'rollback', toRevision: 4 },
      [meddle, { do: 'upgrade', chart: 'web2' }],
      { do: 'upgrade', chart: 'web2', mustTakeOwnership: true },
      { do: 'rollback', toRevision: 99 },
      { do: 'uninstall' },
      { do: 'uninstall' },
      { do: 'upgrade' },
      { do: 'test' },
    ),
  },
  {
    name: 'policies of values and of writing',
    isLong: true,
    hasManagedFields: false,
    steps: inTurn(
      { do: 'install', values: { level: 4, data: { a: '5' } }, description: 'made' },
      { do: 'install' },
      {
        do: 'upgrade',
        values: { replicas: 2 },
        valuesPolicy: 'reuse',
        mustWait: true,
        isWithoutHooks: true,
      },
      {
        do: 'upgrade',
        chart: 'web2',
        values: { image: 'nginx:3' },
        valuesPolicy: 'reset-then-reuse',
      },
      { do: 'upgrade', chart: 'web2', valuesPolicy: 'reset', labels: { team: 'b' } },
      [drift, { do: 'upgrade', chart: 'web2', valuesPolicy: 'reset', labels: { team: 'null' } }],
      [drift, { do: 'rollback', toRevision: 2 }],
      { do: 'upgrade', values: { volumes: [{ name: 'v', emptyDir: {} }] } },
      { do: 'upgrade', values: { volumes: [{ name: 'v', configMap: { name: 'web-config' } }] } },
      { do: 'upgrade', values: { replicas: 'many' } },
      { do: 'upgrade', maxRevisions: 3, isWithoutHooks: true },
      { do: 'uninstall', description: 'gone', mustKeepHistory: true },
      { do: 'uninstall', mustKeepHistory: true },
      { do: 'uninstall' },
    ),
  },
  {
    name: 'drift before every change',
    isLong: true,
    hasManagedFields: false,
    steps: inTurn(
      { do: 'install' },
      [drift, { do: 'upgrade', values: { data: { a: '2', c: '3' }, level: 4, image: 'nginx:2' } }],
      [drift, { do: 'upgrade', values: { env: ENV, ports: PORTS } }],
      [drift, { do: 'upgrade', values: { strategy: { type: 'Recreate' } } }],
      [drift, { do: 'rollback', toRevision: 2 }],
      [drift, { do: 'upgrade', values: { extra: false, volumes: [{ name: 'v', emptyDir: {} }] } }],
      [drift, { do: 'rollback', toRevision: 1 }],
      [drift, { do: 'uninstall' }],
    ),
  },
  {
    name: 'who owns which field',
    isLong: true,
    hasManagedFields: true,
    steps: inTurn(
      { do: 'install' },
      { do: 'upgrade', values: { data: { a: '2', c: '3' }, level: 4, image: 'nginx:2' } },
      { do: 'upgrade', chart: 'web2', values: { env: ENV, ports: PORTS } },
      { do: 'rollback', toRevision: 1 },
      [drift, { do: 'upgrade', values: { image: 'nginx:3' } }],
      { do: 'uninstall' },
    ),
  },
];
