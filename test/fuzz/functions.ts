// SPDX-License-Identifier: Apache-2.0

/**
 * Generated calls of template functions through Helm's function map and through ours: results, their Go types and
 * error texts must be equal.
 */

import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import {
  answer,
  type FunctionAnswer,
  type FunctionRow,
  functions,
} from '../conformance/function-cases.ts';
import { defineSuite, type FuzzSuite, hasAddress, verdict } from './suite.ts';

/** Their results differ from run to run in Go, too. */
const UNREPEATABLE: ReadonlySet<string> = new Set([
  ...['ago', 'now', 'bcrypt', 'htpasswd', 'encryptAES', 'uuidv4', 'shuffle', 'derivePassword'],
  ...['randAlpha', 'randAlphaNum', 'randAscii', 'randBytes', 'randInt', 'randNumeric'],
  ...['genCA', 'genCAWithKey', 'genPrivateKey', 'genSelfSignedCert', 'genSelfSignedCertWithKey'],
  ...['genSignedCert', 'genSignedCertWithKey', 'keys', 'values'],
]);

const VALUES = {
  s: 'hello World',
  e: '',
  uni: 'größe 日本 🎉',
  lines: 'a: 1\n\n  b: [x, "y"]\n',
  json: '{"a": [1, 2.5, null], "b": {"c": "d"}}',
  n: 3,
  f: -2.75,
  big: 1e21,
  t: true,
  no: false,
  nil: null,
  list: ['b', 1, null, 'a', { k: 'v', l: [1, 2] }, [], true, 'b'],
  strs: ['x', 'b', 'a'],
  nums: [3, 1, 2.5],
  m: { b: 2, a: 1, c: { d: 'deep', nil: null }, z: '' },
  em: {},
  el: [],
};

const NAMES = [...functions.keys()].filter((name) => !UNREPEATABLE.has(name)).sort();

const text = fc.oneof(
  fc.constantFrom(
    ...[
      '',
      'a',
      'b',
      'abc',
      'Hello World',
      'foo_bar-Baz qux',
      'HTTPServer2xx',
      'größe 日本',
      '🎉 x',
    ],
    ...[
      '  pad\t\n',
      'a,b,,c',
      'a/b/../c.tar.gz',
      '/x//y/',
      '1.2.3',
      'v1.2',
      '>=1.0 <2',
      '^1.2 || ~3',
    ],
    ...[
      '12',
      '-7',
      '010',
      '0x1F',
      '1.50',
      '1e3',
      '1_000',
      'true',
      'null',
      '- a\n- b',
      'a: 1\nb: x',
    ],
    ...[
      '{"a":1}',
      '[1,2]',
      'YWJj',
      'MFRGG===',
      'x = 1\n[t]\ny = "z"',
      'http://u:p@h:80/p?q#f',
      'mailto:x',
    ],
    ...[
      'a+',
      '[a-z]',
      '(o)(.)',
      '^h',
      '$1-$2',
      '(',
      'x*',
      '2006-01-02',
      '2021-03-04',
      '1h30m',
      '95',
      'UTC',
    ],
    ...[
      '<b>&"\'',
      'tab\tq"\\',
      '\u2028',
      '\u0001',
      '%d',
      'Europe/Berlin',
      '15:04:05 MST',
      'string',
      'map',
    ],
  ),
  fc.string({ maxLength: 12 }),
  fc.string({ unit: 'grapheme', maxLength: 8 }),
);
const quoted = text.map((value) => JSON.stringify(value).replaceAll('\u007f', '\\u007f'));
/** Texts that are not UTF-8. */
const broken = fc.constantFrom(
  ...['(trunc 1 .uni)', '(trunc 4 .uni)', '(substr 3 99 "größe")', '(b64dec "/////w==")'],
  ...['(b64dec "YcMo4oLwn5iA/2I=")', '(cat (trunc 4 .uni) "b" (substr 4 6 .uni))'],
);

/** Counts and bounds: Go would fill the memory with larger ones. */
const small = fc.oneof(
  fc.integer({ min: -6, max: 12 }).map(String),
  fc.constantFrom('0x10', '100', '-100', "'a'"),
);
const integer = fc.oneof(
  fc.integer({ min: -6, max: 12 }).map(String),
  fc.constantFrom('0x10', '100', '-100', '9223372036854775807', '-9223372036854775808', "'a'"),
);
const float = fc.oneof(
  fc.constantFrom('0.5', '1.0', '2.5', '-2.5', '1e3', '1e-7', '123456.789', '0.1', '1e300'),
  fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 }).map((value) => {
    const digits = String(value);
    return /[.e]/.test(digits) ? digits : `${digits}.0`;
  }),
);
const field = fc.constantFrom(...Object.keys(VALUES).map((name) => `.${name}`), '.m.c', '.m.c.d');
const scalar = fc.oneof(quoted, small, float, fc.constantFrom('true', 'false', 'nil'));
const leaf = fc.oneof({ arbitrary: scalar, weight: 2 }, { arbitrary: field, weight: 1 });

function callOf(name: string, args: fc.Arbitrary<string>, max = 4): fc.Arbitrary<string> {
  return fc.array(args, { maxLength: max }).map((given) => `(${[name, ...given].join(' ')})`);
}

