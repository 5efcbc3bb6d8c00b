// SPDX-License-Identifier: Apache-2.0

/** Bytes by the scheme of their URL. Source: helm v3.22.0 pkg/getter (getter.go, httpgetter.go). */

import {
  type Credentials,
  type FetchLimits,
  type FetchPorts,
  withAnswer,
} from '@helm-operator/fetch';
import { quote } from '@helm-operator/gocompat';
import { SourceError } from './errors.ts';
import type { HelmSettings } from './helm-settings.ts';
import { type CredentialFiles, findDownloaders, runDownloader } from './plugins.ts';

export interface GetRequest {
  readonly url: string;
  /** Whom the credentials are for; other hosts get them only when they are told to be passed on. */
  readonly owner: string;
  readonly credentials: Credentials;
  /** The same as files, for plugins. */
  readonly files?: CredentialFiles | undefined;
  readonly limits: FetchLimits;
  readonly accept?: string | undefined;
  readonly etag?: string | undefined;
  readonly lastModified?: string | undefined;
  readonly mayCompress?: boolean | undefined;
}

export interface GetContext {
  readonly fetch: FetchPorts;
  readonly signal: AbortSignal;
}

export type Content =
  | { readonly kind: 'not-modified' }
  | {
      readonly kind: 'ok';
      readonly body: AsyncIterable<Uint8Array>;
      readonly etag: string | undefined;
      readonly lastModified: string | undefined;
    };

export interface GettersOptions {
  /** Without: there are no plugins. */
  readonly settings?: HelmSettings | undefined;
  /** Told what plugins write to standard error, masked. */
  readonly onPluginOutput?: ((line: string) => void) | undefined;
}

/** HTTP(S), and what plugins know. */
export class Getters {
  readonly #options: GettersOptions;

  constructor(options: GettersOptions = {}) {
    this.#options = options;
  }

  /**
   * Gets a URL and reads it; `read` runs again when the fetch is retried.
   *
   * @throws {FetchError} `fetch/…` @throws {SourceError} `source/unsupported`: nobody knows the scheme
   */
  async get<T>(
    request: GetRequest,
    context: GetContext,
    read: (content: Content) => Promise<T>,
  ): Promise<T> {
    const { protocol } = new URL(request.url);
    if (protocol === 'http:' || protocol === 'https:') return await byHttp(request, context, read);
    const { host, href } = URL.parse(request.url) ?? { host: '', href: request.url };
    const place = { host: `${protocol}//${host}`, url: href, signal: context.signal };
    const bytes = await context.fetch.hosts.run(place, () =>
      this.#byPlugin(protocol.slice(0, -1), request, context),
    );
    return await read({
      kind: 'ok',
      body: once(bytes),
      etag: undefined,
      lastModified: undefined,
    });
  }

  /** Looked up each time: a plugin that is installed works without a restart. */
  async #byPlugin(
    scheme: string,
    request: GetRequest,
    { fetch, signal }: GetContext,
  ): Promise<Uint8Array> {
    const { settings, onPluginOutput } = this.#options;
    const downloaders = settings === undefined ? [] : await findDownloaders(settings);
    const downloader = downloaders.find(({ protocols }) => protocols.includes(scheme));
    if (settings === undefined || downloader === undefined)
      throw new SourceError('source/unsupported', `scheme ${quote(scheme)} not supported`);
    const { url, files, limits } = request;
    const credentials = credentialsFor(request);
    return await runDownloader(downloader, settings, {
      url,
      credentials,
      // Files of credentials that are not for this host are none of its business.
      files: credentials === request.credentials ? files : undefined,
      limits: { ...limits, timeoutMs: Math.min(limits.timeoutMs, fetch.timeoutMs) },
      signal,
      onStderr: onPluginOutput,
    });
  }
}

async function byHttp<T>(
  request: GetRequest,
  { fetch, signal }: GetContext,
  read: (content: Content) => Promise<T>,
): Promise<T> {
  const { url, accept, etag, lastModified, limits, mayCompress } = request;
  const headers = accept === undefined ? {} : { accept };
  const credentials = usable(credentialsFor(request));
  return await withAnswer(
    { url, headers, credentials, etag, lastModified, limits, mayCompress },
    { ports: fetch, signal },
    (answer) =>
      read(
        answer.status === 304
          ? { kind: 'not-modified' }
          : {
              kind: 'ok',
              body: answer.body,
              etag: answer.headers.get('etag'),
              lastModified: answer.headers.get('last-modified'),
            },
      ),
  );
}

/** As Helm: half a pair is none. */
function usable(credentials: Credentials): Credentials {
  const { basic } = credentials;
  const isHalf = basic !== undefined && (basic.username === '' || basic.password === '');
  return isHalf ? { ...credentials, basic: undefined } : credentials;
}

/** What a URL may be given: everything on its owner's host, else only whom to trust. */
function credentialsFor({ url, owner, credentials }: GetRequest): Credentials {
  if (credentials.mustPassToOtherHosts === true || isSameHost(url, owner)) return credentials;
  const { ca, isInsecure } = credentials.tls ?? {};
  return ca === undefined && isInsecure === undefined ? {} : { tls: { ca, isInsecure } };
}

function isSameHost(a: string, b: string): boolean {
  const [first, second] = [URL.parse(a), URL.parse(b)];
  return (
    first !== null &&
    second !== null &&
    first.protocol === second.protocol &&
    first.host === second.host
  );
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
