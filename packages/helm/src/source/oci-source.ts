// SPDX-License-Identifier: Apache-2.0

/**
 * Charts from OCI registries.
 *
 * Effects: reads the registry; contents are kept in the cache by digest, so that what has not changed costs one HEAD (a
 *          tag), one listing (a range) or nothing (a digest).
 * Source:  helm v3.22.0 pkg/registry/client.go, pkg/downloader/chart_downloader.go
 * Differs: credential helpers are not run; registries are not tried over HTTP unless told so.
 */

import { createHash } from 'node:crypto';
import {
  CHART_LIMITS,
  type CredentialSource,
  type Credentials,
  FetchError,
  type FetchPorts,
  type FetchStep,
  openRegistry,
  parseRegistryReference,
  printRegistryReference,
  type RegistryClient,
  type RegistryReference,
} from '@helm-operator/fetch';
import { chartOfArchive } from './chart-content.ts';
import type {
  ChartLocationOf,
  ChartRequest,
  ChartSource,
  FetchedChart,
  SourceContext,
} from './chart-source.ts';
import { SourceError } from './errors.ts';
import { chartOfLayer } from './layer-chart.ts';
import {
  type ChartImage,
  type ChartLayers,
  chartLayersOf,
  type ImageReader,
  readBlob,
  readChartImage,
  selectedLayer,
} from './oci-image.ts';
import { chooseReference } from './oci-version.ts';

type OciRequest = ChartRequest<ChartLocationOf<'oci'>>;

const MAX_CONFIG_BYTES = 4 * 1024 * 1024;
/** Helm's `--devel`. */
const PRERELEASES = '>0.0.0-0';

export interface OciSourceOptions {
  /** Logs in where the credentials say nothing of a registry. */
  readonly login?: CredentialSource | undefined;
  /** Whether what a reference stood for last serves while its registry does not answer. Default false, as Helm. */
  readonly mayUseStale?: boolean | undefined;
  /** How long a tag that a range led to stands for the same content unasked, in milliseconds. Default 10 min. */
  readonly listedFreshMs?: number | undefined;
  readonly nowMs?: (() => number) | undefined;
}

/** What was chosen for a request: its verification looks at the same image. */
export interface ChosenImage {
  readonly client: RegistryClient;
  readonly reference: RegistryReference;
  /** As Helm prints it; empty for a digest. */
  readonly version: string;
  readonly image: ChartImage;
}

interface Found {
  readonly client: RegistryClient;
  readonly reference: RegistryReference;
  readonly version: string;
  readonly digest: string;
}

/** Versions of ranges whose digest is remembered, for each registry. */
const MAX_LISTED = 10_000;
const LISTED_FRESH_MS = 600_000;

/** The digest of a tag, and when it was asked for. */
interface Listed {
  readonly digest: string;
  readonly atMs: number;
}

export class OciCharts implements ChartSource<ChartLocationOf<'oci'>> {
  readonly #options: OciSourceOptions;
  /** Its tokens live with it. */
  readonly #clients = new Clients();
  readonly #listed = new WeakMap<RegistryClient, Map<string, Listed>>();

  constructor(options: OciSourceOptions = {}) {
    this.#options = options;
  }

  /** @throws {FetchError} @throws {SourceError} */
  async fetch(request: OciRequest, context: SourceContext): Promise<FetchedChart> {
    const chosen = await this.choose(request, context);
    return await this.read(chosen, request, context);
  }

