// SPDX-License-Identifier: Apache-2.0

/** Generated templates through Go's text/template and through ours: output and error texts must be equal. */

import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { answer, type TemplateAnswer, type TemplateRow } from '../conformance/template-cases.ts';
import { defineSuite, type FuzzSuite, hasAddress, verdict } from './suite.ts';

const DATA = {
  s: 'hi',
  e: '',
  n: 3,
  f: 1.5,
  big: 1e21,
  t: true,
  nil: null,
  list: [1, 'two', null, { k: 'v', l: [1, 2] }, []],
  strs: ['a', 'b'],
  m: { b: 2, a: 1, c: { d: 'deep', nil: null } },
  uni: 'größe 日本',
};

/** Declares the variables that expressions use. */
const PRELUDE = '{{$x := 1}}{{$y := 2}}';

const path = fc
  .array(
    fc.constantFrom('s', 'n', 'nil', 'nope', 'm', 'a', 'c', 'd', 'list', 'strs', 'uni', 't', 'k'),
    {
      minLength: 1,
      maxLength: 3,
    },
  )
  .map((names) => `.${names.join('.')}`);
const variable = fc.constantFrom('$', '$x', '$y');
const literal = fc.constantFrom(
  ...['1', '0', '-1', '1.5', '1.0', '0x1F', "'a'", '1i', '1e3', '"a"', '""', '"%v-%s"', '`raw`'],
  ...['"größe"', 'true', 'false', 'nil', '9223372036854775808', '"b\\n"'],
);
const functionName = fc.constantFrom(
  ...['upper', 'addi', 'i64', 'u8', 'f64', 'b', 'anyOf', 'joinAll', 'sum', 'countAny', 'pair'],
  ...['fails', 'listLen', 'mapLen', 'list', 'dict', 'nilAny', 'nilMap', 'nilList', 'strs', 'bytes'],
  ...['smap', 'vals', 'valsLen', 'span', 'label', 'typeOf', 'until', 'eq', 'ne', 'lt', 'le', 'gt'],
  ...[
    'ge',
    'and',
    'or',
    'not',
    'len',
    'index',
    'slice',
    'print',
    'printf',
    'println',
    'html',
    'js',
  ],
  ...['urlquery', 'include "u"', 'call', 'held', 'nilPt'],
);

const { pipeline } = fc.letrec<{ operand: string; command: string; pipeline: string }>((tie) => ({
  operand: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    { arbitrary: path, weight: 4 },
    { arbitrary: literal, weight: 4 },
    { arbitrary: fc.constant('.'), weight: 2 },
    { arbitrary: fc.tuple(variable, fc.option(path)).map(([v, p]) => v + (p ?? '')), weight: 2 },
    { arbitrary: tie('pipeline').map((pipe) => `(${pipe})`), weight: 3 },
    { arbitrary: fc.tuple(tie('pipeline'), path).map(([pipe, p]) => `(${pipe})${p}`), weight: 1 },
    {
      arbitrary: fc.tuple(functionName, fc.option(path)).map(([f, p]) => f + (p ?? '')),
      weight: 1,
    },
  ),
  command: fc.oneof(
    { depthSize: 'small' },
    { arbitrary: tie('operand'), weight: 2 },
    {
      arbitrary: fc
        .tuple(functionName, fc.array(tie('operand'), { maxLength: 3 }))
        .map(([name, args]) => [name, ...args].join(' ')),
      weight: 4,
    },
    {
      arbitrary: fc
        .tuple(tie('operand'), fc.array(tie('operand'), { maxLength: 2 }))
        .map((operands) => operands.flat().join(' ')),
      weight: 1,
    },
  ),
  pipeline: fc
    .array(tie('command'), { minLength: 1, maxLength: 3 })
    .map((commands) => commands.join(' | ')),
}));

/** Expressions that mostly succeed, so that whole templates do. */
const sound = fc.constantFrom(
  ...['.s', '.n', '.m.a', '.m.c.d', '.nope', '$.s', '$x', '$y', '$', 'len $.strs', 'index $.m "b"'],
  ...['printf "%v|%q" $.s $.uni', '$.uni | upper', 'list 1 "a" nil $.n', 'dict "a" 1 "b" $.list'],
  ...[
    'and $.s $.n',
    'or $.nope $.nil "z"',
    'not $.t',
    'eq $.s "hi" "x"',
    'lt 1 2',
    'until 3',
    'nilMap',
  ],
  ...[
    'include "v" $.s',
    'include "w" nil | len',
    '(index $.list 3).k',
    'slice $.uni 1 4',
    'vals $.m',
  ],
  ...[
    'strs "q" "r"',
    'bytes "ab"',
    'smap',
    'span 5',
    'html "<a>"',
    'print 1 2 "x" 3 nil',
    '1.50',
    '3',
  ],
  ...[
    'held.Version',
    'print held.Version',
    'typeOf $x',
    '(vals $.m).AsMap',
    'joinAll "-" "a" "b"',
    '.',
  ],
);

const text = fc.constantFrom('', ' ', 'x', '\n', '  y\n', 'größe ', '\t', '{', '}}', '-');
const open = fc.constantFrom('{{', '{{ ', '{{- ');
const close = fc.constantFrom('}}', ' }}', ' -}}');
const declaration = fc.constantFrom('', '', '', '$x := ', '$y := ', '$x = ', '$x, $y := ');

