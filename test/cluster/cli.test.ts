// SPDX-License-Identifier: Apache-2.0

/** Our commands print the same bytes as the real Helm, for the same releases and the same charts. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type CommandResult, mustRun, runPeer } from '../kit/kubectl.ts';
import { clusterTest, makeNamespace } from '../kit/shared-plane.ts';

const MAIN = fileURLToPath(new URL('../../packages/cli/src/main.ts', import.meta.url));
const CHART = fileURLToPath(new URL('../../demo/charts/web', import.meta.url));

function runOurs(kubeconfig: string, args: readonly string[]): Promise<CommandResult> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [MAIN, ...args],
      { env: { KUBECONFIG: kubeconfig, TZ: 'UTC', PATH: process.env['PATH'] }, maxBuffer: 2 ** 26 },
      (error, stdout, stderr) =>
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
    );
  });
}

clusterTest('helm list and helm history print what Helm prints', async (plane) => {
  const namespace = await makeNamespace(plane, 'cli');
  const helm = (...args: string[]) =>
    mustRun('helm3', plane.kubeconfig, [...args, '-n', namespace]);
  await helm('install', 'web', CHART);
  await helm('upgrade', 'web', CHART, '--set', 'message=two', '--description', 'my words');
  await helm('install', 'another', CHART, '--no-hooks');
  const rows: readonly (readonly string[])[] = [
    ['list'],
    ['list', '-o', 'json'],
    ['list', '-o', 'yaml'],
    ['list', '-q'],
    ['list', '-q', '-o', 'json'],
    ['list', '-q', '-o', 'yaml'],
    ['list', '--no-headers'],
    ['list', '--time-format', '2006-01-02'],
    ['list', '-f', '^w'],
    ['list', '-f', 'nothing'],
    ['list', '-f', 'nothing', '-o', 'json'],
    ['list', '--superseded'],
    ['list', '--all', '-r'],
    ['list', '-d', '-m', '1'],
    ['list', '--offset', '1'],
    ['history', 'web'],
    ['history', 'web', '-o', 'json'],
    ['history', 'web', '-o', 'yaml'],
    ['history', 'web', '--max', '1'],
    ['history', 'nope'],
  ];
  for (const row of rows) {
    const args = [...row, '-n', namespace];
    const theirs = await runPeer('helm3', plane.kubeconfig, args);
    assert.deepEqual(await runOurs(plane.kubeconfig, ['helm', ...args]), theirs, row.join(' '));
  }
});

clusterTest('helm template prints what Helm prints, errors included', async (plane) => {
  const rows: readonly (readonly string[])[] = [
    ['demo', CHART],
    [CHART],
    ['demo', CHART, '--set', 'message=x', '--no-hooks', '-n', 'apps'],
    ['demo', CHART, '--skip-tests', '--is-upgrade'],
    ['demo', CHART, '-s', 'templates/service.yaml', '-s', 'templates/tests/reachable.yaml'],
    ['demo', CHART, '-s', 'templates/none.yaml'],
    ['demo', CHART, '--set', 'a[=1'],
    ['demo', CHART, '--set-json', 'a={'],
    ['demo', CHART, '-f', '/does/not/exist.yaml'],
    ['demo', CHART, '--kube-version', '1.20'],
    ['demo', CHART, '--set', 'migration=on'],
    [
      'demo',
      CHART,
      '--set-string',
      'replicas=3,auth.password=12',
      '--include-crds',
      '-a',
      'foo/v1',
    ],
    ['UPPER', CHART],
    ['demo', './does-not-exist'],
    ['demo', 'does/not-exist'],
    ['demo', 'does-not-exist'],
  ];
  for (const row of rows) {
    const theirs = await runPeer('helm3', plane.kubeconfig, ['template', ...row]);
    assert.deepEqual(
      await runOurs(plane.kubeconfig, ['helm', 'template', ...row]),
      theirs,
      row.join(' '),
    );
  }
});
