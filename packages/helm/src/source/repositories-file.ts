// SPDX-License-Identifier: Apache-2.0

/** `repositories.yaml`: the repositories a person knows by name. Source: helm v3.22.0 pkg/repo/repo.go. */

import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Credentials } from '@helm-operator/fetch';
import { decodeYaml, encodeYaml, type Value, type ValueMap } from '@helm-operator/gocompat';
import { SourceError } from './errors.ts';
import type { CredentialFiles } from './plugins.ts';

export interface RepositoryEntry {
  readonly name: string;
  readonly url: string;
  readonly username: string;
  readonly password: string;
  /** Paths; empty for none. */
  readonly certFile: string;
  readonly keyFile: string;
  readonly caFile: string;
  readonly isInsecure: boolean;
  readonly mustPassCredentials: boolean;
}

export interface RepositoriesFile {
  /** RFC 3339. */
  readonly generated: string;
  readonly repositories: readonly RepositoryEntry[];
}

const NO_TIME = '0001-01-01T00:00:00Z';
const EMPTY: RepositoriesFile = { generated: NO_TIME, repositories: [] };

/** @returns `undefined`: there is no such file @throws {SourceError} `source/bad-reference`: it cannot be read */
export async function loadRepositoriesFile(path: string): Promise<RepositoriesFile | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw wrong(path, error);
  }
  try {
    return readRepositories(text);
  } catch (error) {
    throw wrong(path, error);
  }
}

function wrong(path: string, error: unknown): SourceError {
  const reason = error instanceof Error ? error.message : String(error);
  return new SourceError(
    'source/bad-reference',
    `couldn't load repositories file (${path}): ${reason}`,
    error,
  );
}

/** @throws {Error} Go's: it is no YAML, or a field has another type */
export function readRepositories(text: string): RepositoriesFile {
  const root = decodeYaml(text);
  if (root === null) return EMPTY;
  if (!(root instanceof Map))
    throw new Error(
      'error unmarshaling JSON: while decoding JSON: json: cannot unmarshal into Go value of type repo.File',
    );
  const generated = root.get('generated');
  const list = root.get('repositories');
  return {
    generated: typeof generated === 'string' ? generated : NO_TIME,
    repositories: (Array.isArray(list) ? list : []).flatMap((item) =>
      item instanceof Map ? [entryOf(item)] : [],
    ),
  };
}

function entryOf(map: ValueMap): RepositoryEntry {
  const text = (name: string): string => {
    const value = map.get(name) ?? null;
    return typeof value === 'string' ? value : value === null ? '' : String(value);
  };
  const flag = (name: string): boolean => map.get(name) === true;
  return {
    name: text('name'),
    url: text('url'),
    username: text('username'),
    password: text('password'),
    certFile: text('certFile'),
    keyFile: text('keyFile'),
    caFile: text('caFile'),
    isInsecure: flag('insecure_skip_tls_verify'),
    mustPassCredentials: flag('pass_credentials_all'),
  };
}

/** As Helm writes it: mode 0600, whole or not at all. */
export async function saveRepositoriesFile(path: string, file: RepositoriesFile): Promise<void> {
  const repositories: Value[] = file.repositories.map(
    (entry) =>
      new Map<string, Value>([
        ['name', entry.name],
        ['url', entry.url],
        ['username', entry.username],
        ['password', entry.password],
        ['certFile', entry.certFile],
        ['keyFile', entry.keyFile],
        ['caFile', entry.caFile],
        ['insecure_skip_tls_verify', entry.isInsecure],
        ['pass_credentials_all', entry.mustPassCredentials],
      ]),
  );
  // Go writes no API version for a file that it made from nothing.
  const root = new Map<string, Value>([
    ['apiVersion', ''],
    ['generated', file.generated],
    ['repositories', repositories],
  ]);
  await mkdir(dirname(path), { recursive: true, mode: 0o755 });
  const unfinished = `${path}.${randomUUID()}.new`;
  await writeFile(unfinished, encodeYaml(root), { mode: 0o600 });
  await rename(unfinished, path);
}

/** The entry for a repository's URL: a slash at the end makes no difference, a query does. */
export function entryForUrl(
  entries: readonly RepositoryEntry[],
  url: string,
): RepositoryEntry | undefined {
  const wanted = cleaned(url);
  return entries.find((entry) => cleaned(entry.url) === wanted);
}

function cleaned(text: string): string {
  const url = URL.parse(text);
  if (url === null) return text.replace(/\/$/, '');
  url.pathname = url.pathname.replace(/\/+/g, '/').replace(/\/$/, '');
  return url.href.replace(/\/(?=$|\?)/, '');
}

/** Reads the files of an entry. @throws {SourceError} `source/bad-reference`: one cannot be read */
export async function credentialsOfEntry(
  entry: Omit<RepositoryEntry, 'name' | 'url'>,
): Promise<{ credentials: Credentials; files: CredentialFiles | undefined }> {
  const { username, password, certFile, keyFile, caFile } = entry;
  const read = async (path: string): Promise<string | undefined> => {
    if (path === '') return undefined;
    try {
      return await readFile(path, 'utf8');
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new SourceError(
        'source/bad-reference',
        `can't create TLS config for client: ${reason}`,
        error,
      );
    }
  };
  const tls = {
    ca: await read(caFile),
    cert: certFile !== '' && keyFile !== '' ? await read(certFile) : undefined,
    key: certFile !== '' && keyFile !== '' ? await read(keyFile) : undefined,
    isInsecure: entry.isInsecure,
  };
  const hasTls = tls.ca !== undefined || tls.cert !== undefined || tls.isInsecure;
  const hasFiles = [certFile, keyFile, caFile].some((path) => path !== '');
  return {
    credentials: {
      ...(username === '' && password === '' ? {} : { basic: { username, password } }),
      ...(hasTls ? { tls } : {}),
      ...(entry.mustPassCredentials ? { mustPassToOtherHosts: true } : {}),
    },
    files: hasFiles ? { cert: certFile, key: keyFile, ca: caFile } : undefined,
  };
}