const action = (...parts: fc.Arbitrary<string>[]): fc.Arbitrary<string> =>
  fc.tuple(open, ...parts, close).map((pieces) => pieces.join(''));

/** Damages a text now and then, so that parse errors are met too. */
function damaged(whole: string, at: number, insert: string): string {
  const where = at % (whole.length + 1);
  return whole.slice(0, where) + insert + whole.slice(where + (at % 3));
}

/** A template's text out of the given expressions. */
function bodyOf(expression: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const { body } = fc.letrec<{ statement: string; body: string }>((tie) => {
    const block = fc
      .tuple(
        action(fc.constantFrom('if ', 'with ', 'range '), declaration, expression),
        tie('body'),
        fc.option(
          fc.tuple(
            action(fc.constantFrom('else', 'else', 'else if $.n', 'else with $.m')),
            tie('body'),
          ),
        ),
        action(fc.constant('end')),
      )
      .map(([head, list, otherwise, end]) => head + list + (otherwise ?? []).join('') + end);
    const loop = fc
      .tuple(tie('body'), fc.constantFrom('{{break}}', '{{continue}}', '{{if .}}{{break}}{{end}}'))
      .map(([list, mark]) => `{{range $.list}}${list}${mark}{{.}}{{else}}${list}{{end}}`);
    const call = action(
      fc.constantFrom('template "u" ', 'template "v" ', 'template "w" '),
      expression,
    );
    return {
      statement: fc.oneof(
        { depthSize: 'small' },
        { arbitrary: text, weight: 3 },
        { arbitrary: action(declaration, expression), weight: 8 },
        { arbitrary: fc.constantFrom('{{/* c */}}', '{{- /* c\nd */ -}}'), weight: 1 },
        { arbitrary: loop, weight: 1 },
        { arbitrary: call, weight: 1 },
        { arbitrary: block, weight: 5 },
      ),
      body: fc.array(tie('statement'), { maxLength: 4 }).map((parts) => parts.join('')),
    };
  });
  return body;
}

/** Tokens in any order: mostly parse errors. */
const soup = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...['{{', '{{-', '{{- ', '}}', ' -}}', '-}}', '(', ')', '|', ' ', ' ', '\n', ',', ':='],
      ),
      fc.constantFrom(
        ...['=', '.', '$', '$x', '.s', '.m.a', '..', '"a"', '"', '`r`', '`', "'c'", "'", '1', '08'],
      ),
      fc.constantFrom(
        ...[
          '1.5.2',
          '0x',
          '-',
          '+',
          '1i',
          '1+2i',
          '/*',
          '*/',
          'if',
          'else',
          'end',
          'range',
          'with',
        ],
      ),
      fc.constantFrom(
        ...[
          'define',
          'block',
          'template',
          'break',
          'continue',
          'nil',
          'true',
          'print',
          'nope',
          '日',
        ],
      ),
      fc.constantFrom(
        '\u0001',
        '\u00a0',
        '@',
        '&',
        '\\',
        '\t',
        '\r\n',
        '😀',
        'x',
        '_',
        '٣',
        '²',
        'ª',
        '{',
        '}',
      ),
      action(sound),
    ),
    { maxLength: 14 },
  )
  .map((tokens) => tokens.join(''));

const body = fc.oneof(
  { arbitrary: bodyOf(sound), weight: 2 },
  {
    arbitrary: bodyOf(
      fc.oneof({ arbitrary: sound, weight: 5 }, { arbitrary: pipeline, weight: 1 }),
    ),
    weight: 1,
  },
  { arbitrary: soup, weight: 1 },
);

const row: fc.Arbitrary<TemplateRow> = fc
  .record({
    main: body,
    used: body,
    missingkey: fc.constantFrom('default', 'zero', 'error'),
    damage: fc.oneof(
      { arbitrary: fc.constant(null), weight: 5 },
      {
        arbitrary: fc.tuple(
          fc.nat(300),
          fc.constantFrom('', '{{', '}}', '(', ')', '|', ' ', '.', '$', '"', '@', '日'),
        ),
        weight: 1,
      },
    ),
  })
  .map(({ main, used, missingkey, damage }) => ({
    templates: [
      ['u', `{{define "v"}}[{{.}}]{{end}}u`],
      // Go dies of endless recursion through functions, so `w` must not reach itself.
      ['w', PRELUDE + used.replaceAll('"w"', '"v"')],
      ['main', PRELUDE + (damage === null ? main : damaged(main, ...damage))],
    ],
    main: 'main',
    data: DATA,
    missingkey: missingkey as 'default' | 'zero' | 'error',
  }));

export const templateSuite: FuzzSuite = defineSuite({
  name: 'gotemplate',
  topic: 'template',
  rows: () => row,
  question: (one) => one,
  judge: (one, line) => {
    if (hasAddress(line)) return { kind: 'skipped' };
    const theirs = JSON.parse(line) as TemplateAnswer;
    const ours = answer(one);
    const { data: _data, ...shown } = one;
    const difference = { about: one.missingkey ?? 'default', row: shown, theirs, ours };
    return verdict(isDeepStrictEqual(ours, theirs), theirs.err !== undefined, difference);
  },
});
