// SPDX-License-Identifier: Apache-2.0

/**
 * From what a person types (`repo/chart`, a URL, `--repo`) to an archive.
 *
 * Source:  helm v3.22.0 pkg/downloader/chart_downloader.go, pkg/action/pull.go, pkg/repo/chartrepo.go
 * Differs: credentials given with `--repo` go to other hosts only with `--pass-credentials` (`helm pull` sends them).
 */

import { basename } from 'node:path';
import { type Credentials, maskUrl } from '@helm-operator/fetch';
import { quote } from '@helm-operator/gocompat';
import { downloadArchive } from './archives.ts';
import type { ChartLocationOf, ChartRequest, ChartSource, SourceContext } from './chart-source.ts';
import { resolveChartUrl } from './chart-url.ts';
import { SourceError } from './errors.ts';
import { Getters } from './getters.ts';
import type { HelmSettings } from './helm-settings.ts';
import { chooseVersion } from './index-versions.ts';
import type { CredentialFiles } from './plugins.ts';
import {
  credentialsOfEntry,
  loadRepositoriesFile,
  type RepositoryEntry,
} from './repositories-file.ts';
import { Repositories } from './repository.ts';
import { cachedIndex } from './repository-cache.ts';

/** What the flags of a command say. */
export interface ReferenceOptions extends Omit<RepositoryEntry, 'name' | 'url'> {
  readonly version: string;
  /** `--devel` */
  readonly mayUsePrerelease: boolean;
  /** `--repo`; empty for none. */
  readonly repository: string;
  readonly isPlainHttp: boolean;
  readonly provenance: NonNullable<ChartRequest['provenance']>;
}

export interface DownloadedChart {
  readonly bytes: Uint8Array;
  /** What Helm calls the file. */
  readonly fileName: string;
  readonly provenance: Uint8Array | undefined;
  /** Masked. */
  readonly origin: string;
}

export interface ChartDownloaderOptions {
  readonly settings: HelmSettings;
  readonly oci?: ChartSource<ChartLocationOf<'oci'>> | undefined;
  /** Content of Helm's registry configuration. */
  readonly dockerConfig?: string | undefined;
  readonly onPluginOutput?: ((line: string) => void) | undefined;
}

/** Where an archive is, and what its host is given. */
interface Located {
  readonly url: string;
  readonly owner: string;
  readonly credentials: Credentials;
  readonly files: CredentialFiles | undefined;
}

const ANY_WITH_PRERELEASES = '>0.0.0-0';

export class ChartDownloader {
  readonly #options: ChartDownloaderOptions;
  readonly #getters: Getters;

  constructor(options: ChartDownloaderOptions) {
    this.#options = options;
    this.#getters = new Getters(options);
  }

  /**
   * @param reference `repo/chart`, a URL, or with `--repo` a chart's name
   * @throws {FetchError} `fetch/…` @throws {SourceError} `source/…`, with Helm's texts
   */
  async download(
    reference: string,
    options: ReferenceOptions,
    context: SourceContext,
  ): Promise<DownloadedChart> {
    const version =
      options.version === '' && options.mayUsePrerelease ? ANY_WITH_PRERELEASES : options.version;
    const own = await credentialsOfEntry(options);
    const wanted = { ...options, version };
    if (reference.startsWith('oci://') && options.repository === '')
      return await this.#downloadOci(reference, wanted, own.credentials, context);
    const located =
      options.repository === ''
        ? await this.#resolve(reference, version, own)
        : await this.#findInRepository(reference, wanted, { ...own, context });
    if (located.url.startsWith('oci://'))
      return await this.#downloadOci(located.url, wanted, located.credentials, context);
    const { provenance } = options;
    const found = await downloadArchive(
      { ...located, provenance, promised: '', promisePolicy: 'trust' },
      this.#getters,
      context,
    );
    return {
      bytes: found.bytes,
      provenance: found.provenance,
      fileName: fileNameOf(located.url),
      origin: maskUrl(located.url),
    };
  }

