// SPDX-License-Identifier: Apache-2.0

/** docs/reference/cli.md says what the commands say of themselves. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Command, type CommandGroup, PROGRAM, printReference } from '@helm-operator/cli';

test('the reference of commands is up to date', () => {
  const file = join(import.meta.dirname, '../../docs/reference/cli.md');
  const mend = 'run `node scripts/generate-cli-reference.ts`';
  assert.equal(readFileSync(file, 'utf8'), printReference(PROGRAM), mend);
});

test('no two flags or commands of a line have one name', () => {
  const doubles: string[] = [];
  const check = (names: readonly string[], where: string) => {
    doubles.push(
      ...names.filter((name, i) => names.indexOf(name) < i).map((name) => `${where}: ${name}`),
    );
  };
  const walk = (node: Command | CommandGroup, path: string) => {
    const flags = Object.values(node.flags);
    check(
      flags.flatMap(({ name, short }) => (short === undefined ? [name] : [name, short])),
      path,
    );
    if (node.kind === 'command') return;
    check(
      node.children.flatMap(({ name, aliases = [] }) => [name, ...aliases]),
      path,
    );
    for (const child of node.children) walk(child, `${path} ${child.name}`);
  };
  walk(PROGRAM, PROGRAM.name);
  assert.deepEqual(doubles, []);
});
