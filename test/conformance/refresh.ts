// SPDX-License-Identifier: Apache-2.0

/**
 * Asks Go and Helm again for the answers of all recorded cases, after rows were added by hand or a peer moved on.
 *
 * `node test/conformance/refresh.ts [FILE...]`, FILE being a name in `cases/`; needs Go (the oracles of test/tools are built once).
 * A row needs no answer before its first refresh: add the question, run this, look at the difference.
 */

import { spawnSync } from 'node:child_process';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join, matchesGlob } from 'node:path';
import { decodeUtf8, encodeUtf8 } from '@helm-operator/gocompat';
import { ensureOracle } from '../tools/tools.ts';
import { type ChartAnswer, type ChartCaseFile, heldAnswer, wholeRow } from './chart-cases.ts';
import type { FunctionAnswer, FunctionRow } from './function-cases.ts';
import type { PostRenderFile } from './post-render-cases.ts';
import type { TemplateAnswer, TemplateRow } from './template-cases.ts';
import type { TextRow } from './text-cases.ts';

const cases = join(import.meta.dirname, 'cases');

/** Asks one topic and gives its lines. */
type Ask = (topic: string, questions: readonly unknown[]) => string[];

/** The text of a file of cases with new answers. */
type Refresh = (text: string, ask: Ask, askHelm4: Ask) => string;

const PRINTED_LENGTH = 2 ** 30;

function askerOf(oracle: string): Ask {
  return (topic, questions) => {
    const { status, stdout, stderr } = spawnSync(oracle, [topic], {
      input: questions.map((question) => `${JSON.stringify(question)}\n`).join(''),
      encoding: 'utf8',
      maxBuffer: PRINTED_LENGTH,
      env: { ...process.env, TZ: 'UTC', LC_ALL: 'C' },
    });
    if (status !== 0) throw new Error(`the oracle ended with ${status}: ${stderr}`);
    return stdout.trimEnd().split('\n');
  };
}

const listed = (lines: readonly string[]): string => `[\n${lines.join(',\n')}\n]`;

const refreshTemplates: Refresh = (text, ask) => {
  const { data, rows } = JSON.parse(text) as {
    data: unknown;
    rows: readonly (TemplateRow & TemplateAnswer)[];
  };
  const questions = rows.map(({ out: _out, err: _err, ...row }) => row);
  const answers = ask(
    'template',
    questions.map((row) => ('data' in row ? row : { ...row, data })),
  );
  const lines = questions.map((row, i) =>
    JSON.stringify({ ...row, ...(JSON.parse(answers[i] ?? '') as TemplateAnswer) }),
  );
  return `{\n"data": ${JSON.stringify(data)},\n"rows": ${listed(lines)}\n}\n`;
};

const refreshCharts: Refresh = (text, ask) => {
  const recorded = JSON.parse(text) as ChartCaseFile;
  const answers = ask(
    'render',
    recorded.rows.map((row) => wholeRow(recorded, row)),
  );
  const lines = recorded.rows.map((row, i) => {
    const answer = heldAnswer(recorded, JSON.parse(answers[i] ?? '') as ChartAnswer);
    return JSON.stringify({ ...row, answer });
  });
  const head = `"files": ${JSON.stringify(recorded.files)},\n"without": ${JSON.stringify(recorded.without)},`;
  return `{\n${head}\n"rows": ${listed(lines)}\n}\n`;
};

interface FunctionFile {
  readonly source: string;
  readonly values: unknown;
  readonly cases: readonly (FunctionRow & FunctionAnswer)[];
}

const refreshFunctions: Refresh = (text, ask) => {
  const { source, values, cases: rows } = JSON.parse(text) as FunctionFile;
  const answers = ask(
    'functions',
    rows.map(({ template }) => ({ template, values })),
  );
  const lines = rows.map(({ template }, i) => {
    const answer = JSON.parse(answers[i] ?? '') as FunctionAnswer;
    return JSON.stringify({ template, ...answer });
  });
  return `{\n"source": ${JSON.stringify(source)},\n"values": ${JSON.stringify(values)},\n"cases": ${listed(lines)}\n}\n`;
};

