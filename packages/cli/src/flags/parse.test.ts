// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  durationFlag,
  listFlag,
  mapFlag,
  numberFlag,
  switchFlag,
  textFlag,
  textsFlag,
} from './flag.ts';
import { commandPlace, parseFlags } from './parse.ts';

const FLAGS = {
  wait: switchFlag('wait', ''),
  all: switchFlag('all', '', { short: 'a' }),
  quiet: switchFlag('quiet', '', { short: 'q' }),
  namespace: textFlag('namespace', '', { short: 'n', env: 'NAMESPACE' }),
  dryRun: textFlag('dry-run', '', { bare: 'client' }),
  set: textsFlag('set', ''),
  values: listFlag('values', '', { short: 'f' }),
  max: numberFlag('max', '', { short: 'm', initial: 7 }),
  timeout: durationFlag('timeout', '', { initialMs: 1000, shown: '1s' }),
  labels: mapFlag('labels', ''),
  old: switchFlag('old', '', { deprecated: 'use --new' }),
};

const read = (...words: string[]) => parseFlags(FLAGS, words, new Map([['NAMESPACE', 'env']]));

test('flags are read as pflag reads them', () => {
  const rows: readonly (readonly [string[], Record<string, unknown>, string[]])[] = [
    [[], { wait: false, namespace: 'env', max: 7, timeout: 1000, set: [] }, []],
    [['--wait', 'x'], { wait: true }, ['x']],
    [['--wait=false', 'x'], { wait: false }, ['x']],
    [['--wait', 'false'], { wait: true }, ['false']],
    [['-aq', '-nfoo'], { all: true, quiet: true, namespace: 'foo' }, []],
    [['-aqn', 'foo', 'x'], { all: true, quiet: true, namespace: 'foo' }, ['x']],
    [['-n=foo'], { namespace: 'foo' }, []],
    [['--namespace', '-x'], { namespace: '-x' }, []],
    [['--namespace='], { namespace: '' }, []],
    [['--dry-run', 'server'], { dryRun: 'client' }, ['server']],
    [['--dry-run=server'], { dryRun: 'server' }, []],
    [['--set', 'a=1,b=2', '--set=c=3'], { set: ['a=1,b=2', 'c=3'] }, []],
    [['-f', 'a,b', '--values="x,y",z'], { values: ['a', 'b', 'x,y', 'z'] }, []],
    [['-m', '0x10'], { max: 16 }, []],
    [['--timeout', '1m30s'], { timeout: 90_000 }, []],
    [['x', '--', '--wait', '-a'], { wait: false, all: false }, ['x', '--wait', '-a']],
    [['-', 'x'], {}, ['-', 'x']],
  ];
  for (const [words, expected, args] of rows) {
    const parsed = read(...words);
    assert.deepEqual(parsed.args, args, words.join(' '));
    for (const [key, value] of Object.entries(expected))
      assert.deepEqual(parsed.values[key], value, `${words.join(' ')}: ${key}`);
  }
  assert.deepEqual(
    read('--labels', 'a=1,b=2', '--labels', 'b=3').values['labels'],
    new Map([
      ['a', '1'],
      ['b', '3'],
    ]),
  );
  assert.deepEqual([...read('-a', '--max=1').given], ['all', 'max']);
  assert.equal(read('-qh').mustHelp, true);
  assert.deepEqual(read('--old').warnings, ['Flag --old has been deprecated, use --new']);
});

test('what cannot be read has the text of pflag', () => {
  const rows: readonly (readonly [string[], string])[] = [
    [['--nope=1'], 'unknown flag: --nope'],
    [['-aZ'], "unknown shorthand flag: 'Z' in -Z"],
    [['--set'], 'flag needs an argument: --set'],
    [['-an'], "flag needs an argument: 'n' in -n"],
    [['--=x'], 'bad flag syntax: --=x'],
    [['---x'], 'bad flag syntax: ---x'],
    [
      ['--wait=x'],
      'invalid argument "x" for "--wait" flag: strconv.ParseBool: parsing "x": invalid syntax',
    ],
    [
      ['-m', 'x'],
      'invalid argument "x" for "-m, --max" flag: strconv.ParseInt: parsing "x": invalid syntax',
    ],
    [
      ['--labels', 'x'],
      'invalid argument "x" for "--labels" flag: x must be formatted as key=value',
    ],
  ];
  for (const [words, message] of rows) assert.throws(() => read(...words), { message });
});

test('the next command is found behind flags and their values', () => {
  const rows: readonly (readonly [string, number])[] = [
    ['list', 0],
    ['-n foo list', 2],
    ['--namespace=foo list', 1],
    ['-a list', 1],
    ['-nfoo list', 1],
    ['--dry-run list', 1],
    ['--help list', 1],
    ['-- list', -1],
    ['-a', -1],
  ];
  for (const [line, place] of rows) assert.equal(commandPlace(line.split(' '), FLAGS), place, line);
});
