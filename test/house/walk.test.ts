// SPDX-License-Identifier: Apache-2.0

/** The walk through the house in docs/architecture.md: files that exist, each once, each reached from one before it. */

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** Nobody imports what is behind a port, nor the other side of a pipe. */
const BEHIND: ReadonlyMap<string, string> = new Map([
  ['packages/operator/src/ports.ts', 'packages/operator/src/create-ports.ts'],
  ['packages/helm/src/render-host/pool.ts', 'packages/helm/src/render-host/main.ts'],
]);

/** Paths as the walk names them: `ROOM/PATH`, or a name beside the file before. */
function walk(): readonly string[] {
  const text = readFileSync(join(root, 'docs/architecture.md'), 'utf8');
  const [, section = ''] = text.split('## One release, file by file\n');
  const steps = section
    .split('\n## ')[0]
    ?.split('\n')
    .filter((line) => /^\d+\. /.test(line))
    .join('\n');
  let folder = '';
  return [...(steps ?? '').matchAll(/`([^`\s]+\.ts)`/g)].map(([, name = '']) => {
    const [room, ...rest] = name.split('/');
    if (rest.length > 0) folder = dirname(`packages/${room}/src/${rest.join('/')}`);
    return `${folder}/${name.split('/').at(-1)}`;
  });
}

const IMPORT = /(?:import|export)\s[^'";]*?from\s+'([^']+)'/g;
const known = new Map<string, readonly string[]>();

/** Files that a file imports; what comes from a room comes from every file that its index gives out. */
function importsOf(file: string): readonly string[] {
  const before = known.get(file);
  if (before !== undefined) return before;
  const text = readFileSync(join(root, file), 'utf8');
  const files = [...text.matchAll(IMPORT)].flatMap(([, from = '']) => {
    if (from.startsWith('.')) return [join(dirname(file), from)];
    const room = /^@helm-operator\/(\w+)$/.exec(from)?.[1];
    return room === undefined ? [] : [`packages/${room}/src/index.ts`];
  });
  const behind = BEHIND.get(file);
  const all = behind === undefined ? files : [...files, behind];
  known.set(file, all);
  return all;
}

function reachableFrom(start: string): ReadonlySet<string> {
  const seen = new Set([start]);
  const open = [start];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    for (const next of importsOf(file)) {
      if (seen.has(next)) continue;
      seen.add(next);
      open.push(next);
    }
  }
  return seen;
}

const files = walk();

test('the walk names files that exist', () => {
  assert.ok(files.length > 30, `${files.length} files`);
  assert.deepEqual(
    files.filter((file) => !existsSync(join(root, file))),
    [],
  );
});

test('no file is visited twice', () => {
  const twice = files.filter((file, i) => files.indexOf(file) !== i);
  assert.deepEqual(twice, []);
});

test('each file is reached from one that was visited before', () => {
  const [first = '', ...others] = files;
  const reached = new Set(reachableFrom(first));
  for (const file of others) {
    assert.ok(reached.has(file), `${file}: nothing before it leads there`);
    for (const next of reachableFrom(file)) reached.add(next);
  }
});