  async #downloadOci(
    url: string,
    options: ReferenceOptions,
    credentials: Credentials,
    context: SourceContext,
  ): Promise<DownloadedChart> {
    const { oci } = this.#options;
    if (oci === undefined)
      throw new SourceError('source/unsupported', 'scheme "oci" not supported');
    const { version, provenance, isPlainHttp } = options;
    const found = await oci.fetch(
      {
        location: { kind: 'oci', url, version },
        credentials: { ...credentials, isPlainHttp, dockerConfig: this.#options.dockerConfig },
        provenance,
      },
      context,
    );
    return {
      bytes: found.bytes,
      provenance: found.provenance,
      fileName: found.fileName,
      origin: found.origin,
    };
  }

  async #findInRepository(
    name: string,
    { repository, version }: ReferenceOptions,
    own: OwnCredentials & { readonly context: SourceContext },
  ): Promise<Located> {
    const repositories = new Repositories({ getters: this.#getters, promisePolicy: 'trust' });
    const location = { kind: 'repository', url: repository, name, version } as const;
    const { credentials, files, context } = own;
    const { url } = await repositories.locate({ location, credentials, files }, context);
    return { url, owner: repository, credentials, files };
  }

  /** What the repositories file knows of a reference. */
  async #resolve(reference: string, version: string, own: OwnCredentials): Promise<Located> {
    const file = await loadRepositoriesFile(this.#options.settings.repositoryConfig);
    const entries = file?.repositories ?? [];
    const url = URL.parse(reference);
    if (url !== null && url.host !== '' && url.pathname !== '') {
      const owner = await this.#ownerOf(reference, entries);
      if (owner === undefined) return { url: reference, owner: reference, ...own };
      return { url: reference, owner: owner.url, ...(await joined(owner, own)) };
    }
    const slash = reference.indexOf('/');
    if (slash < 0)
      throw new SourceError(
        'source/bad-reference',
        `non-absolute URLs should be in form of repo_name/path_to_chart, got: ${reference}`,
      );
    const entry = entryNamed(reference.slice(0, slash), entries);
    const chartUrl = await this.#findInCache(reference.slice(slash + 1), version, {
      entry,
      reference,
    });
    return { url: chartUrl, owner: entry.url, ...(await joined(entry, own)) };
  }

  async #findInCache(
    chart: string,
    version: string,
    { entry, reference }: { readonly entry: RepositoryEntry; readonly reference: string },
  ): Promise<string> {
    const { charts } = await cachedIndex(this.#options.settings.repositoryCache, entry.name);
    const versions = charts.find(({ name }) => name === chart)?.versions;
    const missing = (reason: string) =>
      new SourceError(
        'source/not-found',
        `chart ${quote(chart)} matching ${version} not found in ${entry.name} index. (try 'helm repo update'): ${reason}`,
      );
    if (versions === undefined) throw missing('no chart name found');
    if (versions.length === 0) throw missing('no chart version found');
    let chosen: ReturnType<typeof chooseVersion>;
    try {
      chosen = chooseVersion(versions, version);
    } catch (error) {
      throw missing(error instanceof Error ? error.message : String(error));
    }
    if (chosen === undefined) throw missing(`no chart version found for ${chart}-${version}`);
    const [first] = chosen.urls;
    if (first === undefined)
      throw new SourceError(
        'source/not-found',
        `chart ${quote(reference)} has no downloadable URLs`,
      );
    return resolveChartUrl(entry.url, first);
  }

  /** The repository whose index has this URL. */
  async #ownerOf(
    url: string,
    entries: readonly RepositoryEntry[],
  ): Promise<RepositoryEntry | undefined> {
    const wanted = comparable(url);
    for (const entry of entries) {
      const { charts } = await cachedIndex(this.#options.settings.repositoryCache, entry.name);
      const isOwner = charts.some(({ versions }) =>
        versions.some(({ urls }) => urls.some((other) => comparable(other) === wanted)),
      );
      if (isOwner) return entry;
    }
    return undefined;
  }
}

interface OwnCredentials {
  readonly credentials: Credentials;
  readonly files: CredentialFiles | undefined;
}

/** What the file says of a repository comes before what the flags say. */
async function joined(entry: RepositoryEntry, own: OwnCredentials): Promise<OwnCredentials> {
  const known = await credentialsOfEntry(entry);
  const hasPair = entry.username !== '' && entry.password !== '';
  const tls = known.files === undefined ? own.credentials.tls : known.credentials.tls;
  return {
    credentials: {
      basic: hasPair ? known.credentials.basic : own.credentials.basic,
      mustPassToOtherHosts: hasPair
        ? known.credentials.mustPassToOtherHosts
        : own.credentials.mustPassToOtherHosts,
      tls: { ...tls, isInsecure: entry.isInsecure || own.credentials.tls?.isInsecure },
    },
    files: known.files ?? own.files,
  };
}

function entryNamed(name: string, entries: readonly RepositoryEntry[]): RepositoryEntry {
  const entry = entries.find((candidate) => candidate.name === name);
  if (entry === undefined) throw new SourceError('source/no-repository', `repo ${name} not found`);
  if (entry.url === '')
    throw new SourceError('source/no-repository', `no URL found for repository ${name}`);
  return entry;
}

function comparable(url: string): string {
  const parsed = URL.parse(url);
  if (parsed === null) return url;
  return `${parsed.protocol}//${parsed.host}${parsed.pathname.replace(/\/+/g, '/').replace(/\/$/, '')}${parsed.search}`;
}

function fileNameOf(url: string): string {
  return basename(decodeURIComponent(new URL(url).pathname)) || 'chart';
}
