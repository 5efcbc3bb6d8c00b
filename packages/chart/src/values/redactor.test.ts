// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeJson, encodeYaml, type Value } from '@helm-operator/gocompat';
import { leavesOf, NO_SECRETS, Redactor } from './redactor.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const PEM = `-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcw\nggSjAgEAAoIBAQC7VJTUt9Us8cKj\n-----END PRIVATE KEY-----\n`;

const rows: readonly (readonly [note: string, secret: string, text: string, redacted: string])[] = [
  ['as it is', 's3cr3t', 'password is s3cr3t!', 'password is ***!'],
  ['twice', 's3cr3t', 's3cr3ts3cr3t', '******'],
  ['too short', 'abc', 'abc', 'abc'],
  ['plain words', 'true', 'enabled: true', 'enabled: true'],
  ['base64', 'hunter2', `p: ${base64('hunter2')}`, 'p: ***'],
  ['in JSON', 'a"b\\c', encodeJson('a"b\\c'), '"***"'],
  ['in JSON with HTML escapes', 'a<b>&c', encodeJson('a<b>&c'), '"***"'],
  ['in a YAML text', "it's 'quoted'", "x: 'it''s ''quoted'''", "x: '***'"],
  ['in a URL', 'p@ss/word', 'https://u:p%40ss%2Fword@host', 'https://u:***@host'],
  ['with a line break behind it', 'hunter2\n', 'p: hunter2', 'p: ***'],
  ['multi-line, whole', PEM, `k: ${PEM}`, 'k: ***\n'],
  ['multi-line, indented', PEM, PEM.replaceAll('\n', '\n    '), '***\n    '],
  ['multi-line, one line', PEM, 'found ggSjAgEAAoIBAQC7VJTUt9Us8cKj', 'found ***'],
  ['a frame is no secret', PEM, '-----BEGIN PRIVATE KEY-----', '-----BEGIN PRIVATE KEY-----'],
  ['folded', 'correct horse battery staple', 'p: correct horse\n  battery staple', 'p: ***'],
  ['longest first', 'pass', 'password', '***word'],
  ['special characters', 'a.*b c$', 'x a.*b c$ y aXXb c$', 'x *** y aXXb c$'],
  ['not ASCII', 'пароль', `${base64('пароль')} пароль`, '*** ***'],
];

test('secrets are masked in every form', () => {
  for (const [note, secret, text, redacted] of rows) {
    assert.equal(new Redactor([secret]).redact(text), redacted, note);
  }
});

test('base64 of something longer is masked where it holds the secret', () => {
  const secret = 'correct-horse-battery';
  for (const before of ['', 'x', 'xy', 'xyz', '{"auth":"']) {
    const out = new Redactor([secret]).redact(base64(`${before}${secret}"}`));
    const left = out.split('***');
    assert.equal(left.length, 2, before);
    const shown = left.map((part) => Buffer.from(part, 'base64').toString()).join('');
    assert.ok(!shown.includes('horse'), shown);
  }
});

test('what YAML and JSON make of a secret is masked', () => {
  const secrets = ['two words', 'a: b', '#hash', 'tab\there', "quote's", 'very '.repeat(30).trim()];
  const redactor = new Redactor(secrets);
  for (const secret of secrets) {
    const value: Value = new Map([['k', secret]]);
    for (const text of [encodeYaml(value), encodeJson(value), encodeJson(encodeJson(value))]) {
      const rest = redactor.redact(text);
      assert.match(rest, /\*\*\*/, text);
      for (const word of secret.split(/[^a-z]+/)) {
        if (word.length > 3) assert.ok(!rest.includes(word), rest);
      }
    }
  }
});

test('leaves of values are what templates may print', () => {
  const value: Value = new Map<string, Value>([
    ['list', ['one', new Map([['two', 'two']])]],
    ['number', 1_000_000],
    ['flag', true],
    ['nothing', null],
  ]);
  assert.deepEqual([...leavesOf(value)], ['one', 'two', '1000000', '1e+06']);
});

test('redactors join, and none masks nothing', () => {
  const both = new Redactor(['first-secret']).with(new Redactor(['second-secret']));
  assert.equal(both.redact('first-secret second-secret'), '*** ***');
  assert.equal(NO_SECRETS.redact('first-secret'), 'first-secret');
});

test('a megabyte is read once, however many secrets there are', () => {
  const secrets = Array.from({ length: 50_000 }, (_, i) => `secret-${i}-${(i * 7919) % 1000}`);
  const text = 'apiVersion: v1\nkind: Secret\nsecret-none: x\n'.repeat(25_000);
  const redactor = new Redactor(secrets);
  redactor.redact('make the search');
  const before = process.cpuUsage();
  assert.equal(redactor.redact(text), text);
  assert.ok(process.cpuUsage(before).user < 5_000_000, 'a search for each would take minutes');
});
