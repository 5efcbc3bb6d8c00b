// SPDX-License-Identifier: Apache-2.0

/**
 * Renders the templates of a chart and its subcharts.
 *
 * Source: helm v3.22.0 pkg/engine/engine.go
 */

import { compareBytes, quote, types, type Value, type ValueMap } from '@helm-operator/gocompat';
import {
  type Budget,
  type FunctionTable,
  type ParsedText,
  type Run,
  type RunObserver,
  TemplateExecError,
  type TemplateFunction,
  TemplateSet,
} from '@helm-operator/gotemplate';
import { type Chart, type ChartFile, isLibrary } from '../chart/chart.ts';
import { TextFile, textOfFile } from '../chart/compact-chart.ts';
import { messageOf } from '../errors.ts';
import type { Profile } from '../profile.ts';
import { tableAt } from '../values/tables.ts';
import { execError, markedFailure, parseError } from './errors.ts';
import { filesObject } from './files.ts';
import { chartObject, valuesObject } from './objects.ts';
import type { TemplateCache } from './template-cache.ts';

/** Answers `lookup`; absent: always an empty map. */
export type Lookup = (
  apiVersion: string,
  kind: string,
  namespace: string,
  name: string,
) => ValueMap;

export interface EngineOptions {
  readonly profile: Profile;
  /** Sprig and Helm functions but those the engine binds itself. */
  readonly functions: FunctionTable;
  /** Names of functions that are not Helm's: what was parsed with them is kept apart. */
  readonly ownFunctions?: string | undefined;
  readonly budget: Budget;
  readonly lookup?: Lookup | undefined;
  /** A missing key is an error. */
  readonly isStrict?: boolean | undefined;
  /** `required` and `fail` do not fail. */
  readonly isLint?: boolean | undefined;
  readonly cache?: ChartCache | undefined;
  readonly observer?: RunObserver | undefined;
}

/** Where the templates of a chart are kept between renderings. */
export interface ChartCache {
  readonly templates: TemplateCache;
  /** Digest of the chart archive: what the chart is known by. */
  readonly chartDigest: string;
}

/** What templates see at the top, beside what each chart adds. */
export interface TopLevel {
  readonly release: Value;
  readonly capabilities: Value;
  /** Coalesced values of the root chart. */
  readonly values: ValueMap;
}

const ROOT = 'gotpl';
const MAX_INCLUDES = 1000;
const NO_VALUE = '<no value>';

interface Renderable {
  readonly path: string;
  readonly file: ChartFile;
  readonly basePath: string;
  readonly scope: ValueMap;
}

/** What `include` and `tpl` know during a run. */
interface EngineState extends Pick<EngineOptions, 'isLint' | 'lookup' | 'cache'> {
  /** The set that is current: inside `tpl` its clone. */
  set: TemplateSet;
  /** Name → how often it is being included right now. */
  readonly included: Map<string, number>;
  readonly functions: string;
}

/**
 * Renders every template, partials apart.
 *
 * @returns path (`chart/templates/x.yaml`) → text
 * @throws {ChartError} `chart/render` with Helm's text
 * @throws {BudgetError} a budget is used up
 */
export function renderTemplates(
  chart: Chart,
  top: TopLevel,
  options: EngineOptions,
): Map<string, string> {
  const renderables = collect(chart, top, options.profile);
  const key = cacheKey(renderables, options);
  const set = parsedTemplates(renderables, key, options);
  const { isLint, lookup, cache } = options;
  const functions = functionNames(options);
  const state: EngineState = { set, included: new Map(), isLint, lookup, cache, functions };
  const run: Run = { budget: options.budget, state, observer: options.observer };
  try {
    return renderAll(renderables, run, options.profile);
  } finally {
    cache?.templates.settle(key);
  }
}

function renderAll(
  renderables: readonly Renderable[],
  run: Run,
  profile: Profile,
): Map<string, string> {
  const { set } = stateOf(run);
  const rendered = new Map<string, string>();
  for (const { path, scope, basePath } of renderables) {
    if (path.slice(path.lastIndexOf('/') + 1).startsWith('_')) continue;
    const template = new Map<string, Value>([
      ['Name', path],
      ['BasePath', basePath],
    ]);
    scope.set('Template', valuesObject(template, profile));
    try {
      const text = set.execute(path, valuesObject(scope, profile), run);
      rendered.set(path, text.replaceAll(NO_VALUE, ''));
    } catch (error) {
      throw execError(path, error, profile);
    }
  }
  return rendered;
}

/** What the names of functions are known by: what was parsed with others is kept apart. */
function functionNames({ profile, ownFunctions }: EngineOptions): string {
  return `${profile} ${ownFunctions ?? ''}`;
}

function cacheKey(renderables: readonly Renderable[], options: EngineOptions): string {
  const paths = renderables.map(({ path }) => path).join('\n');
  return `${functionNames(options)} ${options.cache?.chartDigest}\n${paths}`;
}

/** The templates of all files, from the cache where it has them. */
function parsedTemplates(
  renderables: readonly Renderable[],
  key: string,
  options: EngineOptions,
): TemplateSet {
  const { cache, isStrict } = options;
  const functions = withEngineFunctions(options.functions);
  const missingKey = isStrict === true ? 'error' : 'zero';
  const known = cache?.templates.get(key);
  if (known !== undefined) return known.clone({ functions, missingKey });
  const set = new TemplateSet({ name: ROOT, functions, missingKey });
  const names = functionNames(options);
  const texts: ParsedText[] = [];
  for (const { path, file } of renderables) {
    const text = textOfFile(file);
    try {
      const parsed = set.parse(path, text, cache?.templates.text(names, text));
      if (file instanceof TextFile) file.share(parsed.text);
      texts.push(parsed);
    } catch (error) {
      throw parseError(path, error);
    }
  }
  cache?.templates.set(key, names, { set, texts });
  return set;
}

