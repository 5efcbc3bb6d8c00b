// SPDX-License-Identifier: Apache-2.0

/**
 * What Helm makes of a small chart, and what ours does, in one form.
 *
 * The rows of `cases/chart-*.json` and the answers of the program in `test/tools/oracle` (`serveRender`) are in this form.
 */

import { performance } from 'node:perf_hooks';
import {
  type Chart,
  type ChartFile,
  coalesceValues,
  DEFAULT_CAPABILITIES,
  type Hook,
  ignoreRules,
  loadArchive,
  loadFiles,
  type Profile,
  parseKubeVersion,
  processDependencies,
  readValues,
  renderChart,
  type SetMode,
  setValues,
  storedChart,
  unpackArchive,
} from '@helm-operator/chart';
import { nodeFunctionPorts } from '@helm-operator/chart/node';
import {
  compareBytes,
  compileGlob,
  encodeJson,
  encodeUtf8,
  Int,
  type Value,
  type ValueMap,
} from '@helm-operator/gocompat';
import { archivePorts } from './corpus-render.ts';

export interface ChartRow {
  readonly op: 'render' | 'load' | 'set' | 'ignore' | 'glob';
  /** What the row is about. */
  readonly note?: string;
  readonly files?: Readonly<Record<string, string>>;
  /** A `.tgz` in base64, in place of `files`. */
  readonly archive?: string;
  readonly values?: string;
  readonly set?: readonly (readonly [SetMode, string])[];
  readonly upgrade?: boolean;
  readonly subNotes?: boolean;
  /** A `.helmignore`, or a pattern of `.Files.Glob`. */
  readonly rules?: string;
  /** Folders end with a slash. */
  readonly paths?: readonly string[];
}

/** One file of cases. */
export interface ChartCaseFile {
  /** Files that every chart of the rows has, unless the row brings its own. */
  readonly files: Readonly<Record<string, string>>;
  /** Parts of answers that are not held. */
  readonly without: readonly (keyof ChartAnswer)[];
  readonly rows: readonly (ChartRow & { readonly answer: ChartAnswer })[];
}

/** The row with the files it shares with the others. */
export function wholeRow(
  { files }: ChartCaseFile,
  { answer: _answer, ...row }: ChartRow & { readonly answer?: ChartAnswer },
): ChartRow {
  return { ...row, files: { ...files, ...row.files } };
}

/** The answer as a file of cases holds it. */
export function heldAnswer({ without }: ChartCaseFile, answer: ChartAnswer): ChartAnswer {
  const parts = Object.entries(answer)
    .filter(([name]) => !without.some((other) => other === name))
    .map(([name, part]) => [name, name === 'error' ? shortened(String(part)) : part]);
  return Object.fromEntries(parts) as ChartAnswer;
}

const LONGEST_ERROR = 4000;

/** The ends of a long error, and its length. */
function shortened(error: string): string {
  if (error.length <= LONGEST_ERROR) return error;
  return `${error.slice(0, 1000)} … ${error.length} … ${error.slice(-1000)}`;
}

/** As JSON; what is empty is left out. */
export interface ChartAnswer {
  readonly manifest?: string;
  readonly hooks?: readonly unknown[];
  readonly notes?: string;
  readonly chart?: unknown;
  readonly values?: unknown;
  readonly typed?: unknown;
  readonly ignored?: readonly boolean[];
  readonly log?: readonly string[];
  readonly error?: string;
}

/** Answers a row as the oracle does. */
export function answerChart(row: ChartRow, profile: Profile): ChartAnswer {
  const log = new Set<string>();
  const answer = tryAnswer(row, { profile, warn: (text) => log.add(text) });
  // The oracle of Helm 4 is silent.
  return log.size === 0 || profile === 'helm4'
    ? answer
    : { ...answer, log: [...log].sort(compareBytes) };
}

interface Context {
  readonly profile: Profile;
  readonly warn: (text: string) => void;
}

function tryAnswer(row: ChartRow, context: Context): ChartAnswer {
  try {
    switch (row.op) {
      case 'set':
        return { typed: typedValue(userValues(row, context)) };
      case 'ignore':
        return answerIgnore(row);
      case 'glob':
        return answerGlob(row);
      case 'load':
        return { chart: JSON.parse(storedText(loadRow(row, context))) };
      case 'render':
        return answerRender(row, context);
    }
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { error: error.message.toWellFormed() };
  }
}

