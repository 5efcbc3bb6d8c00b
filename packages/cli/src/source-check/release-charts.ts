// SPDX-License-Identifier: Apache-2.0

/** The charts that HelmReleases of a file name, fetched as the operator fetches them. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeHelmRelease, type ReleaseIntent } from '@helm-operator/api';
import { decodeYamlDocuments, type Value, type ValueMap } from '@helm-operator/gocompat';
import type { SourceStep } from '@helm-operator/helm';
import {
  createChartSource,
  createLogger,
  DEFAULT_GIT_OPTIONS,
  DEFAULT_SOURCE_OPTIONS,
  type SourcedChart,
} from '@helm-operator/operator';
import type { CliContext } from '../context.ts';
import { connectBy, type Settings } from '../flags/settings.ts';

/** The HelmReleases of a text, and the Secrets beside them. */
export interface ReleaseFile {
  readonly releases: readonly ValueMap[];
  readonly secrets: readonly ValueMap[];
}

/** `undefined`: there is no HelmRelease in it. */
export function readReleaseFile(text: string): ReleaseFile | undefined {
  if (!/^kind:\s*["']?(?:HelmRelease|List)\b/m.test(text) && !text.includes('"HelmRelease"'))
    return undefined;
  const objects: ValueMap[] = [];
  for (const document of decodeYamlDocuments(text, { numbers: 'int64orFloat64' })) {
    if (!(document instanceof Map)) continue;
    const items = document.get('items');
    const inner = document.get('kind') === 'List' && Array.isArray(items) ? items : [document];
    objects.push(...inner.filter((item): item is ValueMap => item instanceof Map));
  }
  const ofKind = (kind: string) => objects.filter((object) => object.get('kind') === kind);
  const releases = ofKind('HelmRelease');
  return releases.length === 0 ? undefined : { releases, secrets: ofKind('Secret') };
}

/** Fetches chart after chart. @throws {DecodeError} @throws what fetching throws */
export async function fetchReleaseCharts(
  { releases, secrets }: ReleaseFile,
  flags: Settings,
  context: CliContext,
  told: {
    readonly onRelease: (intent: ReleaseIntent) => void;
    readonly onStep: (step: SourceStep) => void;
    readonly onChart: (chart: SourcedChart) => void;
  },
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'helm-operator-git-'));
  const cluster = new SecretReader(secrets, flags, context);
  const source = createChartSource(
    // A person's own URLs go wherever that person may go.
    {
      ...DEFAULT_SOURCE_OPTIONS,
      mayUseLinkLocal: true,
      git: { ...DEFAULT_GIT_OPTIONS, folder },
    },
    {
      cluster,
      version: context.version,
      env: Object.fromEntries(context.env),
      log: createLogger({
        format: 'fmt',
        write: (line) => context.stderr(`${line}\n`),
        now: () => '',
      }),
      onStep: told.onStep,
    },
  );
  try {
    for (const release of releases) {
      const intent = decodeHelmRelease(await cluster.placed(release));
      told.onRelease(intent);
      told.onChart(await source.fetch(intent.chart, context.signal));
    }
  } finally {
    cluster.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Secrets of the file, else of the cluster, which is asked only when it has to be. */
class SecretReader {
  readonly #secrets: readonly ValueMap[];
  readonly #flags: Settings;
  readonly #context: CliContext;
  #connected: ReturnType<typeof connectBy> | undefined;
  #close: () => void = () => undefined;

  constructor(secrets: readonly ValueMap[], flags: Settings, context: CliContext) {
    this.#secrets = secrets;
    this.#flags = flags;
    this.#context = context;
  }

  async get(
    ref: Parameters<Awaited<ReturnType<typeof connectBy>>['cluster']['get']>[0],
    options?: { readonly signal?: AbortSignal },
  ): Promise<ValueMap | undefined> {
    const found = this.#secrets.find((secret) => {
      const { name, namespace } = metadataOf(secret);
      return name === ref.name && (namespace === '' || namespace === ref.namespace);
    });
    if (found !== undefined) return encoded(found);
    const { cluster } = await this.#connect();
    return await cluster.get(ref, options);
  }

  /** With the namespace in which `kubectl apply` would put it. */
  async placed(object: ValueMap): Promise<ValueMap> {
    if (metadataOf(object).namespace !== '') return object;
    const namespace = this.#flags.namespace === '' ? 'default' : this.#flags.namespace;
    const metadata = object.get('metadata');
    const inner = metadata instanceof Map ? metadata : new Map<string, Value>();
    return new Map([...object, ['metadata', new Map([...inner, ['namespace', namespace]])]]);
  }

  close(): void {
    this.#close();
  }

  async #connect(): ReturnType<typeof connectBy> {
    this.#connected ??= connectBy(this.#flags, this.#context).then((connection) => {
      this.#close = () => connection.cluster.close();
      return connection;
    });
    return await this.#connected;
  }
}

function metadataOf(object: ValueMap): { readonly name: string; readonly namespace: string } {
  const metadata = object.get('metadata');
  const text = (key: string) => {
    const value = metadata instanceof Map ? metadata.get(key) : undefined;
    return typeof value === 'string' ? value : '';
  };
  return { name: text('name'), namespace: text('namespace') };
}

/** As the API server stores it: `stringData` joins `data` in base64. */
function encoded(secret: ValueMap): ValueMap {
  const plain = secret.get('stringData');
  if (!(plain instanceof Map)) return secret;
  const data = secret.get('data');
  const joined = new Map<string, Value>(data instanceof Map ? data : []);
  for (const [key, value] of plain) joined.set(key, Buffer.from(String(value)).toString('base64'));
  return new Map([...secret, ['data', joined]]);
}
