// SPDX-License-Identifier: Apache-2.0

/** Chart.yaml, Chart.lock and their forerunners as typed fields, and Helm's rules for them. Source: helm v3.22.0 pkg/chart. */

import {
  compareBytes,
  formatInstant,
  Int,
  isPrintable,
  newVersion,
  parseInstant,
  quote,
  type Value,
  type ValueMap,
} from '@helm-operator/gocompat';
import { ChartError, wrapError } from '../errors.ts';
import type { Profile } from '../profile.ts';
import type { ChartDependency, ChartLock, ChartMaintainer, ChartMetadata } from './chart.ts';
import { boolOf, decodeGoYaml, fieldOf, listOf, mapOf, textMapOf, textOf } from './go-struct.ts';

const EMPTY: ValueMap = new Map();

/** Chart.yaml as it is written: a list may hold nothing where it should hold an entry. */
export interface RawMetadata extends Omit<ChartMetadata, 'maintainers' | 'dependencies'> {
  readonly maintainers: readonly (ChartMaintainer | undefined)[];
  readonly dependencies: readonly (ChartDependency | undefined)[] | undefined;
}

/** The version a Chart.yaml is of. @throws {YamlError | ChartError} `chart/load` with the text of Helm 4's look ahead */
export function readApiVersion(text: string): string {
  const map = mapOf(decodeGoYaml(text), 'loader.chartBase', undefined) ?? EMPTY;
  return textOf(fieldOf(map, 'apiVersion'), { struct: 'chartBase', path: 'apiVersion' });
}

/** Where the types are that Go's texts name. */
const GO_PACKAGE: Readonly<Record<Profile, string>> = { helm3: 'chart', helm4: 'v2' };

/** @throws {ChartError} `chart/load` with Go's text */
export function readMetadata(value: Value, profile: Profile = 'helm3'): RawMetadata {
  const map = mapOf(value, `${GO_PACKAGE[profile]}.Metadata`, undefined) ?? EMPTY;
  const place = (path: string) => ({ struct: 'Metadata', path });
  const text = (name: string) => textOf(fieldOf(map, name), place(name));
  const texts = (name: string) =>
    listOf(fieldOf(map, name), 'string', place(name), (item, at) => textOf(item, at)) ?? [];
  // In the order of the keys: Go tells what is wrong with the first.
  return {
    annotations: textMapOf(fieldOf(map, 'annotations'), place('annotations')),
    apiVersion: text('apiVersion'),
    appVersion: text('appVersion'),
    condition: text('condition'),
    dependencies: readDependencies(map, profile),
    isDeprecated: boolOf(fieldOf(map, 'deprecated'), place('deprecated')),
    description: text('description'),
    home: text('home'),
    icon: text('icon'),
    keywords: texts('keywords'),
    kubeVersion: text('kubeVersion'),
    maintainers:
      listOf(
        fieldOf(map, 'maintainers'),
        `*${GO_PACKAGE[profile]}.Maintainer`,
        place('maintainers'),
        (item) => readMaintainer(item, profile),
      ) ?? [],
    name: text('name'),
    sources: texts('sources'),
    tags: text('tags'),
    type: text('type'),
    version: text('version'),
  };
}

/** Fields by the list that holds them; '' is Chart.yaml itself. */
const FIELDS: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  [
    '',
    new Set(
      'name home sources version description keywords maintainers icon apiversion condition tags appversion deprecated annotations kubeversion dependencies type'.split(
        ' ',
      ),
    ),
  ],
  ['maintainers', new Set(['name', 'email', 'url'])],
  [
    'dependencies',
    new Set('name version repository condition tags enabled import-values alias'.split(' ')),
  ],
]);

