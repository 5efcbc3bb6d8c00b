// SPDX-License-Identifier: Apache-2.0

/**
 * `npm run demo`: the main job, live. A HelmRelease is installed, upgraded, broken, repaired and removed.
 *
 * `-- --keep` leaves everything running; `-- --kubeconfig FILE` plays in a cluster that is there, in a namespace of its own.
 */

import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { packChart, startChartRepository } from '../test/kit/chart-repository.ts';
import { type OperatorProcess, startOperator } from '../test/kit/operator-process.ts';
import { borrowedStage, ownStage, type Stage } from './cluster.ts';
import { kubectlJson, mustKubectl, realHelm } from './kubectl.ts';
import { bad, good, heading, LiveLine, line } from './terminal.ts';

const CHART = fileURLToPath(new URL('./charts/web', import.meta.url));
const STEP_WITHIN_MS = 120_000;

interface Status {
  readonly generation: number;
  readonly observedGeneration: number;
  readonly phase: string;
  readonly revision: string;
  readonly released: string;
  readonly message: string;
}

interface Values {
  readonly [key: string]: unknown;
}

async function main(): Promise<void> {
  const { values: flags } = parseArgs({
    options: { keep: { type: 'boolean', default: false }, kubeconfig: { type: 'string' } },
  });
  heading('A control plane, a chart repository and the operator');
  const stage =
    flags.kubeconfig === undefined ? await ownStage() : await borrowedStage(flags.kubeconfig);
  const repository = await startChartRepository([await packChart(CHART)]);
  const folder = await mkdtemp(join(tmpdir(), 'helm-operator-demo-'));
  const logFile = join(folder, 'operator.log');
  let operator: OperatorProcess | undefined;
  try {
    operator = await startOperator({
      kubeconfig: stage.kubeconfig,
      namespace: stage.namespace,
      logFile,
    });
    good(
      `control plane: ${stage.isOwn ? 'own, with a fake kubelet' : stage.kubeconfig}, namespace ${stage.namespace}`,
    );
    good(`chart repository: ${repository.url}`);
    good(`operator: ready, log in ${logFile}`);
    await play(stage, repository.url);
    if (flags.keep === true) await keep(stage, operator);
  } finally {
    await removeReleases(stage, operator);
    await operator?.stop();
    await repository.stop();
    await stage.end();
  }
}

async function play(stage: Stage, repository: string): Promise<void> {
  const { kubeconfig, namespace } = stage;
  await mustKubectl(kubeconfig, [
    'create',
    'secret',
    'generic',
    'web-auth',
    '-n',
    namespace,
    '--from-literal=values.yaml=auth: {password: swordfish}',
  ]);
  const apply = (name: string, values: Values) =>
    mustKubectl(
      kubeconfig,
      ['apply', '-f', '-'],
      JSON.stringify(helmRelease({ name, namespace, repository, values })),
    );

  heading('1. Installed: two HelmReleases are applied');
  await apply('guest', { message: 'just visiting', replicas: 1 });
  await apply('web', { message: 'hello' });
  await follow(stage, 'guest', (status) => status.released === 'True');
  await follow(stage, 'web', (status) => status.released === 'True');
  good(`pods: ${await pods(stage)}`);

  heading('2. Upgraded: a value changes');
  await apply('web', { message: 'hello again', replicas: 3 });
  await follow(stage, 'web', (status) => status.released === 'True');
  good(`pods: ${await pods(stage)}`);

  heading('3. Broken: an image that does not exist');
  await apply('web', {
    message: 'hello again',
    replicas: 3,
    image: { tag: 'does-not-exist' },
    outcome: 'pull',
  });
  const broken = await follow(stage, 'web', (status) => status.released === 'False');
  bad(`the reason, in the object's own status:\n${broken.message}`);

  heading('4. Repaired: the image is there again');
  await apply('web', { message: 'hello at last', replicas: 2 });
  await follow(stage, 'web', (status) => status.released === 'True');
  good(`pods: ${await pods(stage)}`);

  heading('5. Removed: a HelmRelease is deleted');
  await mustKubectl(kubeconfig, [
    'delete',
    'helmreleases.helm.fluxcd.io',
    'guest',
    '-n',
    namespace,
    '--timeout=60s',
  ]);
  good('guest is gone, and so is its release');

  heading('What the real Helm says: helm list -A');
  line(
    (await realHelm(kubeconfig, ['list', ...(stage.isOwn ? ['-A'] : ['-n', namespace])])).trimEnd(),
  );
  heading('helm history web');
  line((await realHelm(kubeconfig, ['history', 'web', '-n', namespace])).trimEnd());
}

