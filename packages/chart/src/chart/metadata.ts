// SPDX-License-Identifier: Apache-2.0

/** Chart.yaml, Chart.lock and their forerunners as typed fields, and Helm's rules for them. Source: helm v3.22.0 pkg/chart. */

import { isPrintable, newVersion, quote, type Value, type ValueMap } from '@helm-operator/gocompat';
import { ChartError } from '../errors.ts';
import type { ChartDependency, ChartLock, ChartMaintainer, ChartMetadata } from './chart.ts';
import { boolOf, fieldOf, listOf, mapOf, textMapOf, textOf } from './go-struct.ts';

const EMPTY: ValueMap = new Map();

/** @throws {ChartError} `chart/load` with Go's text */
export function readMetadata(value: Value): ChartMetadata {
  const map = mapOf(value, 'chart.Metadata', undefined) ?? EMPTY;
  const place = (path: string) => ({ struct: 'Metadata', path });
  const text = (name: string) => textOf(fieldOf(map, name), place(name));
  const texts = (name: string) =>
    listOf(fieldOf(map, name), 'string', place(name), (item, at) => textOf(item, at)) ?? [];
  return {
    name: text('name'),
    home: text('home'),
    sources: texts('sources'),
    version: text('version'),
    description: text('description'),
    keywords: texts('keywords'),
    maintainers:
      listOf(
        fieldOf(map, 'maintainers'),
        '*chart.Maintainer',
        place('maintainers'),
        readMaintainer,
      ) ?? [],
    icon: text('icon'),
    apiVersion: text('apiVersion'),
    condition: text('condition'),
    tags: text('tags'),
    appVersion: text('appVersion'),
    isDeprecated: boolOf(fieldOf(map, 'deprecated'), place('deprecated')),
    annotations: textMapOf(fieldOf(map, 'annotations'), place('annotations')),
    kubeVersion: text('kubeVersion'),
    dependencies: readDependencies(map, 'Metadata'),
    type: text('type'),
  };
}

function readMaintainer(value: Value): ChartMaintainer {
  if (value === null)
    throw new ChartError(
      'chart/invalid',
      'validation: maintainers must not contain empty or null nodes',
    );
  const map =
    mapOf(value, 'chart.Maintainer', { struct: 'Metadata', path: 'maintainers' }) ?? EMPTY;
  const text = (name: string) =>
    textOf(fieldOf(map, name), { struct: 'Maintainer', path: `maintainers.${name}` });
  return { name: text('name'), email: text('email'), url: text('url') };
}

function readDependencies(map: ValueMap, struct: string): readonly ChartDependency[] | undefined {
  return listOf(
    fieldOf(map, 'dependencies'),
    '*chart.Dependency',
    { struct, path: 'dependencies' },
    readDependency,
  );
}

/** @throws {ChartError} `chart/load` or `chart/invalid` */
function readDependency(value: Value): ChartDependency {
  if (value === null) {
    throw new ChartError(
      'chart/invalid',
      'validation: dependencies must not contain empty or null nodes',
    );
  }
  const map =
    mapOf(value, 'chart.Dependency', { struct: 'Metadata', path: 'dependencies' }) ?? EMPTY;
  const place = (name: string) => ({ struct: 'Dependency', path: `dependencies.${name}` });
  const text = (name: string) => textOf(fieldOf(map, name), place(name));
  const importValues = fieldOf(map, 'import-values');
  return {
    name: text('name'),
    version: text('version'),
    repository: text('repository'),
    condition: text('condition'),
    tags:
      listOf(fieldOf(map, 'tags'), 'string', place('tags'), (item, at) => textOf(item, at)) ?? [],
    isEnabled: boolOf(fieldOf(map, 'enabled'), place('enabled')),
    importValues:
      listOf(importValues, 'interface {}', place('import-values'), (item) => item) ?? [],
    alias: text('alias'),
  };
}

/** The dependencies of a requirements.yaml. @throws {ChartError} `chart/load` */
export function readRequirements(value: Value): readonly ChartDependency[] | undefined {
  return readDependencies(mapOf(value, 'chart.Metadata', undefined) ?? EMPTY, 'Metadata');
}

/** @throws {ChartError} `chart/load` */
export function readLock(value: Value): ChartLock {
  const map = mapOf(value, 'chart.Lock', undefined) ?? EMPTY;
  const text = (path: string) => textOf(fieldOf(map, path), { struct: 'Lock', path });
  return {
    generated: text('generated'),
    digest: text('digest'),
    dependencies: readDependencies(map, 'Lock') ?? [],
  };
}

/**
 * Checks what Helm checks, and cleans texts as Helm does (blanks to spaces, unprintable characters away).
 *
 * @throws {ChartError} `chart/invalid` with Helm's text
 */
export function validateMetadata(metadata: ChartMetadata): ChartMetadata {
  const clean = sanitizeMetadata(metadata);
  const invalid = (reason: string) => new ChartError('chart/invalid', `validation: ${reason}`);
  if (clean.apiVersion === '') throw invalid('chart.metadata.apiVersion is required');
  if (clean.name === '') throw invalid('chart.metadata.name is required');
  if (clean.name === '.' || clean.name === '..') {
    throw invalid(`chart.metadata.name ${quote(clean.name)} is not allowed`);
  }
  if (clean.name.includes('/'))
    throw invalid(`chart.metadata.name ${quote(clean.name)} is invalid`);
  if (clean.version === '') throw invalid('chart.metadata.version is required');
  if (!isVersion(clean.version))
    throw invalid(`chart.metadata.version ${quote(clean.version)} is invalid`);
  if (!['', 'application', 'library'].includes(clean.type)) {
    throw invalid('chart.metadata.type must be application or library');
  }
  validateDependencies(clean.dependencies ?? [], invalid);
  return clean;
}

const ALIAS = /^[a-zA-Z0-9_-]+$/;

function validateDependencies(
  dependencies: readonly ChartDependency[],
  invalid: (reason: string) => ChartError,
): void {
  const seen = new Set<string>();
  for (const { name, alias } of dependencies) {
    if (alias !== '' && !ALIAS.test(alias)) {
      throw invalid(`dependency ${quote(name)} has disallowed characters in the alias`);
    }
    const key = alias === '' ? name : alias;
    if (seen.has(key)) throw invalid(`more than one dependency with name or alias ${quote(key)}`);
    seen.add(key);
  }
}

function isVersion(text: string): boolean {
  try {
    newVersion(text);
    return true;
  } catch {
    return false;
  }
}

function sanitizeMetadata(metadata: ChartMetadata): ChartMetadata {
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
    maintainers: metadata.maintainers.map(({ name, email, url }) => ({
      name: sanitize(name),
      email: sanitize(email),
      url: sanitize(url),
    })),
    dependencies: metadata.dependencies?.map((dependency) => ({
      ...dependency,
      name: sanitize(dependency.name),
      version: sanitize(dependency.version),
      repository: sanitize(dependency.repository),
      condition: sanitize(dependency.condition),
      tags: dependency.tags.map(sanitize),
    })),
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