/** Helm 4's install puts words before an error of this step. */
function workedOut(loaded: Chart, values: ValueMap, context: Context): Chart {
  try {
    return processDependencies(loaded, values, context);
  } catch (error) {
    if (context.profile === 'helm3' || !(error instanceof Error)) throw error;
    throw new Error(`chart dependencies processing failed: ${error.message}`, { cause: error });
  }
}

function loadRow({ files = {}, archive }: ChartRow, context: Context): Chart {
  if (archive !== undefined) {
    return loadArchive(Buffer.from(archive, 'base64'), archivePorts, context);
  }
  const list = Object.entries(files)
    .map(([name, text]): ChartFile => ({ name, data: encodeUtf8(text) }))
    .sort((a, b) => compareBytes(a.name, b.name));
  return loadFiles(list, { ...context, unpack: (bytes) => unpackArchive(bytes, archivePorts) });
}

function userValues({ values = '', set = [] }: ChartRow, { profile }: Context): ValueMap {
  const target = readValues(values, profile);
  for (const [mode, line] of set) {
    setValues(line, target, { mode, readFile: (path) => `content of ${path}` });
  }
  return target;
}

function storedText(chart: Chart): string {
  return storedChart(chart, (bytes) => Buffer.from(bytes).toString('base64'));
}

function answerIgnore({ rules = '', paths = [] }: ChartRow): ChartAnswer {
  const isIgnored = ignoreRules(rules);
  return { ignored: paths.map((path) => isIgnored(path.replace(/\/$/, ''), path.endsWith('/'))) };
}

function answerGlob({ rules = '', paths = [] }: ChartRow): ChartAnswer {
  const matches = compileGlob(rules, '/');
  return matches === undefined ? { error: 'unreadable' } : { ignored: paths.map(matches) };
}

function answerRender(row: ChartRow, context: Context): ChartAnswer {
  const loaded = loadRow(row, context);
  const values = userValues(row, context);
  const chart = workedOut(loaded, values, context);
  const seen = coalesceValues(chart, values, {
    profile: context.profile,
  });
  const seenJson: unknown = JSON.parse(encodeJson(seen));
  const { manifest, hooks, notes } = renderChart({
    chart,
    values,
    release: {
      name: 'demo',
      namespace: 'apps',
      revision: 1,
      isInstall: row.upgrade !== true,
      isUpgrade: row.upgrade === true,
    },
    capabilities: {
      ...DEFAULT_CAPABILITIES[context.profile],
      kubeVersion: parseKubeVersion('v1.31.0', context.profile),
    },
    profile: context.profile,
    ports: { functions: nodeFunctionPorts(), nowMs: () => performance.now() },
    mustRenderSubchartNotes: row.subNotes,
    warn: context.warn,
  });
  return {
    ...(manifest === '' ? {} : { manifest: manifest.toWellFormed() }),
    ...(hooks.length === 0 ? {} : { hooks: hooks.map(printedHook) }),
    ...(notes === '' ? {} : { notes: notes.toWellFormed() }),
    chart: printedChart(chart, context.profile),
    values: seenJson,
  };
}

/** Helm 4 records times of files as well; the rows leave files out. */
function printedChart(chart: Chart, profile: Profile): unknown {
  const all = JSON.parse(storedText(chart)) as Readonly<Record<string, unknown>>;
  return profile === 'helm3' ? all : { metadata: all['metadata'], values: all['values'] };
}

function printedHook(hook: Hook): unknown {
  const list = (items: readonly string[]) => (items.length === 0 ? null : items);
  return {
    Path: hook.path,
    Kind: hook.kind,
    Name: hook.name,
    Manifest: hook.manifest,
    Weight: hook.weight,
    Events: list(hook.events),
    DeletePolicies: list(hook.deletePolicies),
    OutputLogPolicies: list(hook.outputLogPolicies),
  };
}

/** Keeps what JSON loses: whether a number is an int64. */
function typedValue(value: Value): unknown {
  if (value instanceof Int) return { int64: value.value.toString() };
  if (Array.isArray(value)) return value.map(typedValue);
  if (!(value instanceof Map)) return value;
  return Object.fromEntries([...value].map(([key, inner]) => [key, typedValue(inner)]));
}
