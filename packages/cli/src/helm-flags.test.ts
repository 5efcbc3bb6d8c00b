// SPDX-License-Identifier: Apache-2.0

/** Every flag of Helm 3.22.0 and 4.2.1 is known, as both print them themselves (`--help`). */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Command, CommandGroup } from './command.ts';
import { PROGRAM } from './commands/index.ts';

/** Version → command → `-o/--output --debug`. */
type Recorded = Readonly<Record<string, Readonly<Record<string, string>>>>;
const RECORDED = JSON.parse(
  readFileSync(new URL('../../../test/conformance/cases/helm-flags.json', import.meta.url), 'utf8'),
) as Recorded;
const EVERY = 'every command';

function commandAt(path: string): Command {
  let at: Command | CommandGroup | undefined = PROGRAM;
  for (const word of ['helm', ...path.split(' ')]) {
    assert.ok(at?.kind === 'group', `no command ${path}`);
    const { children }: CommandGroup = at;
    at = children.find(({ name, aliases }) => name === word || aliases?.includes(word));
  }
  if (at?.kind === 'group') at = at.own;
  assert.ok(at?.kind === 'command', `no command ${path}`);
  return at;
}

function flagsOf(path: string): ReadonlySet<string> {
  return new Set(
    Object.values(commandAt(path).flags).map(({ name, short }) =>
      short === undefined ? `--${name}` : `-${short}/--${name}`,
    ),
  );
}

for (const [version, commands] of Object.entries(RECORDED)) {
  test(`the flags of ${version} are known`, () => {
    const unknown = Object.entries(commands)
      .filter(([path]) => path !== EVERY)
      .flatMap(([path, own]) => {
        const ours = flagsOf(path);
        const theirs = `${own} ${commands[EVERY]}`.split(' ').filter(Boolean);
        return theirs.filter((flag) => !ours.has(flag)).map((flag) => `${path}: ${flag}`);
      });
    assert.deepEqual(unknown, []);
  });
}
