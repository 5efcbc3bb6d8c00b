// SPDX-License-Identifier: Apache-2.0

/**
 * The cases of a corpus as Helm 4 renders them, made by `test/tools/oracle4` into the user's cache folder: the same form as the corpus itself, its
 * `charts` a link, the capabilities used beside it in `default-capabilities.json`.
 */

import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import type { Profile } from '@helm-operator/chart';
import { cacheFolder, ensureOracle } from '../tools/tools.ts';
import {
  type CorpusCase,
  OUTPUT_FILES,
  readCases,
  readChart,
  readUserValues,
} from './corpus-folder.ts';
import { type PrintedHook, printHooks } from './corpus-render.ts';

/** How often Helm renders each case: lines that differ are wild. */
const RUNS = 3;

interface Answer {
  readonly manifest?: string;
  readonly notes?: string;
  readonly error?: string;
  readonly hooks?: readonly {
    readonly Path: string;
    readonly Kind: string;
    readonly Name: string;
    readonly Manifest: string;
    readonly Weight: number;
    readonly Events: readonly string[] | null;
    readonly DeletePolicies: readonly string[] | null;
  }[];
}

type Output = ReadonlyMap<string, string>;

/** The folder with the goldens of a profile: the corpus itself, or one made of it. */
export async function corpusOf(folder: string, profile: Profile): Promise<string> {
  const maker = makerOf(folder);
  if (maker === undefined || maker === profile) return folder;
  if (profile === 'helm3')
    throw new Error(`the goldens in ${folder} are of Helm 4: give the folder they were made from`);
  return madeCorpus(folder);
}

/** Whose goldens a corpus holds, where it tells. */
function makerOf(folder: string): Profile | undefined {
  const path = join(folder, 'default-capabilities.json');
  if (!existsSync(path)) return undefined;
  const { HelmVersion } = JSON.parse(readFileSync(path, 'utf8')) as {
    readonly HelmVersion?: { readonly version?: string };
  };
  const major = /^v(\d)/.exec(HelmVersion?.version ?? '')?.[1];
  return major === '4' ? 'helm4' : 'helm3';
}

/**
 * Makes the folder when it is not there yet; a change of the corpus or of the oracle makes another.
 *
 * @throws {ToolMissingError} `tools/missing`
 */
async function madeCorpus(folder: string): Promise<string> {
  const oracle = await ensureOracle(undefined, 'oracle4');
  const cases = readCases(folder);
  const digest = createHash('sha256').update(dirname(oracle)).update(resolve(folder));
  for (const row of cases)
    digest.update(readChart(folder, row)).update(`${row.id}\n${readUserValues(folder, row)}`);
  const target = join(cacheFolder(), 'corpus', `helm4-${digest.digest('hex').slice(0, 12)}`);
  if (existsSync(target)) return target;
  process.stderr.write(`making ${cases.length} cases with Helm 4 in ${target} (once) ...\n`);
  const temporary = `${target}.${process.pid}.tmp`;
  await mkdir(temporary, { recursive: true });
  try {
    await writeCorpus(temporary, folder, { cases, oracle });
    await rename(temporary, target);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  return target;
}

async function writeCorpus(
  target: string,
  folder: string,
  { cases, oracle }: { readonly cases: readonly CorpusCase[]; readonly oracle: string },
): Promise<void> {
  const runs: (readonly Output[])[] = [];
  for (let run = 0; run < RUNS; run++) runs.push(await renderAll(folder, cases, oracle));
  const made: CorpusCase[] = [];
  for (const [i, { id, chart }] of cases.entries()) {
    const outputs = runs.flatMap((run) => run[i] ?? []);
    const [first] = outputs;
    if (first === undefined) throw new Error(`no answer for ${id}`);
    const golden = join(target, 'golden', id);
    await mkdir(golden, { recursive: true });
    const values = readUserValues(folder, { id, chart, outcome: 'ok' });
    if (values !== '') await writeFile(join(golden, 'values.yaml'), values);
    for (const [file, text] of first) if (text !== '') await writeFile(join(golden, file), text);
    const wildLines = wildLinesOf(outputs);
    made.push({
      id,
      chart,
      outcome: first.has('error.txt') ? 'error' : 'ok',
      ...(wildLines === undefined ? {} : { wildLines }),
    });
  }
  await symlink(resolve(folder, 'charts'), join(target, 'charts'));
  const { stdout } = await promisify(execFile)(oracle, ['capabilities']);
  await writeFile(join(target, 'default-capabilities.json'), stdout);
  await writeFile(join(target, 'cases.json'), `${JSON.stringify(made, null, 1)}\n`);
}

async function renderAll(
  folder: string,
  cases: readonly CorpusCase[],
  oracle: string,
): Promise<readonly Output[]> {
  const child = spawn(oracle, ['render'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const outputs: Output[] = [];
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  for (const row of cases) {
    const archive = Buffer.from(readChart(folder, row)).toString('base64');
    child.stdin.write(`${JSON.stringify({ archive, values: readUserValues(folder, row) })}\n`);
    const line = await lines.next();
    if (line.done === true) throw new Error(`the oracle ended at ${row.id}`);
    outputs.push(outputOf(JSON.parse(line.value) as Answer));
  }
  child.stdin.end();
  return outputs;
}

function outputOf({ manifest = '', notes = '', error, hooks = [] }: Answer): Output {
  if (error !== undefined) return new Map([['error.txt', error]]);
  const printed = hooks.map(
    (hook): PrintedHook => ({
      path: hook.Path,
      kind: hook.Kind,
      name: hook.Name,
      manifest: hook.Manifest,
      weight: hook.Weight,
      events: hook.Events ?? [],
      deletePolicies: hook.DeletePolicies ?? [],
    }),
  );
  return new Map([
    ['manifest.yaml', manifest],
    ['hooks.yaml', printHooks(printed)],
    ['notes.txt', notes],
  ]);
}

/** File → lines (from 1) that are not the same in all runs. */
function wildLinesOf(outputs: readonly Output[]): Record<string, number[]> | undefined {
  const found = OUTPUT_FILES.flatMap((file): [string, number[]][] => {
    const runs = outputs.map((output) => (output.get(file) ?? '').split('\n'));
    const count = Math.max(...runs.map((lines) => lines.length));
    const wild = Array.from({ length: count }, (_, i) => i).filter((i) =>
      runs.some((lines) => lines[i] !== runs[0]?.[i]),
    );
    return wild.length === 0 ? [] : [[file, wild.map((i) => i + 1)]];
  });
  return found.length === 0 ? undefined : Object.fromEntries(found);
}
