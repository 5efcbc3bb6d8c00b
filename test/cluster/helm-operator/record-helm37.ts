// SPDX-License-Identifier: Apache-2.0

/** Writes `release-helm-3.7.0.json`: a release of the demo chart with two revisions, and its live objects, as Helm 3.7.0 makes them. */

import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { startControlPlane } from '../../kit/control-plane/control-plane.ts';
import { mustRun } from '../../kit/kubectl.ts';

const WEB_CHART = fileURLToPath(new URL('../../../demo/charts/web', import.meta.url));
/** Replaced by the namespace it is restored to. */
const NAMESPACE = 'recorded-namespace';
const OBJECTS = ['deployments.apps', 'services', 'configmaps'];
const RECORDS = ['get', 'secrets', '-l', 'owner=helm', '-o', 'json'];

interface Item {
  metadata: Record<string, unknown>;
  spec?: Record<string, unknown>;
  status?: unknown;
}

/** Without what a cluster adds. */
function portable(item: Item): Item {
  const { metadata, status: _, ...rest } = item;
  const { name, labels, annotations } = metadata;
  for (const field of ['clusterIP', 'clusterIPs']) delete rest.spec?.[field];
  return { ...rest, metadata: { name, labels, annotations } };
}

const plane = await startControlPlane();
try {
  const namespace = NAMESPACE;
  await mustRun('kubectl', plane.kubeconfig, ['create', 'namespace', namespace]);
  const helm = (...args: string[]) =>
    mustRun('helm37', plane.kubeconfig, [...args, '-n', namespace]);
  await helm('install', 'web', WEB_CHART, '--set', 'message=one');
  await helm('upgrade', 'web', WEB_CHART, '--set', 'message=two');
  const get = async (args: readonly string[]): Promise<Item[]> =>
    JSON.parse(await mustRun('kubectl', plane.kubeconfig, [...args, '-n', namespace])).items;
  const records = await get(RECORDS);
  const objects = (await get(['get', OBJECTS.join(','), '-o', 'json'])).filter(
    ({ metadata }) => metadata['name'] === 'web-web',
  );
  const recorded = { namespace, records: records.map(portable), objects: objects.map(portable) };
  const file = new URL('release-helm-3.7.0.json', import.meta.url);
  writeFileSync(file, `${JSON.stringify(recorded, null, 1)}\n`);
} finally {
  await plane.stop();
}