/** All templates, the deepest first, within one depth from Z to A. */
function collect(chart: Chart, top: TopLevel, profile: Profile): Renderable[] {
  const found = new Map<string, Renderable>();
  collectChart({ chart, values: top.values, isRoot: true }, { top, profile, found });
  return [...found.values()]
    .map((renderable) => ({ renderable, depth: renderable.path.split('/').length }))
    .sort((a, b) => b.depth - a.depth || compareBytes(b.renderable.path, a.renderable.path))
    .map(({ renderable }) => renderable);
}

interface Place {
  readonly chart: Chart;
  readonly values: ValueMap;
  readonly isRoot: boolean;
}

interface Collection {
  readonly top: TopLevel;
  readonly profile: Profile;
  /** By path: two charts with one path give one template, as with Helm. */
  readonly found: Map<string, Renderable>;
}

function collectChart(place: Place, collection: Collection): ValueMap {
  const { chart, values } = place;
  const { top, profile, found } = collection;
  const subcharts: ValueMap = new Map();
  const scope: ValueMap = new Map<string, Value>([
    ['Chart', chartObject(chart, place.isRoot, profile)],
    ['Files', filesObject(chart.files, profile)],
    ['Release', top.release],
    ['Capabilities', top.capabilities],
    ['Values', valuesObject(values, profile)],
    ['Subcharts', subcharts],
  ]);
  for (const child of chart.dependencies) {
    const name = child.metadata.name;
    const childPlace = {
      chart: child,
      values: tableAt(values, name) ?? new Map<string, Value>(),
      isRoot: false,
    };
    subcharts.set(name, collectChart(childPlace, collection));
  }
  for (const file of chart.templates) {
    const base = file.name.slice(file.name.lastIndexOf('/') + 1);
    if (isLibrary(chart) && !base.startsWith('_')) continue;
    const path = `${chart.path}/${file.name}`;
    found.set(path, {
      path,
      file,
      basePath: `${chart.path}/templates`,
      scope,
    });
  }
  return scope;
}

function stateOf(run: Run): EngineState {
  return run.state as EngineState;
}

const include: TemplateFunction = {
  name: 'include',
  params: [types.string, types.any],
  result: types.string,
  call: ([name, data], run) => {
    const state = stateOf(run);
    const key = String(name);
    const count = state.included.get(key) ?? 0;
    if (count > MAX_INCLUDES) {
      throw new Error(
        `rendering template has a nested reference name: ${key}: unable to execute template`,
      );
    }
    state.included.set(key, count + 1);
    try {
      return state.set.execute(key, data ?? null, run);
    } finally {
      state.included.set(key, (state.included.get(key) ?? 1) - 1);
    }
  },
};

const tpl: TemplateFunction = {
  name: 'tpl',
  params: [types.string, types.any],
  result: types.string,
  call: ([text, data], run) => {
    const source = String(text);
    if (!source.includes('{{')) return source.replaceAll(NO_VALUE, '');
    const state = stateOf(run);
    const outer = state.set;
    const set = outer.clone();
    set.delete(ROOT);
    try {
      const known = state.cache?.templates.text(state.functions, source);
      const parsed = set.parse(ROOT, source, known);
      if (parsed !== known) state.cache?.templates.keepText(state.functions, parsed);
    } catch (error) {
      throw new Error(`cannot parse template ${quote(source)}: ${messageOf(error)}`, {
        cause: error,
      });
    }
    state.set = set;
    try {
      return set.execute(ROOT, data ?? null, run).replaceAll(NO_VALUE, '');
    } catch (error) {
      if (!(error instanceof TemplateExecError)) throw error;
      throw new Error(
        `error during tpl function execution for ${quote(source)}: ${error.message}`,
        {
          cause: error,
        },
      );
    } finally {
      state.set = outer;
    }
  },
};

const required: TemplateFunction = {
  name: 'required',
  params: [types.string, types.any],
  result: types.any,
  call: ([message, value = null], run) => {
    if (value !== null && value !== '') return value;
    if (stateOf(run).isLint === true) return '';
    throw markedFailure(String(message));
  },
};

const fail: TemplateFunction = {
  name: 'fail',
  params: [types.string],
  result: types.string,
  call: ([message], run) => {
    if (stateOf(run).isLint === true) return '';
    throw markedFailure(String(message));
  },
};

const lookup: TemplateFunction = {
  name: 'lookup',
  params: [types.string, types.string, types.string, types.string],
  result: types.map,
  call: ([apiVersion, kind, namespace, name], run) => {
    const { isLint, lookup: ask } = stateOf(run);
    if (isLint === true || ask === undefined) return new Map();
    return ask(String(apiVersion), String(kind), String(namespace), String(name));
  },
};

const ENGINE_FUNCTIONS: readonly TemplateFunction[] = [include, tpl, required, fail, lookup];

/** One table for each table it is made from: calls stay linked as long as the table is the same. */
const completed = new WeakMap<FunctionTable, FunctionTable>();

/** With the functions that know the set, the release or the cluster. */
function withEngineFunctions(functions: FunctionTable): FunctionTable {
  const known = completed.get(functions);
  if (known !== undefined) return known;
  const own = ENGINE_FUNCTIONS.map((entry) => [entry.name, entry] as const);
  const table = new Map([...functions, ...own]);
  completed.set(functions, table);
  return table;
}
