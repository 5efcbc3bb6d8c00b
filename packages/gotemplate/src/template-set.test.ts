// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { types, type Value } from '@helm-operator/gocompat';
import { Budget } from './budget.ts';
import { TemplateExecError, TemplateNotFoundError, TemplateParseError } from './errors.ts';
import type { FunctionTable, TemplateFunction } from './function-table.ts';
import { TemplateSet } from './template-set.ts';

function functionOf(name: string, call: () => Value): FunctionTable {
  const made: TemplateFunction = { name, params: [], result: types.any, call };
  return new Map([[name, made]]);
}

function setOf(texts: Record<string, string>, functions: FunctionTable = new Map()): TemplateSet {
  const set = new TemplateSet({ functions, name: 'root' });
  for (const [name, text] of Object.entries(texts)) set.parse(name, text);
  return set;
}

function render(set: TemplateSet, name: string, data: Value = null): string {
  return set.execute(name, data, { budget: new Budget(), state: undefined });
}

test('what a clone parses, the set it came from does not see', () => {
  const set = setOf({ a: '{{template "x"}}', x: 'old' });
  const clone = set.clone();
  clone.parse('x', 'new');
  clone.parse('y', '{{define "z"}}z{{end}}');
  assert.equal(render(clone, 'a'), 'new');
  assert.equal(render(set, 'a'), 'old');
  assert.deepEqual([set.has('z'), clone.has('z')], [false, true]);
  assert.deepEqual(set.names(), ['a', 'x']);
});

test('a clone with other functions calls them in templates compiled before', () => {
  const set = setOf(
    { a: '{{f}}' },
    functionOf('f', () => 'one'),
  );
  assert.equal(render(set, 'a'), 'one');
  const clone = set.clone({ functions: functionOf('f', () => 'two') });
  assert.equal(render(clone, 'a'), 'two');
  assert.equal(render(set, 'a'), 'one');
});

test('a text that does not parse leaves the set as it was', () => {
  const set = setOf({ a: 'old' });
  assert.throws(() => set.parse('a', '{{define "b"}}b{{end}}{{'), TemplateParseError);
  assert.deepEqual(set.names(), ['a']);
  assert.equal(render(set, 'a'), 'old');
});

test('errors carry their code, the template and their cause', () => {
  const cause = new Error('no luck');
  const set = setOf(
    { a: '\n {{f}}' },
    functionOf('f', () => {
      throw cause;
    }),
  );
  assert.throws(
    () => render(set, 'a'),
    (error) => {
      assert.ok(error instanceof TemplateExecError);
      assert.equal(
        error.message,
        'template: a:2:3: executing "a" at <f>: error calling f: no luck',
      );
      assert.deepEqual(
        [error.code, error.templateName, error.cause],
        ['gotemplate/exec', 'a', cause],
      );
      return true;
    },
  );
  assert.throws(
    () => render(set, 'b'),
    (error) =>
      error instanceof TemplateNotFoundError &&
      error.message === 'template: no template "b" associated with template "root"',
  );
  assert.throws(
    () => set.parse('p', 'x\n{{'),
    (error) =>
      error instanceof TemplateParseError && error.templateName === 'p' && error.line === 2,
  );
});

test('templates that call each other without end stop at the depth of Go', () => {
  const set = setOf({
    a: '{{define "x"}}{{template "y" .}}{{end}}{{define "y"}}{{template "x" .}}{{end}}{{template "x"}}',
  });
  assert.throws(() => render(set, 'a'), /exceeded maximum template depth \(100000\)/);
});

test('a depth below the limit needs no JavaScript stack', () => {
  const down = '{{if .}}{{template "x" (slice . 1)}}{{end}}';
  const set = setOf({ a: `{{define "x"}}${down}{{end}}{{template "x" .}}done` });
  assert.equal(
    render(
      set,
      'a',
      Array.from({ length: 5_000 }, () => null),
    ),
    'done',
  );
});

test('maps are walked in the order of UTF-8 bytes, as they were at the start', () => {
  const data = new Map<string, Value>([
    ['\u{1F600}', 1],
    ['\uFFFD', 2],
    ['a', 3],
  ]);
  const set = setOf(
    { a: '{{range $k, $v := .}}{{$k}}{{f}}{{end}}' },
    functionOf('f', () => {
      data.set('zz', 9);
      return '';
    }),
  );
  assert.equal(render(set, 'a', data), 'a\uFFFD\u{1F600}');
});

test('names of users never reach a prototype', () => {
  const set = setOf({ a: '{{.constructor}}{{.__proto__}}{{.toString}}{{index . "constructor"}}' });
  assert.equal(render(set, 'a', new Map()), '<no value>'.repeat(4));
  assert.throws(() => set.parse('b', '{{constructor}}'), /function "constructor" not defined/);
});

test('a field of nothing is no nil element, also where missing keys are zero', () => {
  const set = new TemplateSet({ functions: new Map(), missingKey: 'zero' });
  set.parse('t', '{{len $.x}}');
  assert.throws(() => set.execute('t', null), /reflect: call of reflect.Value.Type on zero Value/);
  assert.throws(() => set.execute('t', new Map()), /error calling len: len of nil pointer/);
});
