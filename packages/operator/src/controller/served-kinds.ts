// SPDX-License-Identifier: Apache-2.0

/** Which kinds HelmRelease the cluster serves, and whether their definitions know all that we write. */

import { DIALECTS, type Dialect } from '@helm-operator/api';
import {
  type Cluster,
  isKubeError,
  type JsonObject,
  type ObjectRef,
  WatchCache,
} from '@helm-operator/kube';
import type { Logger } from '../logging/logger.ts';
import { metadataOf } from './fingerprint.ts';

export interface ServedKindsOptions {
  readonly cluster: Pick<Cluster, 'getJson' | 'resources' | 'watch'>;
  readonly log: Logger;
  /** What becomes of releases whose definition is deleted. Default: they stay. */
  readonly onDefinitionDeletion?: 'keep' | 'uninstall' | undefined;
}

/** What a definition is to us. */
interface Served {
  readonly isServed: boolean;
  readonly isOurs: boolean;
  /** It is being deleted. */
  readonly isGoing: boolean;
}

const NOT_SERVED: Served = { isServed: false, isOurs: false, isGoing: false };

export class ServedKinds {
  readonly #options: ServedKindsOptions;
  #onServed: (dialect: Dialect) => void = () => undefined;
  readonly #served = new Map<string, Served>();
  readonly #running: Promise<void>[] = [];

  constructor(options: ServedKindsOptions) {
    this.#options = options;
  }

  /**
   * Looks at each definition, and goes on looking until the signal is aborted.
   *
   * @param onServed told of each kind that is served, once
   */
  async start(signal: AbortSignal, onServed: (dialect: Dialect) => void): Promise<void> {
    this.#onServed = onServed;
    for (const dialect of DIALECTS) await this.#begin(dialect, signal);
  }

  /** Whether the status of that kind may hold more than the original's: the API server drops or refuses it otherwise. */
  isOurs(apiVersion: string): boolean {
    return this.#served.get(apiVersion)?.isOurs ?? false;
  }

  async ended(): Promise<void> {
    await Promise.all(this.#running);
  }

  async #begin(dialect: Dialect, signal: AbortSignal): Promise<void> {
    const { cluster, log } = this.#options;
    let definition: JsonObject | undefined;
    try {
      definition = await cluster.getJson(definitionRef(dialect), { signal });
    } catch (error) {
      // The watch will tell.
      if (!isKubeError(error, 'kube/forbidden'))
        return void this.#running.push(this.#watch(dialect, signal));
      const { apiVersion, kind, crdName } = dialect;
      const isServed = (await cluster.resources({ signal })).find(apiVersion, kind) !== undefined;
      if (isServed)
        log.warning(
          'its definition may not be read: status is written as the original operator did; allow get and watch on it to have more',
          { component: 'operator', crd: crdName },
        );
      return this.#see(dialect, { ...NOT_SERVED, isServed });
    }
    this.#see(dialect, definition === undefined ? NOT_SERVED : readDefinition(definition, dialect));
    this.#running.push(this.#watch(dialect, signal));
  }

  async #watch(dialect: Dialect, signal: AbortSignal): Promise<void> {
    const { apiVersion, kind, name } = definitionRef(dialect);
    const cache = new WatchCache({
      cluster: this.#options.cluster,
      query: { apiVersion, kind, fieldSelector: `metadata.name=${name}` },
      slim: (object) => ({
        metadata: metadataOf(object),
        ...readDefinition(object, dialect),
      }),
    });
    cache.listen(({ type, object }) => {
      const { isServed, isOurs, isGoing } = object;
      const isGone = type === 'deleted';
      this.#see(
        dialect,
        isGone
          ? NOT_SERVED
          : {
              isServed: isServed === true,
              isOurs: isOurs === true,
              isGoing: isGoing === true,
            },
      );
    });
    await cache.run(signal).catch((error: unknown) => {
      if (!signal.aborted)
        this.#options.log.warning('definitions are watched no longer', { err: String(error) });
    });
  }

  #see(dialect: Dialect, served: Served): void {
    const before = this.#served.get(dialect.apiVersion) ?? NOT_SERVED;
    this.#served.set(dialect.apiVersion, served);
    if (served.isServed && !before.isServed) this.#onServed(dialect);
    if (served.isGoing && !before.isGoing) this.#warnOfDeletion(dialect);
    if (before.isServed && served.isServed && before.isOurs !== served.isOurs)
      this.#options.log.info('the definition of HelmRelease was replaced', {
        component: 'operator',
        crd: dialect.crdName,
        status: served.isOurs ? 'complete' : 'as the original wrote it',
      });
  }

  #warnOfDeletion({ crdName }: Dialect): void {
    const { log, onDefinitionDeletion } = this.#options;
    const text = 'the definition of HelmRelease is being deleted, and with it every HelmRelease';
    const releases =
      onDefinitionDeletion === 'uninstall'
        ? 'are uninstalled (--crd-deletion=uninstall)'
        : 'stay; apply the HelmReleases again to manage them';
    log.warning(text, { component: 'operator', crd: crdName, releases });
  }
}

function definitionRef({ crdName }: Dialect): ObjectRef {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    name: crdName,
  };
}

/** The part of a definition that is looked at. */
interface Definition {
  readonly spec?: {
    readonly versions?: readonly {
      readonly name?: string;
      readonly served?: boolean;
      readonly schema?: {
        readonly openAPIV3Schema?: {
          readonly properties?: {
            readonly status?: { readonly properties?: Readonly<Record<string, unknown>> };
          };
        };
      };
    }[];
  };
  readonly status?: {
    readonly conditions?: readonly { readonly type?: string; readonly status?: string }[];
  };
}

/** Ours when its status has room for what is remembered of an attempt. */
function readDefinition(object: JsonObject, { apiVersion }: Dialect): Served {
  const { spec, status } = object as unknown as Definition;
  const version = spec?.versions?.find(({ name }) => apiVersion.endsWith(`/${name}`));
  const isEstablished = status?.conditions?.some(
    ({ type, status: value }) => type === 'Established' && value === 'True',
  );
  const fields = version?.schema?.openAPIV3Schema?.properties?.status?.properties ?? {};
  return {
    isServed: version?.served === true && isEstablished === true,
    isOurs: 'attempt' in fields,
    isGoing: metadataOf(object)['deletionTimestamp'] !== undefined,
  };
}
