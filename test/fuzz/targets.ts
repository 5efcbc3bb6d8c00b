// SPDX-License-Identifier: Apache-2.0

/** Readers that are given damaged input: each must end, by an answer or by an error of its own, within its limits. */

import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import {
  ChartError,
  loadArchive,
  MAX_CHART_BYTES,
  MAX_FILE_BYTES,
  unpackArchive,
} from '@helm-operator/chart';
import { decodeYamlDocuments, YamlError } from '@helm-operator/gocompat';
import { TemplateParseError, TemplateSet } from '@helm-operator/gotemplate';
import { Lexer } from '../../packages/gotemplate/src/lex.ts';
import { answer, type TemplateAnswer, type TemplateRow } from '../conformance/template-cases.ts';
import { templateFunctions } from '../conformance/template-functions.ts';
import { answerText } from '../conformance/text-cases.ts';
import { tarball } from '../kit/tarball.ts';
import { type Chance, mutatedBytes, mutatedText } from './mutation.ts';

/** What became of one input. */
export type Outcome = 'read' | 'refused';

/** How Go's answer is asked for and compared. */
export interface Comparison {
  readonly topic: 'template' | 'text';
  readonly question: (input: string) => unknown;
  /** @returns what differs; `undefined` where nothing does */
  readonly compare: (input: string, line: string) => unknown;
}

export interface FuzzTarget {
  readonly name: string;
  /** Makes an input and returns how it is read and how it is written down. */
  readonly draw: (chance: Chance) => {
    readonly text: string;
    /** @throws {Error} what must not be */
    readonly probe: () => Outcome;
  };
  readonly comparison?: Comparison | undefined;
}

const root = join(import.meta.dirname, '../..');

function filesOf(pattern: string): string[] {
  const paths = globSync(pattern, { cwd: root }).sort();
  return paths.map((path) => readFileSync(join(root, path), 'utf8'));
}

function templatesOfCases(): string[] {
  const rows = globSync('test/conformance/cases/gotemplate-*.json', { cwd: root })
    .sort()
    .flatMap((path) => {
      const file = JSON.parse(readFileSync(join(root, path), 'utf8')) as { rows: TemplateRow[] };
      return file.rows;
    });
  return rows.flatMap(({ templates }) => templates.map(([, text]) => text));
}

const TEMPLATE_WORDS: readonly string[] = [
  ...[
    '{{',
    '}}',
    '{{-',
    '-}}',
    '{{- ',
    ' -}}',
    '{{/*',
    '*/}}',
    '/*',
    '*/',
    '(',
    ')',
    '|',
    ':=',
    '=',
  ],
  ...[
    '"',
    '`',
    "'",
    '\\',
    '"\\x',
    "'\\u00e9'",
    '$',
    '$x',
    '.',
    '.a',
    '.a.b',
    ',',
    ' ',
    '\n',
    '\r\n',
  ],
  ...[
    'if ',
    'else',
    'else if ',
    'end',
    'range ',
    'with ',
    'define "a"',
    'block "a" .',
    'template "a"',
  ],
  ...[
    'break',
    'continue',
    'nil',
    'true',
    'len ',
    'print ',
    'index ',
    'nope ',
    '_x',
    '1',
    '0x1F',
    '1e3',
  ],
  ...[
    '1_000',
    '0b12',
    '1i',
    '+1',
    '-',
    '1.2.3',
    "'a'",
    '\u00e9',
    '\u{1f600}',
    '\u0000',
    '\ufeff',
    '{',
    '}',
  ],
];
const YAML_WORDS: readonly string[] = [
  ...[
    '[',
    ']',
    '{',
    '}',
    ',',
    ':',
    ': ',
    '- ',
    '? ',
    '#',
    ' #',
    '|',
    '>',
    '|-',
    '>+2',
    '---\n',
    '...\n',
  ],
  ...[
    '&a ',
    '*a',
    '<<: ',
    '!!str ',
    '!!int ',
    '!!binary ',
    '!x ',
    '%YAML 1.1\n',
    '%TAG ! x\n',
    '"',
    "'",
  ],
  ...[
    '\\',
    '\\x41',
    '\n',
    '\n  ',
    '\n    ',
    '\t',
    '\r\n',
    '\r',
    '\u0085',
    '\u2028',
    '\ufeff',
    '\u0001',
  ],
  ...[
    '~',
    'null',
    'yes',
    '0o17',
    '0x1F',
    '1e3',
    '.inf',
    '1:30',
    '2001-01-01',
    '1_000',
    '18446744073709551616',
  ],
];

