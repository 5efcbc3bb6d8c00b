// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blockingResolver } from './resolve-host.ts';

const resolve = blockingResolver(process.execPath);

void test('names become addresses, as Go finds them', () => {
  assert.deepEqual(resolve('127.0.0.1'), ['127.0.0.1']);
  assert.deepEqual(resolve('::1'), ['::1']);
  const local = resolve('localhost');
  assert.ok(local.length > 0);
  assert.deepEqual(
    local.filter((address) => !['127.0.0.1', '::1'].includes(address)),
    [],
  );
});

void test('what is no host has no address', () => {
  const hostile = ['-e', '--version', '--', 'a b', 'a\0b', `${'a'.repeat(300)}.invalid`];
  for (const name of ['', '127.1', '1', '0x7f.1', 'no-such-name.invalid', ...hostile]) {
    assert.deepEqual(resolve(name), [], name);
  }
});
