// SPDX-License-Identifier: Apache-2.0

/** The rooms import only what docs/architecture.md allows, without cycles, and the pure ones stay pure. */

import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** Room → the rooms it may import. */
const ALLOWED: ReadonlyMap<string, readonly string[]> = new Map([
  ['gocompat', []],
  ['gotemplate', ['gocompat']],
  ['chart', ['gocompat', 'gotemplate']],
  ['kube', ['gocompat']],
  ['fetch', ['gocompat']],
  ['helm', ['gocompat', 'chart', 'kube', 'fetch']],
  ['api', ['gocompat', 'chart', 'kube', 'helm']],
  ['operator', ['gocompat', 'chart', 'kube', 'fetch', 'helm', 'api']],
  ['cli', ['gocompat', 'gotemplate', 'chart', 'kube', 'fetch', 'helm', 'api', 'operator']],
]);
const PURE: readonly string[] = ['gocompat', 'gotemplate', 'chart'];
/** Here a pure room meets the world: entries of their own, which the others do not need. */
const PORTS = 'packages/chart/src/ports/';
const FORBIDDEN_FOLDERS = /\/(shared|common|utils?|helpers)\//;

interface Import {
  readonly file: string;
  readonly target: string;
}

const files = globSync('packages/*/src/**/*.ts', { cwd: root })
  .filter((file) => !file.endsWith('.test.ts'))
  .sort();
const imports: readonly Import[] = files.flatMap((file) => {
  const text = readFileSync(join(root, file), 'utf8');
  const found = text.matchAll(
    /^(?:import|export)\b[^'";]*?\bfrom\s+'([^']+)'|^import\s+'([^']+)'|\bimport\(\s*'([^']+)'/gm,
  );
  return [...found].map((match) => ({ file, target: match[1] ?? match[2] ?? match[3] ?? '' }));
});

const roomOf = (file: string) => file.split('/')[1] ?? '';

test('every room is listed with what it may import', () => {
  const rooms = new Set(files.map(roomOf));
  assert.deepEqual([...rooms].sort(), [...ALLOWED.keys()].sort());
});

test('a room imports only the rooms it may, and only by the doors they declare', () => {
  const wrong = imports.flatMap(({ file, target }) => {
    const room = roomOf(file);
    if (target.startsWith('@helm-operator/')) {
      const [, other = '', ...inner] = target.split('/');
      const door = inner.length === 0 ? '.' : `./${inner.join('/')}`;
      const isAllowed = ALLOWED.get(room)?.includes(other) === true && doorsOf(other).has(door);
      return isAllowed ? [] : [`${file} imports ${target}`];
    }
    if (!target.startsWith('.')) return [];
    const path = relative(root, resolve(root, dirname(file), target));
    return path.startsWith(`packages/${room}/src/`) ? [] : [`${file} imports ${path}`];
  });
  assert.deepEqual(wrong, []);
});

/** What a room's package.json says can be imported. */
function doorsOf(room: string): ReadonlySet<string> {
  const manifest = JSON.parse(
    readFileSync(join(root, 'packages', room, 'package.json'), 'utf8'),
  ) as { exports: Record<string, string> };
  return new Set(Object.keys(manifest.exports));
}

test('ports are imported by nobody within their room', () => {
  const wrong = imports.filter(({ file, target }) => {
    if (file.startsWith(PORTS) || !target.startsWith('.')) return false;
    return relative(root, resolve(root, dirname(file), target)).startsWith(PORTS);
  });
  assert.deepEqual(wrong, []);
});

test('a room declares the packages it imports', () => {
  const wrong = new Set<string>();
  for (const { file, target } of imports) {
    if (target.startsWith('.') || target.startsWith('node:')) continue;
    const name = target.startsWith('@')
      ? target.split('/').slice(0, 2).join('/')
      : (target.split('/')[0] ?? '');
    const manifest = JSON.parse(
      readFileSync(join(root, 'packages', roomOf(file), 'package.json'), 'utf8'),
    ) as { dependencies?: Record<string, string> };
    if (manifest.dependencies?.[name] === undefined) wrong.add(`${roomOf(file)}: ${name}`);
  }
  assert.deepEqual([...wrong], []);
});

test('pure rooms know no Node, no clock, no chance and no process', () => {
  const isPure = (file: string) => PURE.includes(roomOf(file)) && !file.startsWith(PORTS);
  const nodes = imports.filter(({ file, target }) => isPure(file) && target.startsWith('node:'));
  const impure = files
    .filter(isPure)
    .filter((file) => /\b(Date\.now\(|Math\.random\(|process\.)/.test(withoutComments(file)));
  assert.deepEqual([...nodes.map(({ file, target }) => `${file}: ${target}`), ...impure], []);
});

test('only a main.ts reads process', () => {
  const readers = files.filter(
    (file) =>
      !file.endsWith('/main.ts') &&
      /\bprocess\.(env|argv|exit|std|cwd|on|pid)/.test(withoutComments(file)),
  );
  assert.deepEqual(readers, []);
});

test('no file imports itself through others, types included', () => {
  const graph = new Map<string, string[]>();
  for (const { file, target } of imports) {
    const path = target.startsWith('.')
      ? relative(root, resolve(root, dirname(file), target))
      : target.startsWith('@helm-operator/')
        ? fileOfDoor(target)
        : undefined;
    if (path !== undefined) graph.set(file, [...(graph.get(file) ?? []), path]);
  }
  assert.deepEqual(cyclesOf(graph), []);
});

test('no room holds a folder without a subject', () => {
  assert.deepEqual(
    files.filter((file) => FORBIDDEN_FOLDERS.test(file)),
    [],
  );
});

function fileOfDoor(target: string): string {
  const [, room = '', ...inner] = target.split('/');
  const file = inner.length === 0 ? 'index.ts' : `ports/${inner.join('/')}.ts`;
  return `packages/${room}/src/${file}`;
}

function withoutComments(file: string): string {
  return readFileSync(join(root, file), 'utf8')
    .replaceAll(/\/\*[\s\S]*?\*\//g, '')
    .replaceAll(/(^|\s)\/\/.*$/gm, '');
}

/** Each cycle once, as a path. */
function cyclesOf(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (file: string, path: string[]): void => {
    const at = path.indexOf(file);
    if (at >= 0) {
      found.push([...path.slice(at), file].join(' -> '));
      return;
    }
    if (done.has(file)) return;
    for (const next of graph.get(file) ?? []) visit(next, [...path, file]);
    done.add(file);
  };
  for (const file of graph.keys()) visit(file, []);
  return found;
}
