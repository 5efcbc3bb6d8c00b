// SPDX-License-Identifier: Apache-2.0

/** Which repository each dependency comes from. Source: helm v3.22.0 pkg/downloader/manager.go (resolveRepoNames, ensureMissingRepos, hasAllRepos). */

import { normalize } from 'node:path';
import type { ChartDependency } from '@helm-operator/chart';
import { digestOf } from '@helm-operator/fetch';
import { SourceError } from '../errors.ts';
import { type ChartFolder, localPath } from './chart-folder.ts';
import type { NamedRepository } from './repositories.ts';

export interface ResolvedNames {
  /** The dependencies with aliases replaced by URLs. */
  readonly requirements: readonly ChartDependency[];
  /** Name of the dependency → name or URL of its repository. */
  readonly names: Map<string, string>;
}

const NOTE = `
Note that repositories must be URLs or aliases. For example, to refer to the "example"
repository, use "https://charts.example.com/" or "@example" instead of
"example". Don't forget to add the repo, too ('helm repo add').`;

export function isOciUrl(url: string): boolean {
  return url.startsWith('oci://');
}

/** @throws {SourceError} `source/no-repository`, `source/dependency`, with Helm's message */
export async function resolveRepositoryNames(
  dependencies: readonly ChartDependency[],
  configured: readonly NamedRepository[],
  folder: ChartFolder,
): Promise<ResolvedNames> {
  const names = new Map<string, string>();
  const missing: string[] = [];
  const requirements: ChartDependency[] = [];
  for (const entry of dependencies) {
    requirements.push(await resolveOne(entry, { configured, folder, names, missing }));
  }
  if (missing.length > 0) throw noDefinition(missing);
  return { requirements, names };
}

interface Resolving {
  readonly configured: readonly NamedRepository[];
  readonly folder: ChartFolder;
  readonly names: Map<string, string>;
  readonly missing: string[];
}

async function resolveOne(
  entry: ChartDependency,
  { configured, folder, names, missing }: Resolving,
): Promise<ChartDependency> {
  const { name, repository } = entry;
  if (repository === '') return entry;
  if (repository.startsWith('file://')) {
    await localPath(repository, folder);
    names.set(name, repository);
    return entry;
  }
  if (isOciUrl(repository)) {
    names.set(name, repository);
    return entry;
  }
  for (const known of configured) {
    if (repository === `@${known.name}` || repository === `alias:${known.name}`) {
      names.set(name, known.name);
      return { ...entry, repository: known.url };
    }
    if (isSameUrl(known.url, repository)) {
      names.set(name, known.name);
      return entry;
    }
  }
  // As Helm: under its URL, where nobody looks for it, so that an update takes it for an unknown one.
  if (isRequestUri(repository)) names.set(repository, repository);
  else missing.push(repository);
  return entry;
}

function noDefinition(missing: readonly string[]): SourceError {
  const hasOther = missing.some(
    (text) => !text.includes('//') && !text.startsWith('@') && !text.startsWith('alias:'),
  );
  return new SourceError(
    'source/no-repository',
    `no repository definition for ${missing.join(', ')}. Please add them via 'helm repo add'${hasOther ? NOTE : ''}`,
  );
}

/** Names for repositories nobody configured. @returns those to be fetched, in order */
export function nameUnknown(
  dependencies: readonly ChartDependency[],
  names: Map<string, string>,
): NamedRepository[] {
  const unknown: NamedRepository[] = [];
  for (const { name, repository } of dependencies) {
    if (repository === '' || names.has(name)) continue;
    const key = managedName(repository);
    names.set(name, key);
    unknown.push({ name: key, url: repository });
  }
  return unknown;
}

const MANAGED_PREFIX = 'helm-manager-';

function managedName(url: string): string {
  return MANAGED_PREFIX + digestOf(url).slice('sha256:'.length);
}

export function isManaged({ name }: NamedRepository): boolean {
  return name.startsWith(MANAGED_PREFIX);
}

/** @throws {SourceError} `source/no-repository`: a build takes what is configured alone */
export function refuseUnconfigured(
  locked: readonly ChartDependency[],
  configured: readonly NamedRepository[],
): void {
  const missing = locked
    .map(({ repository }) => repository)
    .filter((url) => url !== '' && !url.startsWith('file://') && !isOciUrl(url))
    .filter((url) => !configured.some((known) => isSameUrl(known.url, url.replace(/\/$/, ''))));
  if (missing.length === 0) return;
  throw new SourceError(
    'source/no-repository',
    `no repository definition for ${missing.join(', ')}. Please add the missing repos via 'helm repo add'`,
  );
}

/** Equal but for slashes and dots of their paths. Source: helm v3.22.0 internal/urlutil. */
export function isSameUrl(a: string, b: string): boolean {
  const [first, second] = [cleanUrl(a), cleanUrl(b)];
  if (first === undefined) return normalize(a) === normalize(b);
  return first === second;
}

function cleanUrl(text: string): string | undefined {
  const match = /^([a-zA-Z][a-zA-Z0-9+.-]*:\/\/[^/?#]*)([^?#]*)(.*)$/.exec(text);
  if (match === null) return text.includes('://') ? undefined : normalize(text === '' ? '/' : text);
  const [, origin = '', path = '', rest = ''] = match;
  const clean = path === '' ? '/' : normalize(path).replace(/(.)\/+$/, '$1');
  return `${origin.toLowerCase().startsWith('http') ? origin : origin}${clean}${rest}`;
}

/** Go's `url.ParseRequestURI`: absolute, or a path from the root. */
function isRequestUri(text: string): boolean {
  if (text.startsWith('/')) return true;
  if (!/^[a-zA-Z][a-zA-Z0-9+.-]*:/.test(text) || /[\u0000-\u0020\u007f]/.test(text)) return false;
  const [scheme = '', rest = ''] = splitOnce(text, ':');
  // Without slashes it is opaque, which a request cannot use.
  return rest.startsWith('/') && (!['http', 'https'].includes(scheme) || URL.canParse(text));
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
