// SPDX-License-Identifier: Apache-2.0

/**
 * What gives another result each time a chart is rendered: clock, chance, keys, and the order of Go's maps.
 *
 * Every call of such a function is tried by itself: the chart is rendered with all of them held still, then with that one alone let loose; what
 * then differs is its doing.
 */

import { Typed, type Value } from '@helm-operator/gocompat';
import type { FunctionTable, Place, TemplateFunction } from '@helm-operator/gotemplate';
import type { Chart } from '../chart/chart.ts';
import { createFunctions } from '../functions/index.ts';
import type { FunctionPorts, KeyPair } from '../functions/ports.ts';
import type { Finding } from './finding.ts';
import type { LintFolder } from './folder.ts';
import { renderForLint, type TemplateLintOptions } from './templates.ts';

/** Functions whose results change, and with what. */
const CHANGING: ReadonlyMap<string, string> = new Map([
  ...['now', 'ago', 'date', 'dateInZone', 'date_in_zone', 'htmlDate', 'htmlDateInZone'].map(
    (name) => [name, 'the time'] as const,
  ),
  ...['randAlpha', 'randAlphaNum', 'randAscii', 'randNumeric', 'randBytes', 'randInt'].map(
    (name) => [name, 'chance'] as const,
  ),
  ...['uuidv4', 'shuffle', 'bcrypt', 'htpasswd', 'encryptAES'].map(
    (name) => [name, 'chance'] as const,
  ),
  ...[
    'genPrivateKey',
    'genCA',
    'genCAWithKey',
    'genSelfSignedCert',
    'genSelfSignedCertWithKey',
  ].map((name) => [name, 'a new key or certificate'] as const),
  ...['genSignedCert', 'genSignedCertWithKey'].map(
    (name) => [name, 'a new key or certificate'] as const,
  ),
  ...['keys', 'values'].map((name) => [name, "the order of Go's maps"] as const),
]);

const MAX_SITES = 200;
const SHOWN_PLACES = 3;
/** 400 days, 3 hours, 7 minutes and 11 seconds: no part of a date stays. */
const SHIFT_NANOS = 34_571_231_000_000_000n;

/** One call in the templates. */
interface Site {
  readonly name: string;
  /** `chart/templates/x.yaml:line:column`. */
  readonly where: string;
}

export function lintDeterminism(
  folder: LintFolder,
  options: TemplateLintOptions,
): readonly Finding[] {
  let chart: Chart;
  const trial = new Trial(options);
  let still: ReadonlyMap<string, string> | undefined;
  try {
    chart = folder.load();
    still = trial.render(chart, undefined);
  } catch (error) {
    if (!isOfChart(error)) throw error;
    // The rules on charts and templates tell why it cannot be rendered.
    return [];
  }
  if (still === undefined) return [];
  const findings: Finding[] = [];
  for (const site of trial.sites.slice(0, MAX_SITES)) {
    const changed = changedPlaces(still, tryRender(chart, trial, site));
    if (changed.length > 0) findings.push(findingOf(site, changed, chart));
  }
  return findings;
}

/** Nothing where the template fails with another result: that depends on it, too, but shows no line. */
function tryRender(
  chart: Chart,
  trial: Trial,
  site: Site,
): ReadonlyMap<string, string> | undefined {
  try {
    return trial.render(chart, site);
  } catch (error) {
    if (!isOfChart(error)) throw error;
    return undefined;
  }
}

/** Whether an error is the chart's fault. */
function isOfChart(error: unknown): boolean {
  return error instanceof Error && 'code' in error;
}

/** Renders with all changing functions held still but one call. */
class Trial {
  readonly #options: TemplateLintOptions;
  readonly #still: FunctionTable;
  readonly #keys = new Map<string, KeyPair>();
  readonly #startNanos: bigint;
  readonly #sites = new Map<string, Site>();

  constructor(options: TemplateLintOptions) {
    this.#options = options;
    this.#still = createFunctions(options.profile, options.ports.functions);
    this.#startNanos = options.ports.functions.now();
  }