const { list, map, anything } = fc.letrec<Record<'list' | 'map' | 'anything', string>>((tie) => ({
  anything: fc.oneof({ depthSize: 'small', maxDepth: 3 }, leaf, tie('list'), tie('map')),
  list: fc.oneof(
    fc.constantFrom('.list', '.strs', '.nums', '.el', '(until 3)', '(splitList "," "b,a,c")'),
    fc.constantFrom('(chunk 2 .list)', '(rest .el)', '(regexFindAll "z" "a" 1)', '(keys .em)'),
    callOf('list', tie('anything') as fc.Arbitrary<string>),
  ),
  map: fc.oneof(
    fc.constantFrom(
      '.m',
      '.em',
      '.m.c',
      '(split "," "a,b")',
      '(fromJson .json)',
      '(fromYaml .lines)',
    ),
    fc
      .array(
        fc.tuple(fc.constantFrom('"a"', '"b"', '"c"', '"d"', '"host"', '"path"'), tie('anything')),
        {
          maxLength: 3,
        },
      )
      .map((pairs) => `(dict ${pairs.map(([key, value]) => `${key} ${value}`).join(' ')})`),
  ),
}));

const date = fc.constantFrom(
  '(toDate "2006-01-02" "2021-03-04")',
  '(toDate "2006-01-02T15:04:05Z07:00" "1999-12-31T23:59:59+05:30")',
  '(toDate "x" "y")',
);

function argumentOf(goType: string): fc.Arbitrary<string> {
  switch (goType) {
    case 'string':
      return fc.oneof({ arbitrary: quoted, weight: 12 }, { arbitrary: broken, weight: 1 });
    case 'int':
    case 'uint32':
      return small;
    case 'float64':
      return float;
    case 'bool':
      return fc.constantFrom('true', 'false', '.t', '.no');
    case 'map[string]interface {}':
      return map;
    case '[]interface {}':
      return list;
    case 'time.Time':
      return date;
    case 'interface {}':
      return fc.oneof(
        { arbitrary: anything, weight: 6 },
        { arbitrary: integer, weight: 1 },
        { arbitrary: date, weight: 1 },
      );
    default:
      return anything;
  }
}

const strange = fc.oneof(anything, date, fc.constant('(semver "1.2.3-a+b")'));

/** Of these, what is no date means now: their dates must be dates. */
const READS_CLOCK: ReadonlySet<string> = new Set([
  ...['date', 'dateInZone', 'date_in_zone', 'htmlDate', 'htmlDateInZone'],
]);
const moment = fc.oneof(date, small, fc.constantFrom('(int64 1625140800)', '(int 1600000000)'));

/** Arguments that mostly fit the signature, sometimes too many, too few or of another type. */
function argumentsOf(name: string): fc.Arbitrary<string[]> {
  const fn = functions.get(name);
  const types = fn?.params.map((type) => type.name) ?? [];
  const rest = fn?.isVariadic ? types.at(-1) : undefined;
  const fixed = rest === undefined ? types : types.slice(0, -1);
  const sound = (goType: string): fc.Arbitrary<string> => {
    if (READS_CLOCK.has(name) && goType === 'interface {}') return moment;
    return fc.oneof(
      { arbitrary: argumentOf(goType), weight: 12 },
      { arbitrary: strange, weight: 1 },
      { arbitrary: fc.constant('.nil'), weight: 1 },
    );
  };
  const many = rest === undefined ? fc.constant([]) : fc.array(sound(rest), { maxLength: 4 });
  return fc
    .tuple(fc.tuple(...fixed.map(sound)), many, fc.nat(40), strange)
    .map(([first, more, luck, extra]) => {
      const all = [...(first as string[]), ...(more as string[])];
      if (luck === 0) return all.slice(0, -1);
      return luck === 1 ? [...all, extra] : all;
    });
}

/** What is printed of a result: its type, its text, and its JSON where that is another view. */
function rowOf(call: string): FunctionRow {
  return {
    template: `{{ $x := (${call}) }}{{ printf "%T|%v|%q" $x $x $x }}{{ toJson $x }}`,
    values: VALUES,
  };
}

/** Go dies of a map that holds itself: such a call must not name one map twice. */
function isCyclic(template: string): boolean {
  if (!/\((set|merge|mustMerge)/.test(template)) return false;
  return ['.m', '.em', '.list', '.el'].some((name) => template.split(name).length > 2);
}

function calls(names: readonly string[]): fc.Arbitrary<FunctionRow> {
  return fc
    .constantFrom(...(names.length === 0 ? NAMES : names))
    .chain((name) => argumentsOf(name).map((args) => rowOf([name, ...args].join(' '))))
    .filter(({ template }) => !isCyclic(template));
}

/** Only what charts call; `only` names functions. */
export const functionSuite: FuzzSuite = defineSuite({
  name: 'functions',
  topic: 'functions',
  rows: calls,
  question: (row) => row,
  judge: (row, line) => {
    if (hasAddress(line)) return { kind: 'skipped' };
    const theirs = JSON.parse(line) as FunctionAnswer;
    const ours = answer(row);
    const about = /\(([A-Za-z0-9_]+)/.exec(row.template)?.[1] ?? '';
    const difference = { about, row: row.template, theirs, ours };
    return verdict(isDeepStrictEqual(ours, theirs), theirs.error !== undefined, difference);
  },
});
