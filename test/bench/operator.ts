// SPDX-License-Identifier: Apache-2.0

/**
 * `npm run bench -- operator [COUNT]`: the bundled operator brings COUNT HelmReleases (default 200) of one small chart to Ready, then looks
 * at all of them again: seconds, CPU and requests per release, peak RSS of operator and render host together, p99 event-loop delay.
 */

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { auditSince, markAudit, tally } from '../kit/audit.ts';
import { packChart, startChartRepository } from '../kit/chart-repository.ts';
import { type ControlPlane, startControlPlane } from '../kit/control-plane/control-plane.ts';
import { applyHelmRelease, installCrd, until } from '../kit/helm-release.ts';
import { startOperator } from '../kit/operator-process.ts';
import { sampleUsage, usageOf } from '../kit/process-usage.ts';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const MAIN = join(root, 'dist/npm/bundle/main.js');
const COUNT = Number(process.argv[2] ?? 200);
const NAMESPACE = 'bench';
const RESYNC_SECONDS = 20;
const READY_WITHIN_MS = 240_000;

async function main(): Promise<void> {
  if (!existsSync(MAIN)) throw new Error('there is no bundle: run `npm run build` first');
  const plane = await startControlPlane();
  const repository = await startChartRepository([await packChart(join(root, 'demo/charts/small'))]);
  try {
    await installCrd(plane);
    await plane.call('POST', '/api/v1/namespaces', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: NAMESPACE },
    });
    await measure(plane, repository.url);
  } finally {
    await repository.stop();
    await plane.stop();
  }
}

async function measure(plane: ControlPlane, repository: string): Promise<void> {
  const operator = await startOperator({
    kubeconfig: plane.kubeconfig,
    main: MAIN,
    args: ['--workers=8', `--charts-sync-interval=${RESYNC_SECONDS}s`],
  });
  const idle = usageOf(operator.pid);
  const sampler = sampleUsage(operator.pid);
  const mark = await markAudit(plane.auditLog);
  const startedMs = performance.now();
  for (let i = 0; i < COUNT; i++) {
    await applyHelmRelease(plane, NAMESPACE, `small-${i}`, {
      releaseName: `small-${i}`,
      chart: { repository, name: 'small', version: '1.0.0' },
      values: { message: `number ${i}` },
    });
  }
  await until(
    'all releases are ready',
    async () => (await readyCount(plane)) === COUNT,
    READY_WITHIN_MS,
    () => operator.log().slice(-3_000),
  );
  const seconds = (performance.now() - startedMs) / 1000;
  const busy = usageOf(operator.pid);
  const requests = await auditSince(plane.auditLog, mark, 'helm-operator');
  const delayMs =
    Number(
      /^helm_operator_event_loop_delay_p99_seconds ([0-9.e-]+)/m.exec(
        await operator.metrics(),
      )?.[1],
    ) * 1000;
  print('releases', String(COUNT));
  print('seconds for all', seconds.toFixed(1));
  print('CPU ms per release', ((busy.cpuMs - idle.cpuMs) / COUNT).toFixed(1));
  print('requests per release', (requests.length / COUNT).toFixed(1));
  print('peak RSS, operator and render host', `${sampler.peakMiB().toFixed(0)} MiB`);
  print('p99 event-loop delay', `${delayMs.toFixed(1)} ms`);
  process.stdout.write(`requests: ${JSON.stringify(tally(requests))}\n`);

  await new Promise((resolve) => setTimeout(resolve, 5_000));
  const quietMark = await markAudit(plane.auditLog);
  const quietFrom = usageOf(operator.pid);
  await new Promise((resolve) => setTimeout(resolve, (2 * RESYNC_SECONDS + 5) * 1000));
  const quiet = (await auditSince(plane.auditLog, quietMark, 'helm-operator')).filter(
    (event) => event.resource !== 'leases' && event.verb !== 'watch',
  );
  print('requests in two resyncs of all', String(quiet.length));
  print('CPU ms in two resyncs of all', (usageOf(operator.pid).cpuMs - quietFrom.cpuMs).toFixed(0));
  if (quiet.length > 0) process.stdout.write(`requests: ${JSON.stringify(tally(quiet))}\n`);
  sampler.stop();
  await operator.stop();
}

async function readyCount(plane: ControlPlane): Promise<number> {
  const { body } = await plane.call(
    'GET',
    `/apis/helm.fluxcd.io/v1/namespaces/${NAMESPACE}/helmreleases`,
  );
  const { items } = body as { items: { status?: { phase?: string } }[] };
  return items.filter(({ status }) => status?.phase === 'Succeeded').length;
}

function print(name: string, value: string): void {
  process.stdout.write(`${name.padEnd(40)} ${value}\n`);
}

await main();
