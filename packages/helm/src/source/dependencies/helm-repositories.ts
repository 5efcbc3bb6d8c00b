// SPDX-License-Identifier: Apache-2.0

/** Helm repositories as dependencies need them: those of repositories.yaml with the indexes that are kept on disk, and others by their URL. */

import { basename } from 'node:path';
import { downloadArchive } from '../archives.ts';
import type { SourceContext } from '../chart-source.ts';
import { SourceError } from '../errors.ts';
import type { Getters } from '../getters.ts';
import type { HelmSettings } from '../helm-settings.ts';
import type { ReadIndex } from '../read-index.ts';
import {
  credentialsOfEntry,
  loadRepositoriesFile,
  type RepositoryEntry,
} from '../repositories-file.ts';
import { Repositories } from '../repository.ts';
import { cachedIndex, getterReason, updateRepository } from '../repository-cache.ts';
import type {
  DependencyArchive,
  DependencyRepositories,
  DependencyRequest,
  NamedRepository,
} from './repositories.ts';

export interface HelmRepositoriesOptions {
  readonly settings: HelmSettings;
  readonly getters: Getters;
  readonly context: SourceContext;
}

const ANONYMOUS: Omit<RepositoryEntry, 'name' | 'url'> = {
  username: '',
  password: '',
  certFile: '',
  keyFile: '',
  caFile: '',
  isInsecure: false,
  mustPassCredentials: false,
};

/** @throws {SourceError} `source/bad-reference`: repositories.yaml cannot be read */
export async function openHelmRepositories(
  options: HelmRepositoriesOptions,
): Promise<DependencyRepositories> {
  const { settings } = options;
  const file = await loadRepositoriesFile(settings.repositoryConfig);
  return new HelmRepositories(file?.repositories ?? [], options);
}

class HelmRepositories implements DependencyRepositories {
  readonly configured: readonly RepositoryEntry[];
  readonly #options: HelmRepositoriesOptions;
  readonly #indexes = new Map<string, Promise<ReadIndex>>();

  constructor(configured: readonly RepositoryEntry[], options: HelmRepositoriesOptions) {
    this.configured = configured;
    this.#options = options;
  }

  async refresh({ name, url }: NamedRepository): Promise<void> {
    const { settings, getters, context } = this.#options;
    const entry = this.#entryOf(name) ?? { ...ANONYMOUS, name, url };
    try {
      await updateRepository(entry, settings.repositoryCache, { getters, context });
    } catch (error) {
      throw new SourceError('source/unreachable', getterReason(error), error);
    }
    this.#indexes.delete(name);
  }

  async loadKept(): Promise<void> {
    for (const { name } of this.configured) await this.#index(name);
  }

  async versions({ name }: NamedRepository, chart: string) {
    const { charts } = await this.#index(name);
    return charts.find((entry) => entry.name === chart)?.versions;
  }

  async findUrl(repositoryUrl: string, name: string, version: string): Promise<string> {
    const { getters, context } = this.#options;
    const repositories = new Repositories({ getters, promisePolicy: 'trust' });
    const location = { kind: 'repository', url: repositoryUrl, name, version } as const;
    const found = await repositories.locate({ location, credentials: {} }, context);
    return found.url;
  }

  async download({ url, repository, provenance }: DependencyRequest): Promise<DependencyArchive> {
    const { getters, context } = this.#options;
    const entry = this.#entryOf(repository?.name) ?? ANONYMOUS;
    const { credentials, files } = await credentialsOfEntry(entry);
    const owner = repository?.url ?? url;
    const found = await downloadArchive(
      { url, owner, credentials, files, provenance, promised: '', promisePolicy: 'trust' },
      getters,
      context,
    );
    const fileName = basename(new URL(url).pathname);
    return { bytes: found.bytes, fileName, provenance: found.provenance };
  }

  #entryOf(name: string | undefined): RepositoryEntry | undefined {
    return this.configured.find((entry) => entry.name === name);
  }

  /** Read once; Helm says of a failure no more than its reason. */
  async #index(name: string): Promise<ReadIndex> {
    const kept =
      this.#indexes.get(name) ?? cachedIndex(this.#options.settings.repositoryCache, name);
    this.#indexes.set(name, kept);
    try {
      return await kept;
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      throw new SourceError(error.code, error.message.replace(NO_CACHE, ''), error);
    }
  }
}

const NO_CACHE = /^no cached repo found\. \(try 'helm repo update'\): /;
