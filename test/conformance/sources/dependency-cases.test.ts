// SPDX-License-Identifier: Apache-2.0

/** `helm dependency build` and `update` beside ours: the same charts, the same lock, the same words. */

import assert from 'node:assert/strict';
import { cp, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { loadArchive } from '@helm-operator/chart';
import { createFetchPorts, openRegistry } from '@helm-operator/fetch';
import { archivePorts } from '@helm-operator/helm';
import { type ChartRepository, startChartRepository } from '../../kit/chart-repository.ts';
import { pushChart } from '../../kit/oci-push.ts';
import { type OciRegistry, startOciRegistry } from '../../kit/oci-registry.ts';
import { runCli } from '../../kit/run-cli.ts';
import { tarball } from '../../kit/tarball.ts';
import { openWorkspace, type Workspace } from './peer.ts';

let workspace: Workspace;
let repository: ChartRepository;
let other: ChartRepository;
let registry: OciRegistry;

const archive = (name: string, version: string) =>
  tarball({
    [`${name}/Chart.yaml`]: `apiVersion: v2\nname: ${name}\nversion: ${version}\n`,
    [`${name}/values.yaml`]: `of: ${version}\n`,
  });
const packed = (name: string, version: string) => ({
  name,
  version,
  archive: archive(name, version),
});

before(async () => {
  [workspace, repository, other, registry] = await Promise.all([
    openWorkspace(),
    startChartRepository([
      packed('db', '1.0.0'),
      packed('db', '1.1.0'),
      packed('db', '2.0.0'),
      packed('db', '2.1.0-rc.1'),
      packed('cache', '0.3.0+build.7'),
    ]),
    startChartRepository([packed('queue', '5.0.0')]),
    startOciRegistry(),
  ]);
  const credentials = { isPlainHttp: true };
  const ports = createFetchPorts({ userAgent: 'test' });
  const client = openRegistry({ registry: registry.host, credentials, ports });
  for (const version of ['1.0.0', '1.2.0', '2.0.0']) {
    const reference = `${registry.host}/charts/mail:${version}`;
    await pushChart(client, reference, archive('mail', version));
  }
  const added = await workspace.helm(['repo', 'add', 'mine', repository.url]);
  assert.ok(added.isAccepted, added.text);
});
after(async () => {
  await Promise.all([repository, other, registry, workspace].map((one) => one.stop()));
});

interface Case {
  readonly name: string;
  /** Lines of `dependencies` in Chart.yaml; `undefined`: there are none. */
  readonly wants: string | undefined;
  readonly verb?: 'build' | 'update' | undefined;
  /** Before `verb`, an update by Helm; then this. */
  readonly change?: ((folder: string) => Promise<void>) | undefined;
  readonly flags?: readonly string[] | undefined;
  readonly apiVersion?: 'v1' | undefined;
  readonly prepare?: ((folder: string) => Promise<void>) | undefined;
  readonly mayDiffer?: boolean | undefined;
}

const chartYaml = (name: string, version: string, more = '') =>
  `apiVersion: v2\nname: ${name}\nversion: ${version}\n${more}`;

async function makeChart(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(folder, path, '..'), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}

const local = (folder: string, name: string, version = '0.1.0', more = '') =>
  makeChart(join(folder, '..', name), {
    'Chart.yaml': chartYaml(name, version, more),
    'values.yaml': 'a: 1 # kept\n',
    'templates/x.yaml': 'x: {{ .Values.a }}\n',
    'README.md': 'hello\n',
    '.helmignore': 'secret.txt\n',
    'secret.txt': 'not packed\n',
  });
const unpacked = (folder: string, name: string, version = '0.1.0') =>
  makeChart(join(folder, 'charts', name), { 'Chart.yaml': chartYaml(name, version) });

const entry = (name: string, version: string, at: string, more = '') =>
  `- name: ${name}\n  version: "${version}"\n${at === '' ? '' : `  repository: "${at}"\n`}${more}`;

function makeCases(): Case[] {
  const [url, oci] = [repository.url, `oci://${registry.host}/charts`];
  const db = entry('db', '^1.0.0', url);
  const rewrite = (file: string, from: string | RegExp, to: string) => async (folder: string) => {
    const path = join(folder, file);
    await writeFile(path, (await readFile(path, 'utf8')).replace(from, to));
  };
  const plain = ['--plain-http'];
  return [
    { name: 'none wanted', wants: undefined },
    { name: 'an empty list', wants: '' },
    { name: 'a range', wants: db },
    { name: 'an exact version', wants: entry('db', '1.0.0', url) },
    { name: 'a short version', wants: entry('db', '1', url) },
    { name: 'anything', wants: entry('db', '*', url) },
    { name: 'a prerelease', wants: entry('db', '>=2.1.0-0', url) },
    { name: 'build metadata', wants: entry('cache', '0.3.0', url) },
    { name: 'an alias of a repository', wants: entry('db', '^1.0.0', '@mine') },
    { name: 'the other way to write it', wants: entry('db', '^1.0.0', 'alias:mine') },
    { name: 'a slash at the end', wants: entry('db', '^1.0.0', `${url}/`) },
    {
      name: 'aliases, conditions, tags, imports',
      wants:
        db +
        entry(
          'db',
          '^1.0.0',
          url,
          '  alias: second\n  condition: second.enabled\n  tags: [a, b]\n  import-values:\n    - child: x\n      parent: y\n    - z\n',
        ),
    },
    { name: 'two versions of one', wants: db + entry('db', '2.0.0', url, '  alias: second\n') },
    { name: 'a repository that nobody added', wants: entry('queue', '5.x', other.url) },
    { name: 'repositories of both kinds', wants: db + entry('queue', '5.x', other.url) },
    {
      name: 'a folder',
      wants: entry('side', '>=0.1.0', 'file://../side'),
      prepare: (folder) => local(folder, 'side'),
    },
    {
      name: 'a folder with dependencies of its own',
      wants: entry('nested', '*', 'file://../nested'),
      prepare: async (folder) => {
        await local(
          folder,
          'nested',
          '1.0.0',
          'dependencies:\n- name: inner\n  version: 0.1.0\n  repository: ""\n',
        );
        await unpacked(join(folder, '../nested'), 'inner');
      },
    },
    {
      name: 'a folder of another version',
      wants: entry('side', '^9', 'file://../side'),
      prepare: (folder) => local(folder, 'side'),
    },
    { name: 'a folder that is not there', wants: entry('side', '*', 'file://../nowhere') },
    {
      name: 'an unpacked one',
      wants: entry('own', '0.x', ''),
      prepare: (folder) => unpacked(folder, 'own'),
    },
    {
      name: 'an unpacked one of another version',
      wants: entry('own', '^9', ''),
      prepare: (folder) => unpacked(folder, 'own'),
    },
    { name: 'an unpacked one that is not there', wants: entry('own', '*', '') },
    { name: 'a registry', wants: entry('mail', '^1.0.0', oci), flags: plain },
    { name: 'a registry, an exact version', wants: entry('mail', '1.0.0', oci), flags: plain },
    { name: 'a registry without what is wanted', wants: entry('mail', '^9', oci), flags: plain },
    {
      name: 'a registry without the chart',
      wants: entry('absent', '^9', oci),
      flags: plain,
      mayDiffer: true,
    },
    {
      name: 'all kinds',
      wants:
        db +
        entry('mail', '^1.0.0', oci) +
        entry('side', '*', 'file://../side') +
        entry('own', '*', ''),
      flags: plain,
      prepare: async (folder) => {
        await local(folder, 'side');
        await unpacked(folder, 'own');
      },
    },
    { name: 'no such version', wants: entry('db', '^9', url) },
    { name: 'two without a version', wants: entry('db', '^9', url) + entry('cache', '>7', url) },
    { name: 'no such chart', wants: entry('absent', '*', url) },
    { name: 'no version at all', wants: entry('db', '', url) },
    { name: 'a range that is none', wants: entry('db', 'x.y', url) },
    { name: 'an unknown alias', wants: entry('db', '*', '@nobody') },
    { name: 'a name where a URL belongs', wants: entry('db', '*', 'stable') },
    {
      name: 'two unknown names',
      wants: entry('db', '*', 'stable') + entry('cache', '*', '@nobody'),
    },
    {
      name: 'a repository that does not answer',
      wants: entry('db', '*', 'http://127.0.0.1:1/x'),
      mayDiffer: true,
    },
    {
      name: 'charts/ is a file',
      wants: db,
      prepare: (folder) => writeFile(join(folder, 'charts'), 'x'),
    },
    {
      name: 'charts/ holds an old one',
      wants: db,
      prepare: (folder) =>
        makeChart(folder, {}).then(async () => {
          await mkdir(join(folder, 'charts'));
          await writeFile(join(folder, 'charts/db-0.9.0.tgz'), archive('db', '0.9.0'));
          await writeFile(join(folder, 'charts/gone-1.0.0.tgz'), archive('gone', '1.0.0'));
        }),
    },
    {
      name: 'charts/ holds what is no chart',
      wants: db,
      prepare: async (folder) => {
        await mkdir(join(folder, 'charts'));
        await writeFile(join(folder, 'charts/_note.txt'), 'x');
      },
    },
    {
      name: 'the lock is a link',
      wants: db,
      prepare: async (folder) => {
        await writeFile(join(folder, 'elsewhere.lock'), '');
        await symlink('elsewhere.lock', join(folder, 'Chart.lock'));
      },
    },
    { name: 'requirements.yaml', wants: db, apiVersion: 'v1' },
    { name: 'kept indexes are enough', wants: db, flags: ['--skip-refresh'] },
    {
      name: 'no index is kept',
      wants: entry('queue', '*', 'http://127.0.0.1:1/never'),
      flags: ['--skip-refresh'],
    },
    { name: 'build without a lock', wants: db, verb: 'build' },
    {
      name: 'build by the lock',
      wants: db,
      verb: 'build',
      change: (folder) => rm(join(folder, 'charts'), { recursive: true }),
    },
    {
      name: 'build of a registry',
      wants: entry('mail', '^1.0.0', oci),
      flags: plain,
      verb: 'build',
      change: (folder) => rm(join(folder, 'charts'), { recursive: true }),
    },
    {
      name: 'build with aliases',
      wants: entry('db', '^1.0.0', '@mine'),
      verb: 'build',
      change: (folder) => rm(join(folder, 'charts'), { recursive: true }),
    },
    {
      name: 'build of a folder',
      wants: entry('side', '*', 'file://../side'),
      verb: 'build',
      prepare: (folder) => local(folder, 'side'),
      change: (folder) => rm(join(folder, 'charts'), { recursive: true }),
    },
    {
      name: 'build after another range',
      wants: db,
      verb: 'build',
      change: rewrite('Chart.yaml', '^1.0.0', '^2.0.0'),
    },
    {
      name: 'build after a changed lock',
      wants: db,
      verb: 'build',
      change: rewrite('Chart.lock', '1.1.0', '1.0.0'),
    },
    {
      name: 'build after a changed condition',
      wants: db,
      verb: 'build',
      change: (folder) =>
        rewrite('Chart.yaml', '  version: "^1', '  condition: a.b\n  version: "^1')(folder),
    },
    {
      name: 'build after another time in the lock',
      wants: db,
      verb: 'build',
      change: rewrite('Chart.lock', /generated: .*/, 'generated: "2020-01-01T00:00:00Z"'),
    },
    {
      name: 'build of a repository that nobody added',
      wants: entry('queue', '5.x', other.url),
      verb: 'build',
      change: async () => undefined,
    },
    {
      name: 'build of requirements.lock',
      wants: db,
      apiVersion: 'v1',
      verb: 'build',
      change: (folder) => rm(join(folder, 'charts'), { recursive: true }),
    },
    {
      name: 'build of requirements.yaml that changed',
      wants: db,
      apiVersion: 'v1',
      verb: 'build',
      change: rewrite('requirements.yaml', '^1.0.0', '^2.0.0'),
    },
    {
      name: 'update again: the lock stays',
      wants: db,
      change: rewrite('Chart.lock', /generated: .*/, 'generated: "2020-01-01T00:00:00Z"'),
    },
    {
      name: 'update to another range',
      wants: db,
      change: rewrite('Chart.yaml', '^1.0.0', '^2.0.0'),
    },
    {
      name: 'update when one is no longer wanted',
      wants: db + entry('cache', '0.3.0', url),
      change: rewrite('Chart.yaml', /- name: cache[\s\S]*/, ''),
    },
    {
      name: 'verify: there is no signature',
      wants: db,
      flags: ['--verify', '--keyring', '/dev/null'],
      mayDiffer: true,
    },
    {
      name: 'build, verify if possible',
      wants: db,
      flags: ['--verify', '--keyring', '/dev/null'],
      verb: 'build',
      change: async () => undefined,
      mayDiffer: true,
    },
  ];
}

async function prepare(one: Case, folder: string): Promise<void> {
  const { wants, apiVersion } = one;
  const list = wants === undefined ? '' : `dependencies:${wants === '' ? ' []' : `\n${wants}`}`;
  await makeChart(folder, {
    'Chart.yaml':
      apiVersion === undefined
        ? chartYaml('top', '1.0.0', list)
        : 'apiVersion: v1\nname: top\nversion: 1.0.0\n',
    'values.yaml': '{}\n',
    ...(apiVersion === undefined ? {} : { 'requirements.yaml': list }),
  });
  await one.prepare?.(folder);
  if (one.change === undefined) return;
  const flags = (one.flags ?? []).filter((flag) => flag === '--plain-http');
  const done = await workspace.helm(['dependency', 'update', folder, ...flags]);
  assert.ok(done.isAccepted, `${one.name}: ${done.text}`);
  await one.change(folder);
}

/** Everything in a chart's folder that the verb may have changed; archives by what is in them. */
async function stateOf(folder: string): Promise<Record<string, string>> {
  const state: Record<string, string> = {};
  for (const name of ['Chart.lock', 'requirements.lock']) {
    const text = await readFile(join(folder, name), 'utf8').catch(() => undefined);
    if (text === undefined) continue;
    state[name] = text.replace(/generated: "(?!2020).*"/, 'generated: NOW');
  }
  const charts = await readdir(join(folder, 'charts'), { recursive: true }).catch(() => []);
  for (const name of charts.sort()) {
    state[`charts/${name}`] = '';
    if (!name.endsWith('.tgz')) continue;
    const { raw } = loadArchive(await readFile(join(folder, 'charts', name)), archivePorts);
    const files = raw.map((file) => [file.name, Buffer.from(file.data).toString()]);
    state[`charts/${name}`] = JSON.stringify(files);
  }
  state['rest'] = (await readdir(folder)).sort().join();
  return state;
}

test('dependencies come as Helm brings them', async () => {
  const cases = makeCases();
  const wrong: string[] = [];
  const ourCache = join(workspace.folder, 'our-cache');
  await cp(workspace.env['HELM_CACHE_HOME'] ?? '', ourCache, { recursive: true });
  for (const [index, one] of cases.entries()) {
    const folder = join(workspace.folder, `case-${index}`, 'theirs', 'top');
    await prepare(one, folder);
    const copy = join(workspace.folder, `case-${index}`, 'ours', 'top');
    await cp(join(folder, '..'), join(copy, '..'), { recursive: true, verbatimSymlinks: true });
    const { verb = 'update', flags = [] } = one;
    const theirs = await workspace.helm(['dependency', verb, folder, ...flags]);
    const ours = await runCli(['helm', 'dependency', verb, copy, ...flags], {
      env: { ...workspace.env, HELM_CACHE_HOME: ourCache },
      folder: workspace.folder,
    });
    const told = ours.code === 0 ? ours.stdout : ours.stderr.replace(/^[\s\S]*?Error: /, '');
    const text = told
      .trimEnd()
      .replaceAll(join(copy, '..'), join(folder, '..'))
      .replaceAll(ourCache, workspace.env['HELM_CACHE_HOME'] ?? '');
    const isAccepted = ours.code === 0;
    const isSame =
      isAccepted === theirs.isAccepted &&
      (one.mayDiffer === true || lines(text) === lines(theirs.text));
    if (!isSame) {
      wrong.push(
        `${one.name}:\n  helm: ${JSON.stringify(theirs)}\n  ours: ${JSON.stringify({ isAccepted, text })}`,
      );
    }
    const [expected, found] = [await stateOf(folder), await stateOf(copy)];
    if (JSON.stringify(expected) !== JSON.stringify(found)) {
      wrong.push(
        `${one.name}: files\n  helm: ${JSON.stringify(expected)}\n  ours: ${JSON.stringify(found)}`,
      );
    }
  }
  assert.deepEqual(wrong, []);
  assert.ok(cases.length >= 50, `${cases.length} cases`);
});

/** Repositories are updated at the same time, in any order. */
function lines(text: string): string {
  return text.split('\n').sort().join('\n');
}
