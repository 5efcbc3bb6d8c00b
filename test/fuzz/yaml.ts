// SPDX-License-Identifier: Apache-2.0

/**
 * Generated texts, strings, keys and values through Go's YAML libraries and through ours: answers and error
 * texts must be equal. Values files of the test charts are mutated, too.
 */

import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import type { FuzzSuite } from './suite.ts';
import { isBytes, type Question, textSuite } from './text-suite.ts';

const MAX_MUTATED = 3_000;
const root = join(import.meta.dirname, '../..');

const piece = fc.constantFrom(
  ...['a', 'key', 'x y', '1', '-1', '08', '1.5', '1e3', '.5', '~', 'null', 'true', 'yes', 'y', 'n'],
  ...[
    '""',
    "''",
    '"a"',
    "'b'",
    '"a b\\n"',
    '<<',
    '*a',
    '&a ',
    '!!str ',
    '!!int ',
    '!!binary ',
    '!x ',
  ],
  ...[
    '[',
    ']',
    '{',
    '}',
    ',',
    ':',
    ': ',
    '- ',
    '-',
    '? ',
    '?',
    '#',
    ' #c',
    '|',
    '>',
    '|-',
    '>+',
    '|2',
  ],
  ...[
    '---',
    '...',
    '%YAML 1.1',
    '%TAG !e! tag:e',
    '!e!x',
    '\t',
    ' ',
    '  ',
    '\n',
    '\n',
    '\n',
    '\n  ',
  ],
  ...['\n    ', '\n- ', '\na: ', '\n  b: ', '\r\n', '\r', '\x85', '\u2028', '\u00e9', '\u{1f600}'],
  ...['\ufeff', '\x01', '\x7f', '\udcff', '\\', '"', "'", '\\x41', '2001-01-01', '0x1F', '0o17'],
  ...['1_000', '18446744073709551616', '.inf', '1:30', '@', '`', '%', 'aGVsbG8=', '<<: *a', '[]: '],
);
const text = fc.array(piece, { maxLength: 24 }).map((pieces) => pieces.join(''));
const string = fc.oneof(
  text,
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.array(piece, { minLength: 20, maxLength: 80 }).map((pieces) => pieces.join(' ')),
);
const keyOf = (...pieces: readonly string[]): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 6 }).map((one) => one.join(''));
const key = keyOf('a', 'B', '1', '0', '01', '10', '-', '.', '_', '/', ' ', '\u00e9');
/** Without zeros: with them go-yaml's order has cycles, and three keys may come in any order. */
const orderedKey = keyOf('a', 'B', '1', '-', '.', '_', '/', ' ', '\u00e9');
const value = fc.letrec((tie) => ({
  node: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom(null, true, false),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.integer(),
    string,
    fc.array(tie('node'), { maxLength: 4 }),
    fc.dictionary(orderedKey, tie('node'), { maxKeys: 5 }),
  ),
})).node;

function questions(files: readonly string[]): fc.Arbitrary<Question> {
  const of = (op: string, from: fc.Arbitrary<string>): fc.Arbitrary<Question> =>
    from.filter(isBytes).map((one) => ({ op, in: one }));
  const json = value.map((one) => JSON.stringify(one)).filter((one) => !one.includes('\\ud'));
  const pair = fc.tuple(key, key).map((keys) => keys.join('\0'));
  const all = [
    of('yaml.decode', text),
    of('yaml.strict', text),
    of('yaml.string', string),
    of('yaml.root', string),
    of('yaml.key', string),
    of('yaml.keys', pair),
    of('yaml.encode', json),
    of('yaml.pretty', json),
    of('yaml.prettystring', string),
    of('yaml.prettykeys', pair),
  ];
  if (files.length > 0) all.push(of('yaml.decode', mutated(files)));
  return fc.oneof(...all);
}

/** A piece of a file with small changes. */
function mutated(files: readonly string[]): fc.Arbitrary<string> {
  const change = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    drop: fc.nat(3),
    piece,
  });
  return fc
    .record({
      file: fc.constantFrom(...files),
      from: fc.double({ min: 0, max: 1, noNaN: true }),
      changes: fc.array(change, { minLength: 1, maxLength: 4 }),
    })
    .map(({ file, from, changes }) => {
      const start = file.lastIndexOf('\n', Math.floor(from * file.length)) + 1;
      return changes.reduce(
        (now, { at, drop, piece: added }) => {
          const place = Math.floor(at * now.length);
          return now.slice(0, place) + added + now.slice(place + drop);
        },
        file.slice(start, start + MAX_MUTATED),
      );
    });
}

/** Every YAML file of the tree that is not generated: values, charts, manifests. */
function yamlFiles(): string[] {
  return globSync('{demo,deploy,test,docs}/**/*.yaml', { cwd: root })
    .sort()
    .map((path) => readFileSync(join(root, path), 'utf8'));
}

export const yamlSuite: FuzzSuite = textSuite('yaml', () => questions(yamlFiles()));