/** Parsed and then asked for a template that is not there: parse errors are compared, nothing is executed. */
function parseOnly(text: string): TemplateRow {
  return { templates: [['main', text]], main: 'no such template', data: {} };
}

const parsing: Comparison = {
  topic: 'template',
  question: parseOnly,
  compare: (text, line) => {
    const theirs = JSON.parse(line) as TemplateAnswer;
    const ours = answer(parseOnly(text));
    return ours.err === theirs.err ? undefined : { theirs, ours };
  },
};

function lexed(text: string): Outcome {
  const lexer = new Lexer(text, (name) => templateFunctions.has(name));
  let [at, line] = [0, 1];
  for (let count = 0; count <= 2 * text.length + 2; count++) {
    const item = lexer.next();
    if (item.kind === 'error') return 'refused';
    assert.ok(item.pos >= at && item.line >= line, `${item.kind} goes back to ${item.pos}`);
    assert.equal(text.slice(item.pos, item.pos + item.text.length), item.text);
    if (item.kind === 'eof') return 'read';
    [at, line] = [item.pos + item.text.length, item.line];
  }
  throw new Error('the lexer gives more items than there are characters');
}

function parsed(text: string): Outcome {
  try {
    new TemplateSet({ functions: templateFunctions }).parse('main', text);
    return 'read';
  } catch (error) {
    if (!(error instanceof TemplateParseError)) throw error;
    assert.ok(error.line >= 1 && error.message.startsWith('template: main:'), error.message);
    return 'refused';
  }
}

function readAsYaml(text: string): Outcome {
  try {
    Array.from(decodeYamlDocuments(text));
    return 'read';
  } catch (error) {
    if (error instanceof YamlError) return 'refused';
    throw error;
  }
}

interface TextAnswerLine {
  readonly out: string;
  readonly err: string;
  readonly panic?: string;
}

const decoding: Comparison = {
  topic: 'text',
  question: (text) => ({ op: 'yaml.decode', in: Buffer.from(text).toString('base64') }),
  compare: (text, line) => {
    const { out, err, panic } = JSON.parse(line) as TextAnswerLine;
    const plain = (packed: string) => Buffer.from(packed, 'base64').toString();
    const theirs =
      panic === undefined ? { out: plain(out), err: plain(err) } : { out: '', err: panic };
    const found = answerText('yaml.decode', text);
    const ours = { out: found.out.toWellFormed(), err: found.err.toWellFormed() };
    return ours.out === theirs.out && ours.err === theirs.err ? undefined : { theirs, ours };
  },
};

function textTarget(
  name: string,
  known: readonly string[],
  words: readonly string[],
  parts: { readonly probe: (text: string) => Outcome; readonly comparison: Comparison },
): FuzzTarget {
  return {
    name,
    draw: (chance) => {
      const text = mutatedText(known, words, chance);
      return { text, probe: () => parts.probe(text) };
    },
    comparison: parts.comparison,
  };
}

const ports = {
  gunzip: (bytes: Uint8Array, maxOutputLength: number) => gunzipSync(bytes, { maxOutputLength }),
};

