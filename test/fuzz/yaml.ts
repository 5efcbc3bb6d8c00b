// SPDX-License-Identifier: Apache-2.0

/**
 * Generated texts, strings, keys and values through Go's YAML libraries and through ours: answers and error
 * texts must be equal.
 *
 * `node test/fuzz/yaml.ts ORACLE [COUNT [SEED [FILE ...]]]`: ORACLE is the built program of test/tools/oracle in
 * its text mode; FILEs are YAML texts to mutate.
 */

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { decodeUtf8, encodeUtf8 } from '@helm-operator/gocompat';
import fc from 'fast-check';
import { answerText } from '../conformance/text-cases.ts';

const BATCH = 2_000;
const MAX_SHOWN = 10;
const MAX_MUTATED = 3_000;

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

interface Question {
  readonly op: string;
  readonly in: string;
}

/** Lone halves of pairs have no bytes in Go. */
function isBytes(one: string): boolean {
  return !/[\ud800-\udc7f\udd00-\udfff]/u.test(one);
}

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

interface OracleAnswer {
  readonly out: string;
  readonly err: string;
  readonly panic?: string;
}

function ask(oracle: string, asked: readonly Question[]): OracleAnswer[] {
  const input = asked
    .map(({ op, in: one }) =>
      JSON.stringify({ op, in: Buffer.from(encodeUtf8(one)).toString('base64') }),
    )
    .join('\n');
  const run = spawnSync(oracle, ['text'], { input, maxBuffer: 2 ** 30 });
  if (run.status !== 0) throw new Error(`the oracle failed: ${run.stderr}`);
  const unpack = (packed: string): string => decodeUtf8(Buffer.from(packed, 'base64'));
  return run.stdout
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => {
      const answer = JSON.parse(line) as OracleAnswer;
      return { ...answer, out: unpack(answer.out), err: unpack(answer.err) };
    });
}

function main(): void {
  const [oracle, count = '20000', seed = '1', ...paths] = process.argv.slice(2);
  if (oracle === undefined)
    throw new Error('usage: node test/fuzz/yaml.ts ORACLE [COUNT [SEED [FILE ...]]]');
  const files = paths.map((path) => readFileSync(path, 'utf8'));
  let differences = 0;
  let errors = 0;
  for (let done = 0; done < Number(count); done += BATCH) {
    const asked = fc.sample(questions(files), { numRuns: BATCH, seed: Number(seed) + done });
    for (const [index, theirs] of ask(oracle, asked).entries()) {
      const question = asked[index];
      if (question === undefined || theirs.panic !== undefined) continue;
      if (theirs.err !== '') errors++;
      const ours = answerText(question.op, question.in);
      if (ours.out === theirs.out && ours.err === theirs.err) continue;
      differences++;
      if (differences <= MAX_SHOWN) console.log(question, 'Go:', theirs, 'ours:', ours);
    }
  }
  console.log(`${count} questions, ${errors} errors in Go, ${differences} differences`);
  process.exitCode = differences === 0 ? 0 : 1;
}

main();
