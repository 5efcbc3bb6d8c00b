// SPDX-License-Identifier: Apache-2.0

/**
 * Makes what is published and shipped, under `dist/`:
 *
 * - `dist/npm/`: the npm package `helm-operator`: the launcher, the bundled command, each room as a JavaScript library with `.d.ts` and `exports`;
 * - `dist/packages/`: the packages of the engine, each by itself (`build-packages.ts`);
 * - the bundle alone (`dist/npm/bundle`) is what the container image holds and what the benchmarks time.
 */

import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { bundleCommand, EXTERNAL, REQUIRE } from './build/bundle-command.ts';
import { buildPackages } from './build-packages.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** `--out FOLDER`, for a test: the npm package alone. */
const { values: flags } = parseArgs({ options: { out: { type: 'string' } } });
const out = resolve(flags.out ?? join(root, 'dist/npm'));

/** The rooms a program may import as `helm-operator/ROOM`. */
const LIBRARIES = [
  'gocompat',
  'gotemplate',
  'chart',
  'fetch',
  'kube',
  'helm',
  'api',
  'operator',
] as const;

interface Manifest {
  readonly version: string;
  readonly description: string;
  readonly license: string;
  readonly devDependencies: Readonly<Record<string, string>>;
}

async function main(): Promise<void> {
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  await bundleCommand(join(out, 'bundle'));
  await bundleLibraries();
  emitTypes();
  writeManifest();
  for (const file of ['LICENSE', 'README.md', 'CHANGELOG.md']) {
    if (existsSync(join(root, file))) cpSync(join(root, file), join(out, file));
  }
  cpSync(join(root, 'packages/cli/bin'), join(out, 'bin'), { recursive: true });
  if (flags.out === undefined) await buildPackages(join(root, 'dist/packages'));
  for (const file of globSync('bundle/*.js', { cwd: out })) {
    process.stdout.write(
      `${join(out, file)}  ${Math.round(statSync(join(out, file)).size / 1024)} KiB\n`,
    );
  }
}

/** Rooms share code by chunks, so that a class of one room is the same class in all. */
async function bundleLibraries(): Promise<void> {
  await build({
    entryPoints: Object.fromEntries(
      LIBRARIES.map((room) => [room, join(root, `packages/${room}/src/index.ts`)]),
    ),
    outdir: join(out, 'lib'),
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    packages: 'bundle',
    external: [...EXTERNAL],
    logLevel: 'warning',
    banner: { js: REQUIRE },
  });
}

function emitTypes(): void {
  const types = join(out, 'types');
  const { status } = spawnSync(
    join(root, 'node_modules/.bin/tsc'),
    ['-p', 'tsconfig.build.json', '--outDir', types],
    { cwd: root, stdio: 'inherit' },
  );
  if (status !== 0) process.exit(1);
  for (const file of globSync('**/*.d.ts', { cwd: types })) {
    const path = join(types, file);
    const text = readFileSync(path, 'utf8').replaceAll(
      /(from |import\()(['"])@helm-operator\/([a-z]+)((?:\/[a-z]+)?)\2/g,
      (_, before: string, quote: string, room: string, door: string) =>
        `${before}${quote}${relativeTo(path, join(types, room, moduleOf(room, door)))}${quote}`,
    );
    writeFileSync(path, text.replaceAll(/(from |import\()(['"]\.[^'"]+)\.ts\2?/g, '$1$2.js'));
  }
}

/** The module behind a door of a room: `chart`, `/node` → `src/ports/node.js`. */
function moduleOf(room: string, door: string): string {
  const { exports: doors } = JSON.parse(
    readFileSync(join(root, `packages/${room}/package.json`), 'utf8'),
  ) as { exports: Record<string, string> };
  const file = doors[`.${door}`];
  if (file === undefined) throw new Error(`packages/${room}/package.json exports no .${door}`);
  return file.replace(/\.ts$/, '.js');
}

function relativeTo(from: string, to: string): string {
  const path = relative(dirname(from), resolve(to));
  return path.startsWith('.') ? path : `./${path}`;
}

function externals(): Record<string, string | undefined> {
  const { dependencies } = JSON.parse(
    readFileSync(join(root, 'packages/helm/package.json'), 'utf8'),
  ) as { dependencies: Record<string, string> };
  return Object.fromEntries(EXTERNAL.map((name) => [name, dependencies[name]]));
}

function writeManifest(): void {
  const source = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;
  const dev = source.devDependencies;
  const manifest = {
    name: 'helm-operator',
    version: source.version,
    description: source.description,
    license: source.license,
    type: 'module',
    bin: { 'helm-operator': './bin/helm-operator.js' },
    exports: Object.fromEntries(
      LIBRARIES.map((room) => [
        `./${room}`,
        { types: `./types/${room}/src/index.d.ts`, default: `./lib/${room}.js` },
      ]),
    ),
    files: ['bin', 'bundle', 'lib', 'types'],
    // The Node that runs it, the types that its own refer to, and what is not bundled.
    dependencies: { node: dev['node'], '@types/node': dev['@types/node'], ...externals() },
    engines: { node: '>=18' },
  };
  writeFileSync(join(out, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
}

await main();