/** The first key of a Chart.yaml, in the order of JSON, that no field takes. */
export function unknownField(chartFile: Value, holder = ''): string | undefined {
  if (!(chartFile instanceof Map)) return undefined;
  const known = FIELDS.get(holder);
  for (const key of [...chartFile.keys()].sort(compareBytes)) {
    const field = key.toLowerCase();
    if (known?.has(field) !== true) return key;
    const inner = chartFile.get(key);
    if (holder !== '' || !FIELDS.has(field) || !Array.isArray(inner)) continue;
    for (const item of inner) {
      const found = unknownField(item, field);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

function readMaintainer(value: Value, profile: Profile): ChartMaintainer | undefined {
  const map = mapOf(value, `${GO_PACKAGE[profile]}.Maintainer`, {
    struct: 'Metadata',
    path: 'maintainers',
  });
  if (map === undefined) return undefined;
  const text = (name: string) =>
    textOf(fieldOf(map, name), { struct: 'Maintainer', path: `maintainers.${name}` });
  return { email: text('email'), name: text('name'), url: text('url') };
}

type RawDependencies = RawMetadata['dependencies'];

function readDependencies(
  map: ValueMap,
  profile: Profile,
  struct: 'Metadata' | 'Lock' = 'Metadata',
): RawDependencies {
  return listOf(
    fieldOf(map, 'dependencies'),
    `*${GO_PACKAGE[profile]}.Dependency`,
    { struct, path: 'dependencies' },
    (item) => readDependency(item, profile),
  );
}

/** @throws {ChartError} `chart/load` */
function readDependency(value: Value, profile: Profile): ChartDependency | undefined {
  const map = mapOf(value, `${GO_PACKAGE[profile]}.Dependency`, {
    struct: 'Metadata',
    path: 'dependencies',
  });
  if (map === undefined) return undefined;
  const place = (name: string) => ({ struct: 'Dependency', path: `dependencies.${name}` });
  const text = (name: string) => textOf(fieldOf(map, name), place(name));
  const importValues = fieldOf(map, 'import-values');
  return {
    alias: text('alias'),
    condition: text('condition'),
    isEnabled: boolOf(fieldOf(map, 'enabled'), place('enabled')),
    importValues: listOf(importValues, 'interface {}', place('import-values'), withFloats) ?? [],
    name: text('name'),
    repository: text('repository'),
    tags:
      listOf(fieldOf(map, 'tags'), 'string', place('tags'), (item, at) => textOf(item, at)) ?? [],
    version: text('version'),
  };
}

/** What is decoded into Go's `interface{}` has one kind of number. */
function withFloats(value: Value): Value {
  if (value instanceof Int) return Number(value.value);
  if (Array.isArray(value)) return value.map(withFloats);
  if (!(value instanceof Map)) return value;
  return new Map([...value].map(([key, inner]) => [key, withFloats(inner)]));
}

/** The dependencies of a requirements.yaml. @throws {ChartError} `chart/load` */
export function readRequirements(value: Value, profile: Profile = 'helm3'): RawDependencies {
  return readDependencies(
    mapOf(value, `${GO_PACKAGE[profile]}.Metadata`, undefined) ?? EMPTY,
    profile,
  );
}

const RFC_3339 = '2006-01-02T15:04:05Z07:00';
const RFC_3339_NANO = '2006-01-02T15:04:05.999999999Z07:00';
/** Go's zero time. */
const NO_TIME = '0001-01-01T00:00:00Z';

/** @returns `undefined` for a file without content @throws {ChartError} `chart/load` */
export function readLock(value: Value, profile: Profile = 'helm3'): ChartLock | undefined {
  const map = mapOf(value, `${GO_PACKAGE[profile]}.Lock`, undefined);
  if (map === undefined) return undefined;
  const text = (path: string) => textOf(fieldOf(map, path), { struct: 'Lock', path });
  return {
    dependencies: readDependencies(map, profile, 'Lock')?.filter((entry) => entry !== undefined),
    digest: text('digest'),
    generated: readTime(fieldOf(map, 'generated')),
  };
}

function readTime(value: Value): string {
  if (value === null) return NO_TIME;
  try {
    if (typeof value !== 'string')
      throw new Error('Time.UnmarshalJSON: input is not a JSON string');
    return formatInstant(parseInstant(RFC_3339, value, 'UTC'), RFC_3339_NANO);
  } catch (error) {
    throw wrapError('chart/load', 'error unmarshaling JSON: while decoding JSON', error);
  }
}

/**
 * Checks what Helm checks, and cleans texts as Helm does (blanks to spaces, unprintable characters away).
 *
 * @throws {ChartError} `chart/invalid` with Helm's text
 */
export function validateMetadata(metadata: RawMetadata): ChartMetadata {
  const clean = sanitizeMetadata(metadata);
  const invalid = (reason: string) => new ChartError('chart/invalid', `validation: ${reason}`);
  if (clean.apiVersion === '') throw invalid('chart.metadata.apiVersion is required');
  if (clean.name === '') throw invalid('chart.metadata.name is required');
  if (clean.name === '.' || clean.name === '..') {
    throw invalid(`chart.metadata.name ${quote(clean.name)} is not allowed`);
  }
  if (clean.name.includes('/') && clean.name !== '/')
    throw invalid(`chart.metadata.name ${quote(clean.name)} is invalid`);
  if (clean.version === '') throw invalid('chart.metadata.version is required');
  if (!isVersion(clean.version))
    throw invalid(`chart.metadata.version ${quote(clean.version)} is invalid`);
  if (!['', 'application', 'library'].includes(clean.type)) {
    throw invalid('chart.metadata.type must be application or library');
  }
  const maintainers = withoutGaps(clean.maintainers, () =>
    invalid('maintainers must not contain empty or null nodes'),
  );
  return { ...clean, maintainers, dependencies: validDependencies(clean.dependencies, invalid) };
}

const ALIAS = /^[a-zA-Z0-9_-]+$/;

function withoutGaps<T>(items: readonly (T | undefined)[], gap: () => ChartError): readonly T[] {
  return items.map((item) => {
    if (item === undefined) throw gap();
    return item;
  });
}

function validDependencies(
  dependencies: RawDependencies,
  invalid: (reason: string) => ChartError,
): readonly ChartDependency[] | undefined {
  const seen = new Set<string>();
  return dependencies?.map((dependency) => {
    if (dependency === undefined) {
      throw invalid('dependencies must not contain empty or null nodes');
    }
    const { name, alias } = dependency;
    if (alias !== '' && !ALIAS.test(alias)) {
      throw invalid(`dependency ${quote(name)} has disallowed characters in the alias`);
    }
    const key = alias === '' ? name : alias;
    if (seen.has(key)) throw invalid(`more than one dependency with name or alias ${quote(key)}`);
    seen.add(key);
    return dependency;
  });
}

function isVersion(text: string): boolean {
  try {
    newVersion(text);
    return true;
  } catch {
    return false;
  }
}

function sanitizeMetadata(metadata: RawMetadata): RawMetadata {
  return {
    ...metadata,
    name: sanitize(metadata.name),
    description: sanitize(metadata.description),
    home: sanitize(metadata.home),
    icon: sanitize(metadata.icon),
    condition: sanitize(metadata.condition),
    tags: sanitize(metadata.tags),
    appVersion: sanitize(metadata.appVersion),
    kubeVersion: sanitize(metadata.kubeVersion),
    sources: metadata.sources.map(sanitize),
    keywords: metadata.keywords.map(sanitize),
    maintainers: metadata.maintainers.map(
      (maintainer) => maintainer && sanitizeMaintainer(maintainer),
    ),
    dependencies: metadata.dependencies?.map((entry) => entry && sanitizeDependency(entry)),
  };
}

function sanitizeMaintainer({ name, email, url }: ChartMaintainer): ChartMaintainer {
  return { name: sanitize(name), email: sanitize(email), url: sanitize(url) };
}

function sanitizeDependency(entry: ChartDependency): ChartDependency {
  return {
    ...entry,
    name: sanitize(entry.name),
    version: sanitize(entry.version),
    repository: sanitize(entry.repository),
    condition: sanitize(entry.condition),
    tags: entry.tags.map(sanitize),
  };
}

const ALL_PLAIN = /^[ -~]*$/;
const SPACE = /^[\t\n\v\f\r \u0085\u00a0\p{Z}]$/u;

function sanitize(text: string): string {
  if (ALL_PLAIN.test(text)) return text;
  let out = '';
  for (const char of text) {
    if (SPACE.test(char)) out += ' ';
    else if (isPrintable(char.codePointAt(0) ?? 0)) out += char;
  }
  return out;
}