  /** The digest of what a request stands for now. @throws {FetchError} @throws {SourceError} */
  async peek(request: OciRequest, context: SourceContext): Promise<string> {
    return (await this.#find(request, context)).digest;
  }

  /** Finds the manifest; downloads no chart. @throws {FetchError} @throws {SourceError} */
  async choose(request: OciRequest, context: SourceContext): Promise<ChosenImage> {
    const { client, reference, version, digest } = await this.#find(request, context);
    const { fetch: ports, signal } = context;
    const reader = { client, cache: ports.cache, signal };
    const image = await readChartImage(reader, { ...reference, tag: undefined, digest });
    return { client, reference, version, image };
  }

  /** What was found is noted; the note serves when the registry is down, if it may. */
  async #find(request: OciRequest, context: SourceContext): Promise<Found> {
    if (this.#options.mayUseStale !== true) return await this.#ask(request, context);
    const { cache } = context.fetch;
    const key = noteKey(request);
    const noted = await cache.note(key);
    try {
      const { reference, version, digest, client } = await this.#ask(request, context);
      const text = JSON.stringify({ reference, version, digest } satisfies FoundNote);
      if (text !== noted) await cache.setNote(key, text);
      return { reference, version, digest, client };
    } catch (error) {
      const isPassing = error instanceof FetchError && error.retry === 'transient';
      if (noted === undefined || !isPassing || error.code === 'fetch/aborted') throw error;
      const found = JSON.parse(noted) as FoundNote;
      const { registry } = found.reference;
      stepper(context)('resolve', `${registry} does not answer: ${found.digest} as before`);
      return { ...found, client: this.client(registry, request.credentials, context.fetch) };
    }
  }

  async #ask(
    { location, credentials, mayUsePrerelease }: OciRequest,
    context: SourceContext,
  ): Promise<Found> {
    const step = stepper(context);
    const wanted = parsed(location.url);
    const { fetch: ports, signal } = context;
    const client = this.client(wanted.registry, credentials, ports);
    const range =
      location.version === '' && wanted.tag === undefined && mayUsePrerelease === true
        ? PRERELEASES
        : location.version;
    const chosen =
      location.layer === undefined
        ? await chooseReference(client, wanted, range, signal)
        : { reference: wanted, version: wanted.tag ?? '', isListed: false };
    const { reference, version, isListed } = chosen;
    const named = printRegistryReference({ ...reference, digest: undefined });
    const isFixed = isListed || reference.digest !== undefined;
    const digest = await this.#digestOf(client, reference, isFixed, signal);
    step('resolve', `${named} is ${digest}`);
    return { client, reference, version, digest };
  }

  /**
   * A version that was found in a range stands for the same content for a while. A digest is asked for once: the cache does
   * not give to these credentials what others fetched.
   */
  async #digestOf(
    client: RegistryClient,
    reference: RegistryReference,
    isFixed: boolean,
    signal: AbortSignal,
  ): Promise<string> {
    const { nowMs = Date.now, listedFreshMs = LISTED_FRESH_MS } = this.#options;
    const key = printRegistryReference(reference);
    const known = isFixed ? this.#listed.get(client)?.get(key) : undefined;
    const isFresh = reference.digest !== undefined || nowMs() - (known?.atMs ?? 0) < listedFreshMs;
    if (known !== undefined && isFresh) return known.digest;
    const { digest } = await client.resolve(reference, signal);
    if (isFixed) {
      const listed = this.#listed.get(client) ?? new Map<string, Listed>();
      if (listed.size >= MAX_LISTED) listed.clear();
      this.#listed.set(client, listed.set(key, { digest, atMs: nowMs() }));
    }
    return digest;
  }

  /** Downloads what was chosen. @throws {FetchError} @throws {SourceError} `source/archive`, `source/verification` */
  async read(
    { client, reference, version, image }: ChosenImage,
    request: OciRequest,
    context: SourceContext,
  ): Promise<FetchedChart> {
    const step = stepper(context);
    const { layer } = request.location;
    const layers =
      layer === undefined
        ? chartLayersOf(image.manifest)
        : selectedLayer(image.manifest, layer.mediaType);
    const reader = { client, cache: context.fetch.cache, signal: context.signal };
    const origin = `oci://${printRegistryReference(reference)}`;
    const [bytes] = await Promise.all([
      readBlob(reader, reference, layers.chart, CHART_LIMITS.maxBytes),
      checkConfig(reader, reference, layers),
    ]);
    step('download', `${layers.chart.digest}, ${bytes.length} bytes`);
    const provenance = await readProvenance(reader, { reference, layers, request, origin });
    const from = { origin, revision: image.digest, provenance };
    const chart =
      layer?.operation === 'extract' ? chartOfLayer(bytes, from) : chartOfArchive(bytes, from);
    return { ...chart, fileName: fileNameOf(reference, version), identity: image.digest };
  }

  /** One for each registry and credentials. @throws {FetchError} `fetch/bad-credentials`, `fetch/unsupported` */
  client(registry: string, credentials: Credentials, ports: FetchPorts): RegistryClient {
    return this.#clients.get(registry, credentials, ports, () =>
      openRegistry({ registry, credentials, ports, login: this.#options.login }),
    );
  }
}