const refreshTexts: Refresh = (text, ask) => {
  const { source, rows } = JSON.parse(text) as { source: string; rows: readonly TextRow[] };
  const answers = ask(
    'text',
    rows.map(({ op, in: one }) => ({ op, in: base64(one) })),
  );
  const lines = rows.map(({ op, in: one, reason }, i) => {
    const answer = JSON.parse(answers[i] ?? '') as {
      readonly out: string;
      readonly err: string;
      readonly panic?: string;
    };
    const [out, err] = [answer.out, answer.err].map((packed) =>
      decodeUtf8(Buffer.from(packed, 'base64')),
    );
    // In a template a panic is an error of the same text.
    const error = answer.panic ?? err;
    const said = error === '' ? { out } : { err: error };
    return JSON.stringify({ op, in: one, ...said, ...(reason === undefined ? {} : { reason }) });
  });
  return `{"source":${JSON.stringify(source)},"rows":${listed(lines)}}\n`;
};

const refreshSignatures: Refresh = (text, ask) => {
  const { source } = JSON.parse(text) as { source: string };
  const signatures: unknown = JSON.parse(ask('function-signatures', []).join('\n'));
  return `${JSON.stringify({ source, signatures }, null, 2)}\n`;
};

const refreshPatches: Refresh = (_text, ask) => `${ask('strategic-merge', []).join('\n')}\n`;

interface ReadinessFile {
  readonly source: string;
  readonly cases: readonly { readonly object: unknown; readonly related?: readonly unknown[] }[];
}

const refreshReadiness: Refresh = (text, ask, askHelm4) => {
  const { source, cases: rows } = JSON.parse(text) as ReadinessFile;
  const questions = rows.map(({ object, related }) => ({ object, related }));
  const byHelm3 = ask('readiness', questions);
  const byKstatus = askHelm4('kstatus', questions);
  const lines = questions.map((question, i) => {
    const helm3: unknown = JSON.parse(byHelm3[i] ?? '');
    const kstatus: unknown = JSON.parse(byKstatus[i] ?? '');
    return JSON.stringify({ ...question, kstatus, helm3: helm3 === '' ? undefined : helm3 });
  });
  return `{"source":${JSON.stringify(source)},"cases":${listed(lines)}}\n`;
};

const refreshPostRenders: Refresh = (text, _ask, askHelm4) => {
  const { source, rows } = JSON.parse(text) as PostRenderFile;
  const questions = rows.map(({ answer: _answer, ...question }) => question);
  const answers = askHelm4('post-render', questions);
  const lines = questions.map((question, i) => {
    const answer: unknown = JSON.parse(answers[i] ?? '');
    return JSON.stringify({ ...question, answer });
  });
  return `{"source":${JSON.stringify(source)},"rows":${listed(lines)}}\n`;
};

function base64(text: string): string {
  return Buffer.from(encodeUtf8(text)).toString('base64');
}

/** Which files are made how. The first pattern that fits counts. */
const REFRESHERS: readonly (readonly [pattern: string, refresh: Refresh])[] = [
  ['gotemplate-*.json', refreshTemplates],
  ['{chart-*,deep-includes}.json', refreshCharts],
  ['function-signatures.json', refreshSignatures],
  ['functions-*.json', refreshFunctions],
  ['strategic-merge.json', refreshPatches],
  ['readiness.json', refreshReadiness],
  ['post-render.json', refreshPostRenders],
  ['{yaml-*,semver*,jsonschema,gocompat-*,known-differences}.json', refreshTexts],
];

const wanted = process.argv.slice(2);
const [helm3, helm4] = [
  askerOf(await ensureOracle()),
  askerOf(await ensureOracle(undefined, 'oracle4')),
];
for (const file of globSync('*.json', { cwd: cases }).sort()) {
  if (wanted.length > 0 && !wanted.includes(file)) continue;
  const refresh = REFRESHERS.find(([pattern]) => matchesGlob(file, pattern))?.[1];
  if (refresh === undefined) throw new Error(`nothing refreshes ${file}: add it to REFRESHERS`);
  const path = join(cases, file);
  const before = readFileSync(path, 'utf8');
  const after = refresh(before, file.includes('helm4') ? helm4 : helm3, helm4);
  writeFileSync(path, after);
  process.stdout.write(`${file}: ${before === after ? 'the same' : 'changed'}\n`);
}
