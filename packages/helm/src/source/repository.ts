// SPDX-License-Identifier: Apache-2.0

/** Charts from Helm repositories. Source: helm v3.22.0 pkg/repo/chartrepo.go, pkg/downloader/chart_downloader.go. */

import { maskUrl } from '@helm-operator/fetch';
import { type ArchiveRequest, type DownloadedArchive, downloadArchive } from './archives.ts';
import { chartOfArchive } from './chart-content.ts';
import type {
  ChartLocationOf,
  ChartRequest,
  ChartSource,
  FetchedChart,
  SourceContext,
} from './chart-source.ts';
import { resolveChartUrl } from './chart-url.ts';
import { SourceError } from './errors.ts';
import type { Getters } from './getters.ts';
import { chooseVersion, type IndexVersion } from './index-versions.ts';
import type { CredentialFiles } from './plugins.ts';
import { missingText } from './read-index.ts';
import { type FoundVersions, RepositoryIndexes } from './repository-index.ts';

export interface RepositoriesOptions {
  readonly getters: Getters;
  /** Default 0. */
  readonly freshMs?: number | undefined;
  /** Default false: as Helm, a repository that does not answer is an error. */
  readonly mayUseStale?: boolean | undefined;
  /** What follows when an archive has another digest than the index says. Helm trusts it. Default `refuse`. */
  readonly promisePolicy?: ArchiveRequest['promisePolicy'] | undefined;
  /** For entries whose URL is of an OCI registry. */
  readonly oci?: ChartSource<ChartLocationOf<'oci'>> | undefined;
  readonly nowMs?: (() => number) | undefined;
}

type Request = ChartRequest<ChartLocationOf<'repository'>> & {
  readonly files?: CredentialFiles | undefined;
};

/** A version of the index, and where its archive is. */
export interface LocatedChart {
  readonly url: string;
  readonly version: IndexVersion;
  readonly stale: Error | undefined;
}

export class Repositories implements ChartSource<ChartLocationOf<'repository'>> {
  readonly #options: RepositoriesOptions;
  readonly #indexes: RepositoryIndexes;

  constructor(options: RepositoriesOptions) {
    this.#options = options;
    const { getters, freshMs = 0, mayUseStale = false, nowMs } = options;
    this.#indexes = new RepositoryIndexes({ getters, freshMs, mayUseStale, nowMs });
  }

  async fetch(request: Request, context: SourceContext): Promise<FetchedChart> {
    const located = await this.locate(request, context);
    const { oci } = this.#options;
    if (located.url.startsWith('oci://') && oci !== undefined) {
      const location = { kind: 'oci', url: located.url, version: located.version.version } as const;
      return await oci.fetch({ ...request, location }, context);
    }
    const { bytes, url, provenance } = await this.download(request, located, context);
    const chart = chartOfArchive(bytes, { origin: maskUrl(url), provenance });
    return { ...chart, identity: identityOf(located) };
  }

  async peek(request: Request, context: SourceContext): Promise<string | undefined> {
    return identityOf(await this.locate(request, context));
  }

  /** @throws {SourceError} `source/not-found`, `source/index`, `source/unreachable` */
  async locate(request: Request, context: SourceContext): Promise<LocatedChart> {
    const { url, name } = request.location;
    const { credentials, files } = request;
    const index = { url, credentials, files };
    const found = await this.#indexes.find(index, name, context);
    const version = await chooseOrLookAgain(request, found, () =>
      this.#indexes.find(index, name, context, 0),
    );
    const [first] = version.urls;
    if (first === undefined)
      throw new SourceError(
        'source/not-found',
        `${missingText(name, request.location.version)} has no downloadable URLs`,
      );
    const chartUrl = resolveChartUrl(url, first);
    context.onStep?.({
      step: 'resolve',
      detail: `${name} ${version.version} at ${maskUrl(chartUrl)}`,
      durationMs: 0,
    });
    return { url: chartUrl, version, stale: found.stale };
  }

  /** @throws {FetchError} `fetch/…` @throws {SourceError} `source/verification` */
  download(
    request: Request,
    located: LocatedChart,
    context: SourceContext,
  ): Promise<DownloadedArchive> {
    const { getters, promisePolicy = 'refuse' } = this.#options;
    const { credentials, files, provenance = 'never' } = request;
    const archive: ArchiveRequest = {
      url: located.url,
      owner: request.location.url,
      credentials,
      files,
      provenance,
      promised: located.version.digest,
      promisePolicy,
      stale: located.stale,
    };
    return downloadArchive(archive, getters, context);
  }
}

/** An index without digests does not say whether the bytes are still the same. */
function identityOf({ url, version }: LocatedChart): string | undefined {
  return version.digest === '' ? undefined : `${url} ${version.digest}`;
}

/** What is not in an index that was asked for some time ago may be there by now. */
async function chooseOrLookAgain(
  request: Request,
  found: FoundVersions,
  again: () => Promise<FoundVersions>,
): Promise<IndexVersion> {
  try {
    return choose(request, found);
  } catch (error) {
    if (!(error instanceof SourceError) || error.code !== 'source/not-found') throw error;
    // That the repository does not answer says more than that its last index does not have it.
    if (found.stale !== undefined) throw found.stale;
    if (found.isFresh) throw error;
    return choose(request, await again());
  }
}

const ANY_WITH_PRERELEASES = '>0.0.0-0';

function choose({ location, mayUsePrerelease }: Request, found: FoundVersions): IndexVersion {
  const { name, url } = location;
  const version =
    location.version === '' && mayUsePrerelease === true ? ANY_WITH_PRERELEASES : location.version;
  const missing = `${missingText(name, version)} not found in ${maskUrl(url)} repository`;
  const { versions } = found;
  if (versions.length === 0) throw new SourceError('source/not-found', missing);
  let chosen: IndexVersion | undefined;
  try {
    chosen = chooseVersion(versions, version);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SourceError('source/bad-version', `${missing}: ${reason}`, error);
  }
  if (chosen !== undefined) return chosen;
  const newest = versions.slice(0, 3).map((entry) => entry.version);
  const more = versions.length > 3 ? ', …' : '';
  throw new SourceError('source/not-found', `${missing}: it has ${newest.join(', ')}${more}`);
}
