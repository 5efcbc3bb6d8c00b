// SPDX-License-Identifier: Apache-2.0

/** The operator with the rights and flags that its chart gives it, on a cluster that enforces them. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packChart } from '../../kit/chart-repository.ts';
import type { ControlPlane } from '../../kit/control-plane/control-plane.ts';
import { untilReleased } from '../../kit/helm-release.ts';
import { mustRun } from '../../kit/kubectl.ts';
import { SMALL_CHART, type Story, story } from '../operator/story.ts';
import { type InstalledChart, installChart } from './installed-chart.ts';

/** A role that nobody but an administrator may give. */
const CLUSTER_ROLE = `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: {{ .Release.Namespace }}-reader
rules:
  - apiGroups: [""]
    resources: [nodes]
    verbs: [get]
`;

/** A kubeconfig of the service account that the chart made. */
function accountConfig(plane: ControlPlane, { namespace, name }: InstalledChart['account']) {
  const groups = ['system:serviceaccounts', `system:serviceaccounts:${namespace}`];
  const user = `system:serviceaccount:${namespace}:${name}`;
  return plane.kubeconfigFor(user, [...groups, 'system:authenticated']);
}

/** An account that may do what an editor of the namespace may. */
async function makeReleaser({ plane, namespace }: Story): Promise<void> {
  const kubectl = (...args: readonly string[]) =>
    mustRun('kubectl', plane.kubeconfig, ['-n', namespace, 'create', ...args]);
  await kubectl('serviceaccount', 'releaser');
  await kubectl(
    'rolebinding',
    'releaser',
    '--clusterrole=edit',
    `--serviceaccount=${namespace}:releaser`,
  );
}

interface Rights {
  readonly name: string;
  readonly settings: readonly string[];
  /** It may give cluster roles. */
  readonly isAdmin: boolean;
  /** It may read definitions, so it writes the whole status. */
  readonly hasWholeStatus: boolean;
}

/** `npm test` takes the narrowest that can do everything; `npm run test:stories` all. */
const isLong = process.env['LONG'] === 'true';

const ALL: readonly Rights[] = [
  { name: 'cluster-admin', settings: [], isAdmin: true, hasWholeStatus: true },
  {
    name: 'least-privilege',
    settings: ['rbac.profile=least-privilege'],
    isAdmin: false,
    hasWholeStatus: true,
  },
  {
    name: 'least-privilege, acting as service accounts',
    settings: ['rbac.profile=least-privilege', 'defaultServiceAccount=releaser'],
    isAdmin: false,
    hasWholeStatus: true,
  },
  {
    name: 'least-privilege in one namespace',
    settings: ['rbac.profile=least-privilege', 'clusterRole.create=false'],
    isAdmin: false,
    hasWholeStatus: false,
  },
];
const RIGHTS = isLong ? ALL : ALL.filter(({ name }) => name === 'least-privilege');

for (const { name, settings, isAdmin, hasWholeStatus } of RIGHTS)
  story(`with the rights of the chart (${name}) the operator does its work`, async (told) => {
    const { plane, namespace, operator, apply, repository } = told;
    const chart = await installChart(told, settings);
    await makeReleaser(told);
    const running = await operator({
      kubeconfig: await accountConfig(plane, chart.account),
      args: [
        ...chart.args.filter((arg) => !/^--(log-format|listen|chart-cache)/.test(arg)),
        `--leader-election-namespace=${namespace}`,
        '--chart-cache-dir=',
      ],
    });
    await apply('web', { wait: true, test: { enable: true } });
    await untilReleased(plane, namespace, 'web');
    await apply('web', { wait: true, values: { replicas: 2 } });
    const view = await untilReleased(plane, namespace, 'web');
    assert.equal(view.status['releaseStatus'], 'deployed');
    assert.equal('attempt' in view.status, hasWholeStatus);
    const leases = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/helm-operator`;
    assert.equal((await plane.call('GET', leases)).status, 200, 'it leads');
    if (hasWholeStatus) assert.doesNotMatch(running.log(), /forbidden/i);
    else assert.match(running.log(), /its definition may not be read/);

    const chartYaml = readFileSync(join(SMALL_CHART, 'Chart.yaml'), 'utf8');
    const named = chartYaml.replace(/^name: .*$/m, 'name: roles');
    const changes = new Map([
      ['Chart.yaml', named],
      ['templates/role.yaml', CLUSTER_ROLE],
    ]);
    repository.add(await packChart(SMALL_CHART, changes));
    await apply('roles', {
      chart: { repository: repository.url, name: 'roles', version: '1.0.0' },
    });
    const roles = await untilReleased(plane, namespace, 'roles', isAdmin ? 'True' : 'False');
    const text = roles.conditions.map(({ message }) => message).join('\n');
    if (!isAdmin) assert.match(text, /clusterroles\.rbac\.authorization\.k8s\.io/);

    for (const release of ['web', 'roles'])
      await mustRun('kubectl', plane.kubeconfig, [
        ...['delete', 'helmreleases.helm.fluxcd.io', release, '-n', namespace, '--timeout=60s'],
      ]);
    const records = await plane.call(
      'GET',
      `/api/v1/namespaces/${namespace}/secrets?labelSelector=owner%3Dhelm,name%3Dweb`,
    );
    assert.deepEqual((records.body as { items: unknown[] }).items, []);
    await chart.uninstall();
  });