  /** The calls that were met, in order. */
  get sites(): readonly Site[] {
    return [...this.#sites.values()];
  }

  render(chart: Chart, loose: Site | undefined): ReadonlyMap<string, string> | undefined {
    const calls = new Map<string, number>();
    const wrap = (fn: TemplateFunction): TemplateFunction => ({
      ...fn,
      call: (args, run, place) => {
        const site = this.#siteOf(fn.name, place);
        const nth = (calls.get(site.where) ?? 0) + 1;
        calls.set(site.where, nth);
        const isLoose = site.name === loose?.name && site.where === loose.where;
        const seed = `${isLoose} ${fn.name} ${site.where} ${nth}`;
        const ports = this.#ports(seed, isLoose);
        const own = createFunctions(this.#options.profile, ports).get(fn.name) ?? fn;
        const result = own.call(args, run, place);
        return isLoose && ORDERED.has(fn.name) ? reversed(result) : result;
      },
    });
    const functions = new Map(
      [...this.#still].map(([name, fn]) => [name, CHANGING.has(name) ? wrap(fn) : fn]),
    );
    return renderForLint(chart, this.#options, functions);
  }

  #siteOf(name: string, place: Place | undefined): Site {
    const where = place?.where() ?? '';
    const key = `${name} ${where}`;
    const known = this.#sites.get(key);
    if (known !== undefined) return known;
    const site = { name, where };
    this.#sites.set(key, site);
    return site;
  }

  /** The same answers for the same seed. */
  #ports(seed: string, isLoose: boolean): FunctionPorts {
    const real = this.#options.ports.functions;
    let state = [...seed].reduce((sum, char) => Math.imul(sum, 31) + char.charCodeAt(0), 7);
    return {
      ...real,
      now: () => this.#startNanos + (isLoose ? SHIFT_NANOS : 0n),
      randomBytes: (count) =>
        Uint8Array.from({ length: count }, () => {
          state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
          return state >>> 16;
        }),
      crypto: {
        ...real.crypto,
        generateKey: (request) => {
          const name = `${isLoose} ${JSON.stringify(request)}`;
          const pair = this.#keys.get(name) ?? real.crypto.generateKey(request);
          this.#keys.set(name, pair);
          return pair;
        },
      },
    };
  }
}

const ORDERED: ReadonlySet<string> = new Set(['keys', 'values']);

function reversed(value: Value): Value {
  if (Array.isArray(value)) return value.toReversed();
  return value instanceof Typed && Array.isArray(value.data)
    ? new Typed(value.type, value.data.toReversed())
    : value;
}

/** `path:line` of the first line in each file that is not the same. */
function changedPlaces(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string> | undefined,
): readonly string[] {
  if (after === undefined) return [];
  return [...before].flatMap(([path, text]) => {
    const other = after.get(path) ?? '';
    if (other === text) return [];
    const lines = other.split('\n');
    const line = text.split('\n').findIndex((one, i) => one !== lines[i]);
    return [`${path}:${(line === -1 ? lines.length : line) + 1}`];
  });
}

function findingOf({ name, where }: Site, changed: readonly string[], chart: Chart): Finding {
  const root = `${chart.metadata.name}/`;
  const inChart = (path: string) => (path.startsWith(root) ? path.slice(root.length) : path);
  const [, path = '', line = ''] = /^(.*):(\d+):\d+$/.exec(where) ?? [];
  const isFile = path.startsWith(root);
  const shown = changed.slice(0, SHOWN_PLACES).map(inChart).join(', ');
  const rest = changed.length > SHOWN_PLACES ? ` and ${changed.length - SHOWN_PLACES} more` : '';
  const place = isFile ? `line ${line}: ` : 'in a text given to tpl: ';
  return {
    severity: 'warning',
    path: isFile ? inChart(path) : 'templates/',
    message: `${place}${name} depends on ${CHANGING.get(name) ?? 'chance'}: rendered again, ${shown}${rest} differs`,
  };
}
