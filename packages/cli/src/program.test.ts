// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runCli } from '../../../test/kit/run-cli.ts';

test('help of a command is the same by word and by flag', async () => {
  for (const path of [[], ['helm'], ['helm', 'template'], ['get', 'releases']]) {
    const byFlag = await runCli([...path, '--help']);
    assert.equal(byFlag.code, 0);
    assert.match(byFlag.stdout, /^Usage:$/m);
    assert.deepEqual(await runCli(['help', ...path]), byFlag, path.join(' '));
  }
  const listed = await runCli(['helm', 'help', 'list']);
  assert.deepEqual(listed, await runCli(['helm', 'list', '--help']));
});

test('a command that is not there: what is near is named', async () => {
  const rows: readonly (readonly [string, RegExp])[] = [
    ['frobnicate', /^Error: unknown command "frobnicate" for "helm-operator"\nRun /],
    [
      'helm tmplate',
      /^Error: unknown command "tmplate" for "helm"\n\nDid you mean this\?\n\ttempl/,
    ],
    ['help nope', /^Error: unknown command "nope" for "helm-operator"\nRun /],
  ];
  for (const [line, expected] of rows) {
    const { code, stderr } = await runCli(line.split(' '));
    assert.equal(code, 1, line);
    assert.match(stderr, expected);
  }
});

test('arguments that lack or are too many: the usage is shown', async () => {
  const lacking = await runCli(['helm', 'template']);
  assert.equal(lacking.code, 1);
  assert.match(
    lacking.stderr,
    /"helm template" requires at least 1 argument\n\nUsage: {2}helm temp/,
  );
  const many = await runCli(['helm', 'list', 'x']);
  assert.match(many.stderr, /"helm list" accepts no arguments/);
});

test('the operator itself: --version ends with 0, an unknown flag with 2', async () => {
  const version = await runCli(['--version']);
  assert.equal(version.code, 0);
  assert.equal(version.stdout + version.stderr, 'test\n');
  const unknown = await runCli(['--no-such-flag']);
  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /no-such-flag/);
});

test('a flag that the operator does not know: what is meant, or took its place', async () => {
  const rows: readonly (readonly [string, RegExp])[] = [
    ['--tiler-ip=x', /^Error: unknown flag: --tiler-ip\nDid you mean --tiller-ip\?\nRun /],
    ['--git-url=x', /^Error: .*\nHelm Operator dropped it before 1\.0: each HelmRelease names/],
    ['--frobnicate', /^Error: unknown flag: --frobnicate\nRun 'helm-operator --help' for all/],
  ];
  for (const [word, expected] of rows) {
    const { code, stderr } = await runCli([word]);
    assert.equal(code, 2, word);
    assert.match(stderr, expected);
  }
});