function knownTars(): Uint8Array[] {
  const meta = 'apiVersion: v2\nname: c\nversion: 1.0.0\n';
  const inner = tarball({ 'd/Chart.yaml': meta, 'd/values.yaml': 'a: 1\n' });
  const charts = [
    { 'c/Chart.yaml': meta, 'c/values.yaml': 'a: {b: [1, 2]}\n', 'c/templates/a.yaml': 'x: 1\n' },
    { 'c/Chart.yaml': meta, 'c/charts/d.tgz': inner, 'c/charts/e/Chart.yaml': meta },
    { 'c/Chart.yaml': meta, 'c/Chart.lock': 'digest: x\n', 'c/values.schema.json': '{}' },
    { 'c/Chart.yaml': 'name: c\nversion: 1\n', 'c/requirements.yaml': 'dependencies: []\n' },
  ];
  return charts.map((files) => new Uint8Array(gunzipSync(tarball(files))));
}

const TAR_WORDS: readonly Uint8Array[] = [
  ...[
    '../',
    '/',
    '\\',
    '..',
    'C:/',
    'Chart.yaml',
    'charts/',
    '\0',
    'ustar\0' + '00',
    '77777777777\0',
  ],
  ...[
    '00000000000\0',
    '-1',
    '12 path=c/../x\n',
    '27 size=99999999999999999\n',
    'x',
    'L',
    'g',
    '5',
    '2',
  ],
].map((word) => new Uint8Array(Buffer.from(word, 'latin1')));

/** Headers whose sum is right again, so that what is behind the check is reached. */
function withSums(tar: Uint8Array): Uint8Array {
  const out = Buffer.from(tar);
  for (let at = 0; at + 512 <= out.length; at += 512) {
    if (out.toString('latin1', at + 257, at + 262) !== 'ustar') continue;
    out.fill(0x20, at + 148, at + 156);
    const sum = out.subarray(at, at + 512).reduce((total, byte) => total + byte, 0);
    out.write(`${sum.toString(8).padStart(6, '0')}\0 `, at + 148, 'latin1');
  }
  return out;
}

function loaded(bytes: Uint8Array): Outcome {
  try {
    let total = 0;
    for (const { name, data } of unpackArchive(bytes, ports)) {
      assert.doesNotMatch(name, /^\/|(?:^|\/)\.\.(?:\/|$)|^[a-zA-Z]:\/|^$/, 'a path leads out');
      assert.ok(data.length <= MAX_FILE_BYTES);
      total += data.length;
    }
    assert.ok(total <= MAX_CHART_BYTES);
    loadArchive(bytes, ports);
    return 'read';
  } catch (error) {
    if (!(error instanceof ChartError)) throw error;
    assert.equal(error.retry, 'terminal');
    return 'refused';
  }
}

const archiveTarget = (): FuzzTarget => {
  const known = knownTars();
  return {
    name: 'archive',
    draw: (chance) => {
      const tar = mutatedBytes(known, TAR_WORDS, chance);
      const packed = gzipSync(chance.below(4) === 0 ? tar : withSums(tar), { level: 1 });
      const bytes = chance.below(6) === 0 ? mutatedBytes([packed], TAR_WORDS, chance) : packed;
      return { text: Buffer.from(bytes).toString('base64'), probe: () => loaded(bytes) };
    },
  };
};

/** Targets by name; the known inputs of a target are read when it is asked for. */
export const TARGETS: ReadonlyMap<string, () => FuzzTarget> = new Map([
  [
    'lexer',
    () => {
      const known = [
        ...templatesOfCases(),
        ...filesOf('{demo,examples}/**/templates/*.{yaml,tpl,txt}'),
      ];
      return textTarget('lexer', known, TEMPLATE_WORDS, { probe: lexed, comparison: parsing });
    },
  ],
  [
    'parser',
    () => {
      const parts = { probe: parsed, comparison: parsing };
      return textTarget('parser', templatesOfCases(), TEMPLATE_WORDS, parts);
    },
  ],
  [
    'yaml',
    () => {
      const known = filesOf('{demo,deploy,test,docs,examples}/**/*.yaml').map((text) =>
        text.slice(0, 3000),
      );
      return textTarget('yaml', known, YAML_WORDS, { probe: readAsYaml, comparison: decoding });
    },
  ],
  ['archive', archiveTarget],
]);
