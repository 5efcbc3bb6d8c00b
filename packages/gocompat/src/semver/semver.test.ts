// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { int, intOf, Typed, type Value } from '../value/value.ts';
import { newConstraint } from './constraints.ts';
import { SemverError } from './errors.ts';
import { typedVersion, versionOf } from './typed.ts';
import { newVersion } from './version.ts';

function call(receiver: Value, name: string, ...args: Value[]): Value {
  assert.ok(receiver instanceof Typed);
  const method = receiver.type.methods?.get(name);
  assert.ok(method !== undefined, name);
  return method.call(receiver, args);
}

test('a version has the methods templates call', () => {
  const version = typedVersion(newVersion('v1.2.3-rc.1+b'));
  assert.equal(version.type.name, '*semver.Version');
  assert.deepEqual(call(version, 'Minor'), intOf('uint64', 2));
  assert.equal(call(version, 'Original'), 'v1.2.3-rc.1+b');
  assert.equal(call(version, 'String'), '1.2.3-rc.1+b');
  assert.equal(call(version, 'Prerelease'), 'rc.1');
  assert.deepEqual(call(version, 'Compare', typedVersion(newVersion('1.2.3'))), int(-1));
  assert.equal(call(version, 'LessThan', typedVersion(newVersion('1.2.3'))), true);
  assert.equal(call(version, 'Equal', version), true);
  const next = call(version, 'IncMajor');
  assert.ok(next instanceof Typed);
  assert.equal(next.type.name, 'semver.Version');
  assert.equal(versionOf(next)?.original, 'v2.0.0');
  assert.throws(() => call(version, 'SetPrerelease', 'a..b'), SemverError);
});

test('constraints that would keep a backtracking engine busy are refused at once', () => {
  assert.throws(() => newConstraint(`${'1   '.repeat(120)}!`), /improper constraint/);
});