interface ReleaseOptions {
  readonly name: string;
  readonly namespace: string;
  readonly repository: string;
  readonly values: Values;
}

function helmRelease({ name, namespace, repository, values }: ReleaseOptions): object {
  return {
    apiVersion: 'helm.fluxcd.io/v1',
    kind: 'HelmRelease',
    metadata: { name, namespace },
    spec: {
      releaseName: name,
      chart: { repository, name: 'web', version: '1.0.0' },
      wait: true,
      timeout: 15,
      valuesFrom: [{ secretKeyRef: { name: 'web-auth' } }],
      values,
    },
  };
}

/** Prints what changes in the object's status until it is as wanted, for the newest generation. */
async function follow(
  stage: Stage,
  name: string,
  isDone: (status: Status) => boolean,
): Promise<Status> {
  const live = new LiveLine();
  const deadlineMs = Date.now() + STEP_WITHIN_MS;
  for (;;) {
    const status = await statusOf(stage, name);
    if (status !== undefined) {
      live.show(
        `${name}  ${status.phase}${status.phase === 'Succeeded' ? `  chart ${status.revision}` : ''}`,
      );
      if (status.observedGeneration === status.generation && isDone(status)) return status;
    }
    if (Date.now() > deadlineMs)
      throw new Error(`${name} did not get there: ${JSON.stringify(status)}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

async function statusOf(
  { kubeconfig, namespace }: Stage,
  name: string,
): Promise<Status | undefined> {
  const object = await kubectlJson(kubeconfig, [
    'get',
    'helmreleases.helm.fluxcd.io',
    name,
    '-n',
    namespace,
  ]);
  if (object === undefined) return undefined;
  const { generation } = object['metadata'] as { generation: number };
  const status = (object['status'] ?? {}) as {
    observedGeneration?: number;
    phase?: string;
    revision?: string;
    conditions?: { type: string; status: string; message?: string }[];
  };
  const released = status.conditions?.find(({ type }) => type === 'Released');
  return {
    generation,
    observedGeneration: status.observedGeneration ?? 0,
    phase: status.phase ?? '',
    revision: status.revision ?? '',
    released: released?.status ?? '',
    message: released?.message ?? '',
  };
}

async function pods({ kubeconfig, namespace }: Stage): Promise<string> {
  const text = await mustKubectl(kubeconfig, ['get', 'pods', '-n', namespace, '--no-headers']);
  const lines = text.split('\n').filter((pod) => pod !== '');
  return `${lines.filter((pod) => pod.includes('Running')).length} running of ${lines.length}`;
}

async function keep(stage: Stage, operator: OperatorProcess): Promise<void> {
  heading('Left running (Ctrl-C ends it)');
  line(`export KUBECONFIG=${stage.kubeconfig}`);
  line(`kubectl get helmreleases.helm.fluxcd.io -n ${stage.namespace}`);
  line(`curl ${operator.url}/metrics`);
  await new Promise((resolve) => process.once('SIGINT', resolve).once('SIGTERM', resolve));
}

/** The operator removes the releases while it still runs, so that a borrowed cluster is left as it was. */
async function removeReleases(
  { kubeconfig, namespace, isOwn }: Stage,
  operator?: OperatorProcess,
): Promise<void> {
  if (isOwn || operator === undefined) return;
  await mustKubectl(kubeconfig, [
    'delete',
    'helmreleases.helm.fluxcd.io',
    '--all',
    '-n',
    namespace,
    '--timeout=120s',
  ]);
}

await main();