type FoundNote = Omit<Found, 'client'>;

/** All that decides what is found; who may not ask does not learn it from those who may. */
function noteKey({ location, credentials, mayUsePrerelease }: OciRequest): string {
  const { url, version, layer } = location;
  const identity = createHash('sha256').update(JSON.stringify(credentials)).digest('hex');
  return JSON.stringify(['oci', url, version, layer, mayUsePrerelease, identity]);
}

function parsed(url: string): RegistryReference {
  if (!url.startsWith('oci://')) {
    throw new SourceError('source/bad-reference', 'the URL of a registry begins with oci://');
  }
  return parseRegistryReference(url);
}

/** Helm reads it, and refuses a chart whose config is no JSON object. */
async function checkConfig(
  reader: ImageReader,
  reference: RegistryReference,
  { config }: ChartLayers,
): Promise<void> {
  if (config === undefined) return;
  const bytes = await readBlob(reader, reference, config, MAX_CONFIG_BYTES);
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    if (typeof value !== 'object' || Array.isArray(value)) throw new TypeError('not an object');
  } catch (error) {
    throw new SourceError('source/archive', `the config ${config.digest} is not JSON`, error);
  }
}

interface ProvenanceRequest {
  readonly reference: RegistryReference;
  readonly layers: ChartLayers;
  readonly request: OciRequest;
  readonly origin: string;
}

const MAX_PROVENANCE_BYTES = 4 * 1024 * 1024;

async function readProvenance(
  reader: ImageReader,
  { reference, layers, request, origin }: ProvenanceRequest,
): Promise<Uint8Array | undefined> {
  const { provenance: wanted = 'never' } = request;
  if (wanted === 'never') return undefined;
  if (layers.provenance !== undefined) {
    return await readBlob(reader, reference, layers.provenance, MAX_PROVENANCE_BYTES);
  }
  if (wanted === 'if-possible') return undefined;
  throw new SourceError('source/verification', `failed to fetch provenance "${origin}.prov"`);
}

/** What `helm pull` calls the file. */
function fileNameOf({ repository, tag, digest }: RegistryReference, version: string): string {
  const name = repository.slice(repository.lastIndexOf('/') + 1);
  if (digest !== undefined) return `${name}@${digest.replace(':', '-')}.tgz`;
  return `${name}-${version === '' ? tag : version}.tgz`;
}

function stepper({ onStep }: SourceContext): (step: FetchStep, detail: string) => void {
  let lastMs = performance.now();
  return (step, detail) => {
    const nowMs = performance.now();
    onStep?.({ step, detail, durationMs: nowMs - lastMs });
    lastMs = nowMs;
  };
}

const MAX_CLIENTS = 256;

/** Clients by registry and credentials, the least recently used first; credentials are not kept as keys. */
class Clients {
  readonly #byPorts = new WeakMap<FetchPorts, Map<string, RegistryClient>>();

  get(
    registry: string,
    credentials: Credentials,
    ports: FetchPorts,
    open: () => RegistryClient,
  ): RegistryClient {
    const clients = this.#byPorts.get(ports) ?? new Map<string, RegistryClient>();
    this.#byPorts.set(ports, clients);
    const text = JSON.stringify([registry, credentials]);
    const key = createHash('sha256').update(text).digest('hex');
    const client = clients.get(key) ?? open();
    clients.delete(key);
    clients.set(key, client);
    const [oldest] = clients.keys();
    if (clients.size > MAX_CLIENTS && oldest !== undefined) clients.delete(oldest);
    return client;
  }
}
