// SPDX-License-Identifier: Apache-2.0

/**
 * What goes wrong at night, each for real: status, event and `helm-operator get releases` name the object, the reason, what mends it and
 * the next attempt. `NIGHTS=host-key,drift` runs those alone.
 */

import assert from 'node:assert/strict';
import { appendFileSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { type Story, story } from '../cluster/operator/story.ts';
import { startChartRepository } from '../kit/chart-repository.ts';
import { createRepository, scratchFolder } from '../kit/git-repository.ts';
import {
  type GitSshServer,
  makeSshKey,
  sshdProblem,
  startGitSshServer,
} from '../kit/git-ssh-server.ts';
import { type HelmReleaseView, readHelmRelease, until } from '../kit/helm-release.ts';
import { mustRun } from '../kit/kubectl.ts';
import { runCli } from '../kit/run-cli.ts';
import { round, tellFigures } from './figures.ts';
import { BUNDLE } from './fleet.ts';
import {
  type Expected,
  type ExpectedFailure,
  NIGHT_CASES,
  type Night,
  type NightCase,
  nightCharts,
} from './night-cases.ts';

/** Everything happens at once, on machines that may be slow. */
const WITHIN_MS = 240_000;
/** A file that gets what the cases told. */
const TOLD_FILE = process.env['TOLD_FILE'];

interface Failure {
  readonly [field: string]: unknown;
  readonly culprits?: readonly { readonly [field: string]: unknown }[];
}

interface Drift {
  readonly objects?: readonly {
    readonly object: string;
    readonly change: string;
    readonly fields: readonly string[];
  }[];
}

/** How a HelmRelease stands, as its reader sees it. */
interface Sight {
  readonly view: HelmReleaseView | undefined;
  readonly message: string;
  readonly events: string;
}

async function look({ plane, namespace }: Night, name: string): Promise<Sight> {
  const view = await readHelmRelease(plane, namespace, name);
  const released = view?.conditions.find(({ type }) => type === 'Released');
  const events = await mustRun('kubectl', plane.kubeconfig, [
    ...['get', 'events', '-n', namespace, '--no-headers'],
    ...['--field-selector', `involvedObject.kind=HelmRelease,involvedObject.name=${name}`],
    ...['-o', 'custom-columns=R:.reason,M:.message'],
  ]);
  return { view, message: released?.message ?? '', events };
}

/** What is not told as it must be. */
function missing({ view, message, events }: Sight, expected: Expected): readonly string[] {
  const lacks = (place: string, text: unknown, wanted: RegExp) =>
    wanted.test(String(text ?? '')) ? [] : [`${place}: ${wanted} not in ${String(text)}`];
  if ('waits' in expected)
    return [
      ...lacks('message', message, expected.waits),
      ...lacks('event', events, expected.waits),
    ];
  if ('drift' in expected) {
    const { objects = [] } = (view?.status['drift'] ?? {}) as Drift;
    const told = objects.map(
      ({ object, change, fields }) => `${object} ${change}: ${fields.join()}`,
    );
    return [
      ...lacks('drift', told.join('\n'), expected.drift),
      ...lacks('event', events, expected.event),
    ];
  }
  const failure = (view?.status['failure'] ?? {}) as Failure;
  return [
    ...lacks('message', message, expected.says),
    ...lacks('message (mend)', message, new RegExp(expected.mend.source.replaceAll(/[$^]/g, ''))),
    ...lacks('event', events, expected.says),
    ...missingIn(failure, expected),
  ];
}

function missingIn(failure: Failure, expected: ExpectedFailure): readonly string[] {
  const { link, reason, retry, mend, culprits = [], nextAttempt, waitsForChange } = failure;
  const isNext = expected.next === 'attempt' ? nextAttempt : waitsForChange;
  // What a whole wait is told by is each object's own.
  const mends = [mend, ...culprits.map((culprit) => culprit['mend'])];
  const told: readonly (readonly [place: string, isTold: boolean])[] = [
    ['link', link === expected.link],
    ['reason', reason === expected.reason],
    ['retry', retry === expected.retry],
    ['mend', mends.some((text) => expected.mend.test(String(text)))],
    ['culprit', expected.culprit?.test(String(culprits[0]?.['object'])) ?? true],
    [`next ${expected.next}`, isNext !== undefined],
  ];
  const wrong = told.filter(([, isTold]) => !isTold).map(([place]) => place);
  return wrong.length === 0 ? [] : [`${wrong.join(', ')} of ${JSON.stringify(failure)}`];
}

async function untilTold(night: Night, { name, expected }: NightCase): Promise<readonly string[]> {
  let sight: Sight | undefined;
  let found: readonly string[] = [];
  try {
    await until(
      `${name} is told`,
      async () => {
        sight = await look(night, name);
        found = missing(sight, expected);
        return found.length === 0;
      },
      WITHIN_MS,
    );
  } catch {
    return found.map((line) => `${name}: ${line}`);
  } finally {
    if (TOLD_FILE !== undefined) appendFileSync(TOLD_FILE, `${name} ${JSON.stringify(sight)}\n`);
  }
  return [];
}

async function startNight(told: Story): Promise<{ night: Night; stop: () => Promise<void> }> {
  const { plane, namespace } = told;
  const root = scratchFolder('night-git');
  const git = createRepository(root, 'charts.git');
  git.commit({ 'chart/Chart.yaml': 'apiVersion: v2\nname: a\nversion: 1.0.0\n' });
  const key = makeSshKey();
  const ssh: GitSshServer | undefined =
    sshdProblem() === undefined ? await startGitSshServer([key]) : undefined;
  const [identity, knownHosts] = [join(root, 'identity'), join(root, 'known_hosts')];
  writeFileSync(identity, key.privateKey);
  // The host was known by another key.
  writeFileSync(knownHosts, `${ssh?.knownHosts.split(' ')[0]} ${makeSshKey().publicKey}`);
  await told.operator({
    ...(existsSync(BUNDLE) ? { main: BUNDLE } : {}),
    args: [
      '--drift-detection=warn',
      '--workers=4',
      `--git-identity-file=${identity}`,
      `--git-known-hosts-file=${knownHosts}`,
      `--git-cache-dir=${join(root, 'mirrors')}`,
    ],
  });
  const repository = await startChartRepository(await nightCharts(scratchFolder('chart')));
  const closedRepository = await startChartRepository([]);
  closedRepository.fail(401);
  const path = `/apis/helm.fluxcd.io/v1/namespaces/${namespace}/helmreleases`;
  const night: Night = {
    ...{ plane, namespace, repository, closedRepository, ssh, sshFolder: git.folder },
    apply: async (name, spec, annotations = {}) => {
      const { status, body } = await plane.call(
        'PATCH',
        `${path}/${name}?fieldManager=kit&force=true`,
        {
          ...{ apiVersion: 'helm.fluxcd.io/v1', kind: 'HelmRelease' },
          metadata: { name, annotations },
          spec: { releaseName: name, timeout: 20, ...spec },
        },
        'application/apply-patch+yaml',
      );
      assert.ok(status < 300, JSON.stringify(body));
    },
    untilReleased: (name) =>
      until(
        `${name} is released`,
        async () => (await look(night, name)).view?.phase === 'Succeeded',
        WITHIN_MS,
      ),
  };
  const stop = async () => {
    await repository.stop();
    await closedRepository.stop();
    await ssh?.stop();
  };
  return { night, stop };
}

story(
  'what goes wrong at night is told with object, reason, mend and next attempt',
  async (told) => {
    const { night, stop } = await startNight(told);
    const only = process.env['NIGHTS']?.split(',');
    const cases = NIGHT_CASES.filter(
      ({ name }) => only?.includes(name) ?? (night.ssh !== undefined || name !== 'host-key'),
    );
    const startedMs = performance.now();
    try {
      for (const one of cases) await one.spoil(night);
      const found = await Promise.all(cases.map((one) => untilTold(night, one)));
      assert.ok(found.flat().length === 0, `\n${found.flat().join('\n')}`);
      tellFigures('nights', {
        failures: cases.length,
        secondsForAll: round((performance.now() - startedMs) / 1000),
      });
      const { namespace, plane } = night;
      const listed = await runCli(['get', 'releases', '-n', namespace], {
        env: { KUBECONFIG: plane.kubeconfig },
      });
      for (const { name } of cases) {
        const { message } = await look(night, name);
        assert.ok(message !== '' && listed.stdout.includes(name), `${name} is listed`);
        const explained = await runCli(['explain', name, '-n', namespace], {
          env: { KUBECONFIG: plane.kubeconfig },
        });
        assert.match(explained.stdout, new RegExp(`^HelmRelease ${namespace}/${name}: Released=`));
      }
      const foreign = await readHelmRelease(plane, namespace, 'not-owner');
      assert.equal(foreign?.status['health'], undefined, 'the health is told by the owner');
    } finally {
      await stop();
    }
  },
);
