// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { CliContext } from './context.ts';
import { findPostRenderer, pluginCommand } from './post-renderer-plugin.ts';

const plugins = mkdtempSync(join(tmpdir(), 'helm-operator-plugins-'));
after(() => rmSync(plugins, { recursive: true }));

function write(folder: string, text: string): void {
  mkdirSync(join(plugins, folder), { recursive: true });
  writeFileSync(join(plugins, folder, 'plugin.yaml'), text);
}

function contextWith(errors: string[]): CliContext {
  const env = new Map([['HELM_PLUGINS', plugins]]);
  return {
    env,
    homeFolder: '/nowhere',
    stderr: (text: string) => void errors.push(text),
  } as unknown as CliContext;
}

const HEAD = 'apiVersion: v1\ntype: postrenderer/v1\nversion: 1.0.0\n';

test('a plugin is found by its name; what cannot be read is told of', () => {
  write(
    'good',
    `${HEAD}name: good\nruntime: subprocess\nruntimeConfig: {platformCommand: [{command: cat}]}\n`,
  );
  write('wasm', `${HEAD}name: wasm\nruntime: extism/v1\n`);
  write('old', 'name: old\ncommand: cat\n');
  write('strange', `${HEAD}name: strange\nruntime: subprocess\nfoo: 1\n`);
  write('unnamed', `${HEAD}runtime: subprocess\n`);
  write('later', 'apiVersion: v2\nname: later\n');
  const errors: string[] = [];
  const context = contextWith(errors);
  assert.equal(findPostRenderer('good', context).folder, join(plugins, 'good'));
  assert.equal(errors.length, 3);
  assert.match(errors.join(''), /invalid plugin apiVersion/);
  assert.match(errors.join(''), /field foo not found in type plugin\.MetadataV1/);
  assert.match(errors.join(''), /invalid plugin `name`/);
  assert.throws(() => findPostRenderer('wasm', context), { message: /WebAssembly/ });
  assert.throws(() => findPostRenderer('old', context), {
    message:
      /^invalid argument "old" for "--post-renderer" flag: plugin: \{Name:old Type:postrenderer\/v1\} not found\n/,
  });
  assert.throws(() => findPostRenderer('./cat', context), { message: /--profile helm3/ });
  write('twin', `${HEAD}name: good\nruntime: subprocess\n`);
  assert.throws(() => findPostRenderer('good', context), {
    message: /^two plugins claim the name "good" at /,
  });
});

test('the program is the one for this machine; variables in it are replaced', () => {
  const command = (text: string, more: { os?: string; arch?: string; args?: string[] } = {}) => ({
    os: '',
    arch: '',
    args: [],
    ...more,
    command: text,
  });
  const env = new Map([['HELM_PLUGIN_DIR', '/p']]);
  const chosen = (...commands: ReturnType<typeof command>[]) =>
    pluginCommand({ name: 'p', folder: '/p', commands }, ['--more'], env);
  assert.deepEqual(
    chosen(command('no', { os: 'plan9' }), command('$HELM_PLUGIN_DIR/run a  $x$$')),
    {
      program: '/p/run',
      args: ['a', '', '', '--more'],
    },
  );
  assert.deepEqual(
    chosen(
      command('any'),
      command(`\${HELM_PLUGIN_DIR}/own`, { os: process.platform, args: ['$0'] }),
    ),
    {
      program: '/p/own',
      args: ['', '--more'],
    },
  );
  assert.throws(() => chosen(command('no', { arch: 'z80' })), {
    message: 'failed to prepare plugin command: no plugin command is applicable',
  });
});
