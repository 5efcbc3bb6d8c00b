// SPDX-License-Identifier: Apache-2.0

/**
 * `node test/conformance/profile-report.ts [CORPUS]`: writes docs/reference/profiles.md from the recorded answers of Helm 3 and Helm 4 and, given a
 * corpus, counts anew how its cases differ (kept in `profile-corpus.json`).
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { ChartAnswer, ChartCaseFile } from './chart-cases.ts';
import { readCases, readExpected } from './corpus-folder.ts';
import { corpusOf } from './made-corpus.ts';
import { type AnswerPair, PROFILE_RULES, type ProfileRule } from './profile-rules.ts';

const here = import.meta.dirname;
export const PAGE: string = join(here, '../../docs/reference/profiles.md');
const CORPUS_COUNTS = join(here, 'profile-corpus.json');

interface CorpusCounts {
  readonly cases: number;
  readonly same: number;
  /** What differs → number of cases. */
  readonly differing: Readonly<Record<string, number>>;
}

function readPairs(): readonly AnswerPair[] {
  return ['engine', 'manifest', 'values'].flatMap((topic) => {
    const [helm3, helm4] = ['chart', 'chart-helm4'].map(
      (name) =>
        JSON.parse(
          readFileSync(join(here, `cases/${name}-${topic}.json`), 'utf8'),
        ) as ChartCaseFile,
    );
    if (helm3 === undefined || helm4 === undefined) return [];
    const answers = new Map(
      helm3.rows.map(({ answer, ...question }) => [JSON.stringify(question), answer]),
    );
    return helm4.rows.flatMap(({ answer, ...question }): AnswerPair[] => {
      const other = answers.get(JSON.stringify(question));
      return other === undefined ? [] : [{ topic, question, helm3: other, helm4: answer }];
    });
  });
}

/** Every text of an answer, levelled; the stored chart and what was said on the way are left out. */
function levelled(
  { manifest = '', hooks = [], notes = '', error = '' }: ChartAnswer,
  rules: readonly ProfileRule[],
): readonly string[] {
  const level = (text: string, isError: boolean) =>
    rules.reduce(
      (now, rule) => (rule.isOfErrors === true && !isError ? now : (rule.level?.(now) ?? now)),
      text,
    );
  const texts = hooks.flatMap((hook) => {
    const { Manifest, ...facts } = hook as { readonly Manifest: string };
    return [Manifest, JSON.stringify(facts)];
  });
  return [...[manifest, notes, ...texts].map((text) => level(text, false)), level(error, true)];
}

function isLevel({ helm3, helm4 }: AnswerPair, rules: readonly ProfileRule[]): boolean {
  return isDeepStrictEqual(levelled(helm3, rules), levelled(helm4, rules));
}

/** The fewest rules that explain a pair; none where it is the same. */
function rulesOf(pair: AnswerPair): readonly ProfileRule[] | undefined {
  if (isLevel(pair, [])) return [];
  const about = PROFILE_RULES.filter(({ isAbout }) => isAbout?.(pair) === true);
  let left = PROFILE_RULES.filter(({ level }) => level !== undefined);
  if (!isLevel(pair, left)) return about.length === 0 ? undefined : about.slice(-1);
  for (const rule of PROFILE_RULES) {
    const fewer = left.filter((other) => other !== rule);
    if (isLevel(pair, fewer)) left = fewer;
  }
  return left;
}

/** @throws {Error} a pair that no rule explains */
export function printProfiles(): string {
  const pairs = readPairs();
  const found = new Map<ProfileRule, AnswerPair[]>(PROFILE_RULES.map((rule) => [rule, []]));
  for (const pair of pairs) {
    const rules = rulesOf(pair);
    if (rules === undefined)
      throw new Error(`no rule explains this difference: ${JSON.stringify(pair)}`);
    for (const rule of rules) found.get(rule)?.push(pair);
  }
  const rows = PROFILE_RULES.map(
    (rule) => `| ${rule.what} | ${rule.helm3} | ${rule.helm4} | ${found.get(rule)?.length ?? 0} |`,
  );
  const corpus = JSON.parse(readFileSync(CORPUS_COUNTS, 'utf8')) as CorpusCounts;
  return PAGE_HEAD.replace('PAIRS', String(pairs.length))
    .replace('ROWS', rows.join('\n'))
    .replace('CASES', String(corpus.cases))
    .replace('SAME', String(corpus.same))
    .replace(
      'COUNTS',
      Object.entries(corpus.differing)
        .map(([what, count]) => `| ${what} | ${count} |`)
        .join('\n'),
    );
}

const PAGE_HEAD = `# Profiles

<!-- Made by \`node test/conformance/profile-report.ts\`; a test compares it with the recorded cases. -->

The engine renders as Helm 3.22.0 (profile \`helm3\`) or as Helm 4.2.1 (\`helm4\`). Where they differ, recorded answers of both stand in
\`test/conformance/cases\`: PAIRS questions were put to both, and each answer that differs is explained by a row of this table.

| what | \`helm3\` | \`helm4\` | recorded differences |
|---|---|---|---|
ROWS

Of the CASES cases of the corpus, SAME are the same with both, blank by blank; in the others differ:

| what | cases |
|---|---|
COUNTS

Loading, too: values.yaml and \`-f\` files of several documents are merged by \`helm4\`, \`helm3\` reads the first; archives that are too large are
refused in other words. A post-renderer is a program that gets the manifest with
\`helm3\`, a plugin that gets hooks and manifests in one annotated stream with \`helm4\`.
`;

async function countCorpus(folder: string): Promise<CorpusCounts> {
  const other = await corpusOf(folder, 'helm4');
  const rows4 = new Map(readCases(other).map((row) => [row.id, row]));
  const differing: Record<string, number> = {};
  let same = 0;
  const cases = readCases(folder);
  for (const row of cases) {
    const row4 = rows4.get(row.id);
    if (row4 === undefined) continue;
    const pair = {
      ...{ topic: 'corpus', question: { op: 'render' as const } },
      helm3: withoutWild(readExpected(folder, row), row.wildLines),
      helm4: withoutWild(readExpected(other, row4), row4.wildLines),
    };
    const rules = rulesOf(pair);
    if (rules?.length === 0) same++;
    const names = rules?.map(({ what }) => what) ?? [
      'order of documents, or lines that differ whenever Helm runs',
    ];
    for (const name of names) differing[name] = (differing[name] ?? 0) + 1;
  }
  return { cases: cases.length, same, differing };
}

/** Lines that differ whenever Helm runs say nothing. */
function withoutWild(
  files: ReadonlyMap<string, string>,
  wildLines: Readonly<Record<string, readonly number[]>> = {},
): ChartAnswer {
  const clean = (file: string) => {
    const wild = new Set(wildLines[file]);
    const lines = (files.get(file) ?? '').split('\n');
    return lines.map((line, i) => (wild.has(i + 1) ? '?' : line)).join('\n');
  };
  return {
    manifest: `${clean('manifest.yaml')}\n---\n${clean('hooks.yaml')}`,
    notes: clean('notes.txt'),
    error: clean('error.txt'),
  };
}

if (import.meta.main) {
  const [folder] = process.argv.slice(2);
  if (folder !== undefined)
    writeFileSync(CORPUS_COUNTS, `${JSON.stringify(await countCorpus(folder), null, 1)}\n`);
  writeFileSync(PAGE, printProfiles());
  process.stdout.write(`${PAGE}\n`);
}
