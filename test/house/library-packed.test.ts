// SPDX-License-Identifier: Apache-2.0

/**
 * The packages of the engine as a stranger gets them: packed, unpacked into an empty project beside the dependencies they declare,
 * their types checked both ways that TypeScript resolves, every example run.
 */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { buildPackages, PACKAGES } from '../../scripts/build-packages.ts';
import { findChromium, withPage } from '../kit/chromium.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const EXAMPLES = ['render', 'custom-function', 'provenance'];

/** The one thing of Node that a README uses. */
const FILES_OF_NODE = `declare module 'node:fs/promises' {
  export function readFile(path: string): Promise<Uint8Array>;
  export function readFile(path: string, encoding: 'utf8'): Promise<string>;
}
`;

let folder = '';
let project = '';

function run(command: string, args: readonly string[], cwd: string): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  assert.equal(status, 0, `${command} ${args.join(' ')}: ${stdout}${stderr}`);
  return stdout;
}

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, { readonly types: string; readonly default: string }>>;
}

const homeOf = (room: string): string => join(project, 'node_modules/@helm-operator', room);

function manifestOf(room: string): Manifest {
  return JSON.parse(readFileSync(join(homeOf(room), 'package.json'), 'utf8')) as Manifest;
}

/** As `npm install FILE.tgz` would, without asking a registry for the rest. */
async function install(room: string): Promise<void> {
  const args = ['pack', '--json', '--pack-destination', folder, join(folder, 'packages', room)];
  const [packed] = JSON.parse(run('npm', args, folder)) as { filename: string }[];
  await mkdir(homeOf(room), { recursive: true });
  const archive = join(folder, packed?.filename ?? '');
  run('tar', ['xzf', archive, '-C', homeOf(room), '--strip-components=1'], folder);
  for (const name of Object.keys(manifestOf(room).dependencies)) {
    const target = join(project, 'node_modules', name);
    if (name.startsWith('@helm-operator/') || existsSync(target)) continue;
    await symlink(join(ROOT, 'node_modules', name), target);
  }
}

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'helm-operator-library-'));
  project = join(folder, 'project');
  await buildPackages(join(folder, 'packages'));
  for (const room of Object.keys(PACKAGES)) await install(room);
  await cp(join(ROOT, 'examples'), project, { recursive: true });
});

after(() => rm(folder, { recursive: true, force: true }));

