// SPDX-License-Identifier: Apache-2.0

/**
 * Makes the npm packages of the engine under `dist/packages/`: `@helm-operator/gocompat`, `gotemplate` and `chart`, as JavaScript with
 * `.d.ts` and `exports`, runnable in Node and in browsers.
 */

import { spawnSync } from 'node:child_process';
import { cpSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** The packages, each with its entries: what a program imports → the file in `src/`. */
export const PACKAGES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  gocompat: { '.': 'index' },
  gotemplate: { '.': 'index' },
  chart: { '.': 'library', './engine': 'index', './node': 'ports/node', './web': 'ports/web' },
};

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly license: string;
  readonly dependencies: Readonly<Record<string, string>>;
}

/** Builds all of them. @param out folder that will hold one folder for each */
export async function buildPackages(out: string): Promise<void> {
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  emitPackageTypes(join(out, '.types'));
  for (const [room, entries] of Object.entries(PACKAGES)) {
    const home = join(out, room);
    await bundle(room, entries, home);
    cpSync(join(out, '.types', room, 'src'), join(home, 'types'), { recursive: true });
    writeManifest(room, entries, home);
    cpSync(join(root, 'LICENSE'), join(home, 'LICENSE'));
    cpSync(join(root, 'packages', room, 'README.md'), join(home, 'README.md'));
  }
  rmSync(join(out, '.types'), { recursive: true });
}

/** Entries of one package share their code by chunks; other packages stay outside. */
async function bundle(
  room: string,
  entries: Readonly<Record<string, string>>,
  home: string,
): Promise<void> {
  await build({
    entryPoints: Object.fromEntries(
      Object.values(entries).map((file) => [
        file.slice(file.lastIndexOf('/') + 1),
        join(root, 'packages', room, 'src', `${file}.ts`),
      ]),
    ),
    outdir: join(home, 'lib'),
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'neutral',
    target: 'es2024',
    packages: 'external',
    external: ['node:*'],
    logLevel: 'warning',
  });
}

/** The `.d.ts` of the rooms, `ROOM/src/…`, importable as JavaScript is. @throws {Error} the types are wrong */
export function emitPackageTypes(out: string): void {
  const { status } = spawnSync(
    join(root, 'node_modules/.bin/tsc'),
    ['-p', 'tsconfig.packages.json', '--outDir', out],
    { cwd: root, stdio: 'inherit' },
  );
  if (status !== 0) throw new Error('tsc cannot make the types of the packages');
  for (const file of globSync('**/*.d.ts', { cwd: out })) {
    const path = join(out, file);
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.replaceAll(/(from |import\()(['"]\.[^'"]+)\.ts(['"])/g, '$1$2.js$3'));
  }
}

function writeManifest(
  room: string,
  entries: Readonly<Record<string, string>>,
  home: string,
): void {
  const source = JSON.parse(
    readFileSync(join(root, 'packages', room, 'package.json'), 'utf8'),
  ) as Manifest;
  const { name, version, description, license, dependencies } = source;
  const manifest = {
    name,
    version,
    description,
    license,
    keywords: ['helm', 'kubernetes', 'go', 'template', 'chart', 'yaml'],
    type: 'module',
    sideEffects: false,
    exports: Object.fromEntries(
      Object.entries(entries).map(([door, file]) => [
        door,
        {
          types: `./types/${file}.d.ts`,
          default: `./lib/${file.slice(file.lastIndexOf('/') + 1)}.js`,
        },
      ]),
    ),
    files: ['lib', 'types'],
    dependencies,
    engines: { node: '>=22' },
  };
  writeFileSync(join(home, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
}
