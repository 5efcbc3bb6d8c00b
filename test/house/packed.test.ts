// SPDX-License-Identifier: Apache-2.0

/** The npm package as a stranger gets it: packed, unpacked into an empty project, its types checked, used. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const PROGRAM = `
import { type Chart, loadFiles, DEFAULT_CAPABILITIES } from 'helm-operator/chart';
import { sprintf } from 'helm-operator/gocompat';
import { TemplateSet } from 'helm-operator/gotemplate';
import * as rooms from './rooms.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const files = [{ name: 'Chart.yaml', data: bytes('apiVersion: v2\\nname: mine\\nversion: 1.0.0\\n') }];
const chart: Chart = loadFiles(files, { unpack: () => [] });
const set = new TemplateSet({ functions: new Map() });
set.parse('a', 'hello');
console.log(sprintf('%s %T', [chart.metadata.name, 1]), DEFAULT_CAPABILITIES.helm3.kubeVersion.version, set.has('a'), rooms.count);
`;

/** Nested nearly as deep as Helm allows. */
const NESTED = `{{- define "r" }}{{ if gt (int .) 0 }}{{ include "r" (sub (int .) 1) }}{{ else }}end: true{{ end }}{{ end -}}
{{ include "r" 990 }}
`;

function run(command: string, args: readonly string[], cwd: string): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  assert.equal(status, 0, `${command} ${args.join(' ')}: ${stdout}${stderr}`);
  return stdout;
}

test('the packed package works in an empty project, with its types', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'helm-operator-packed-'));
  try {
    run(process.execPath, [join(ROOT, 'scripts/build.ts'), '--out', join(folder, 'dist')], ROOT);
    const [packed] = JSON.parse(
      run('npm', ['pack', '--json', '--pack-destination', folder, join(folder, 'dist')], folder),
    ) as { filename: string }[];
    const home = join(folder, 'project/node_modules/helm-operator');
    await mkdir(home, { recursive: true });
    run(
      'tar',
      ['xzf', join(folder, packed?.filename ?? ''), '-C', home, '--strip-components=1'],
      folder,
    );
    const manifest = JSON.parse(await readFile(join(home, 'package.json'), 'utf8'));
    for (const name of Object.keys(manifest.dependencies)) {
      const target = join(folder, 'project/node_modules', name);
      await mkdir(join(target, '..'), { recursive: true });
      await cp(join(ROOT, 'node_modules', name), target, { recursive: true, dereference: true });
    }
    // The types of Node refer to those of undici.
    await symlink(
      join(ROOT, 'node_modules/undici-types'),
      join(folder, 'project/node_modules/undici-types'),
    );
    const project = join(folder, 'project');
    const names = Object.keys(manifest.exports).map((name) => name.slice(2));
    await writeFile(join(project, 'package.json'), '{"type":"module"}');
    await writeFile(join(project, 'main.ts'), PROGRAM);
    await writeFile(
      join(project, 'rooms.ts'),
      `${names.map((name) => `import * as ${name} from 'helm-operator/${name}';`).join('\n')}
export const count: number = [${names.join(', ')}].filter((room) => Object.keys(room).length > 0).length;`,
    );
    run(
      join(ROOT, 'node_modules/.bin/tsc'),
      [
        ...['--noEmit', '--strict', '--module', 'nodenext', '--target', 'esnext'],
        ...['--types', 'node', '--allowImportingTsExtensions', 'main.ts'],
      ],
      project,
    );
    assert.equal(
      run(process.execPath, ['main.ts'], project),
      `mine float64 v1.37.0 true ${names.length}\n`,
    );
    const bin = join(home, manifest.bin['helm-operator']);
    assert.match(
      run(
        process.execPath,
        [bin, 'helm', 'template', 'x', join(ROOT, 'demo/charts/small')],
        project,
      ),
      /^---\n# Source: small/,
    );
    const deep = join(folder, 'deep');
    await mkdir(join(deep, 'templates'), { recursive: true });
    await writeFile(join(deep, 'Chart.yaml'), 'apiVersion: v2\nname: deep\nversion: 1.0.0\n');
    await writeFile(join(deep, 'templates/a.yaml'), NESTED);
    assert.match(run(process.execPath, [bin, 'helm', 'template', deep], project), /end: true/);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