test('every entry is there, as JavaScript and as types, and the pure ones know no Node', () => {
  for (const room of Object.keys(PACKAGES)) {
    for (const [door, { types, default: code }] of Object.entries(manifestOf(room).exports)) {
      for (const file of [types, code]) assert.ok(existsSync(join(homeOf(room), file)), file);
      if (door === './node') continue;
      assert.doesNotMatch(readFileSync(join(homeOf(room), code), 'utf8'), /['"]node:/, door);
    }
    for (const file of readdirSync(join(homeOf(room), 'lib'))) {
      if (file === 'node.js') continue;
      assert.doesNotMatch(readFileSync(join(homeOf(room), 'lib', file), 'utf8'), /from "node:/);
    }
  }
});

test('the front is small and every entry can be imported', () => {
  const doors = Object.entries(PACKAGES).flatMap(([room, entries]) =>
    Object.keys(entries).map((door) => `@helm-operator/${room}${door.slice(1)}`),
  );
  const program = `for (const door of ${JSON.stringify(doors)}) console.log(door, Object.keys(await import(door)).join());`;
  const lines = run(process.execPath, ['--input-type=module', '-e', program], project)
    .trimEnd()
    .split('\n');
  assert.deepEqual(
    lines.map((line) => line.split(' ')[0]),
    doors,
  );
  const front = lines.find((line) => line.startsWith('@helm-operator/chart '))?.split(' ')[1];
  assert.deepEqual(front?.split(','), [
    ...['ChartError', 'Redactor', 'composeValues', 'createTemplateCache', 'explainValue'],
    ...['loadChart', 'objectLayer', 'plainValue', 'renderRelease', 'setLayer', 'yamlLayer'],
  ]);
});

test('types resolve for Node and for bundlers, without the types of Node', async () => {
  await writeFile(
    join(project, 'typed.ts'),
    `import { loadChart, renderRelease, type RenderedChart } from '@helm-operator/chart';
import { renderChart } from '@helm-operator/chart/engine';
import { nodePorts } from '@helm-operator/chart/node';
import { webPorts } from '@helm-operator/chart/web';
import { sprintf, type Value } from '@helm-operator/gocompat';
import { TemplateSet } from '@helm-operator/gotemplate';
const chart = await loadChart([['Chart.yaml', 'name: a']]);
const out: RenderedChart = renderRelease(chart, { ports: webPorts() });
// @ts-expect-error ports are needed
renderRelease(chart, {});
// @ts-expect-error a number is no text
const manifest: number = out.manifest;
const set = new TemplateSet({ functions: new Map() });
const value: Value = sprintf('%d', [1]);
export { manifest, nodePorts, renderChart, set, value };
`,
  );
  for (const room of Object.keys(PACKAGES)) {
    const text = readFileSync(join(homeOf(room), 'README.md'), 'utf8');
    const [, code = ''] = /```ts\n([\s\S]*?)```/.exec(text) ?? [];
    assert.notEqual(code, '', `the README of ${room} shows no code`);
    await writeFile(join(project, `readme-${room}.ts`), code);
  }
  await writeFile(join(project, 'files.d.ts'), FILES_OF_NODE);
  const files = [
    'typed.ts',
    'files.d.ts',
    ...Object.keys(PACKAGES).map((room) => `readme-${room}.ts`),
  ];
  const strict = ['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--target', 'es2024'];
  const alone = [...strict, '--skipLibCheck', 'false', '--types', ''];
  for (const [module, resolution] of [
    ['nodenext', 'nodenext'],
    ['esnext', 'bundler'],
  ] as const) {
    const how = ['--module', module, '--moduleResolution', resolution];
    run(join(ROOT, 'node_modules/.bin/tsc'), [...alone, ...how, ...files], project);
  }
});

for (const name of EXAMPLES) {
  test(`the example ${name} prints what stands beside it`, async () => {
    const expected = await readFile(join(ROOT, 'examples', name, 'expected.txt'), 'utf8');
    assert.equal(run(process.execPath, [`${name}/main.ts`], project), expected);
  });
}

const chromium = findChromium();
const isRequired = process.env['CI'] === 'true';
const skip =
  chromium === undefined && !isRequired ? 'no Chromium here: install it or set CHROMIUM' : false;

test('the example browser renders in Chromium, and again when its values change', {
  skip,
}, async () => {
  assert.ok(chromium !== undefined, 'CI needs Chromium');
  const home = join(project, 'browser');
  const { metafile } = await build({
    entryPoints: [join(home, 'main.ts')],
    outfile: join(home, 'main.js'),
    bundle: true,
    minify: true,
    format: 'iife',
    platform: 'browser',
    logLevel: 'warning',
    metafile: true,
  });
  const inputs = Object.keys(metafile.inputs);
  assert.deepEqual(
    inputs.filter((path) => path.includes('node:')),
    [],
  );
  const shown = await withPage(
    chromium,
    pathToFileURL(join(home, 'index.html')).href,
    async (page) => {
      const when = (turn: number) => `new Promise((resolve) => {
      const look = () => document.body?.dataset.shown === '${turn}'
        ? resolve(document.getElementById('manifest').textContent) : setTimeout(look, 20);
      look();
    })`;
      const first = await page.evaluate(when(1));
      await page.evaluate(`{
      const values = document.getElementById('values');
      values.value = 'greeting: Bye\\nwho: <b>moon</b>';
      values.dispatchEvent(new Event('input'));
    }`);
      return `${String(first)}${String(await page.evaluate(when(2)))}`;
    },
  );
  assert.equal(shown, await readFile(join(ROOT, 'examples/browser/expected.txt'), 'utf8'));
});
