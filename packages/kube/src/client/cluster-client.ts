// SPDX-License-Identifier: Apache-2.0

import { encodeJson, type ValueMap } from '@helm-operator/gocompat';
import type {
  ApplyOptions,
  CallOptions,
  Cluster,
  DeleteOptions,
  Identity,
  JsonObject,
  ListQuery,
  ObjectRef,
  ObjectTable,
  PatchKind,
  ResourceInfo,
  ResourceTable,
  ServerVersion,
  WatchEvent,
  WriteOptions,
} from '../cluster.ts';
import type { DiscoveryCache } from '../discovery/discovery-cache.ts';
import { isKubeError, type KubeError } from '../errors.ts';
import { listWatch } from '../watch/list-watch.ts';
import { decodeJsonObject, decodeObject } from './decode-objects.ts';
import { decodePage, describeQuery, listPages, selectors } from './list-pages.ts';
import { refOf } from './object-ref.ts';
import { decodeTable, TABLE_ACCEPT } from './object-table.ts';
import { collectionPath, creationPath, describe, objectPath, withQuery } from './paths.ts';
import type { Answer, Call, Requester } from './requester.ts';
import { unknownKind } from './unknown-kind.ts';
import { type ClientCall, METADATA_ACCEPT, watchSource, withOwnKind } from './watch-source.ts';

export interface ClusterClientContext {
  readonly requester: Requester;
  readonly discovery: DiscoveryCache;
  /** Path of the server URL, without a slash at its end. */
  readonly basePath: string;
  readonly identity: Identity | undefined;
  readonly streaming: { isRefused: boolean };
  /** What the server says it is, for as long as its table of kinds is used. */
  readonly versions: WeakMap<ResourceTable, ServerVersion>;
  readonly onTrouble: ((error: Error, doing: string) => void) | undefined;
}

const PATCH_TYPES: Readonly<Record<PatchKind, string>> = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
};
const LOG_LINES = 50;
const LOG_LIMIT_BYTES = 256 << 10;

/** The real cluster, as one identity sees it. */
export class ClusterClient implements Cluster {
  readonly server: string;
  readonly #context: ClusterClientContext;

  constructor(context: ClusterClientContext) {
    this.#context = context;
    this.server = context.requester.context.server;
  }

  as(identity: Identity): Cluster {
    return new ClusterClient({ ...this.#context, identity });
  }

  async resources(
    options: CallOptions & { readonly mustRefresh?: boolean } = {},
  ): Promise<ResourceTable> {
    return this.#context.discovery.table(options.mustRefresh ?? false, options.signal);
  }

  async version(options: CallOptions = {}): Promise<ServerVersion> {
    options.signal?.throwIfAborted();
    const { discovery, versions } = this.#context;
    const known = discovery.young();
    const kept = known && versions.get(known);
    if (kept !== undefined) return kept;
    const doing = 'read the version';
    const answer = await this.#call({ doing, method: 'GET', path: '/version', ...options });
    const { major, minor, gitVersion } = decodeJsonObject(answer.body, doing);
    const numbers = { major: String(major), minor: String(minor) };
    const version: ServerVersion = { ...numbers, gitVersion: String(gitVersion) };
    if (known !== undefined) versions.set(known, version);
    return version;
  }

  async get(ref: ObjectRef, options: CallOptions = {}): Promise<ValueMap | undefined> {
    const doing = `get ${describe(ref)}`;
    const answer = await this.#read(ref, doing, options);
    return answer && decodeObject(answer.body, doing);
  }

  async getJson(ref: ObjectRef, options: CallOptions = {}): Promise<JsonObject | undefined> {
    const doing = `get ${describe(ref)}`;
    const answer = await this.#read(ref, doing, options);
    return answer && decodeJsonObject(answer.body, doing);
  }

  async list(query: ListQuery, options: CallOptions = {}): Promise<readonly ValueMap[]> {
    const doing = `list ${describeQuery(query)}`;
    return listPages(await this.#pageReader(query, doing, options), (body) => {
      const list = decodeObject(body, doing);
      const items = list.get('items');
      const metadata = list.get('metadata');
      const next = metadata instanceof Map ? metadata.get('continue') : undefined;
      return {
        items: (Array.isArray(items) ? items : []).flatMap((item) => {
          if (!(item instanceof Map)) return [];
          return [item.set('apiVersion', query.apiVersion).set('kind', query.kind)];
        }),
        continueToken: typeof next === 'string' ? next : '',
      };
    });
  }

  async listJson(query: ListQuery, options: CallOptions = {}): Promise<readonly JsonObject[]> {
    const doing = `list ${describeQuery(query)}`;
    const read = await this.#pageReader(query, doing, options);
    return listPages(read, (body) => decodePage(body, query, doing));
  }

  async table(
    of: ObjectRef | ListQuery,
    options: CallOptions = {},
  ): Promise<ObjectTable | undefined> {
    if ('name' in of) {
      const doing = `get ${describe(of)}`;
      const answer = await this.#read(of, doing, options, TABLE_ACCEPT);
      return answer && decodeTable(answer.body, doing);
    }
    const doing = `list ${describeQuery(of)}`;
    const info = await this.#resource(of, doing, options);
    const answer = await this.#call({
      doing,
      method: 'GET',
      path: withQuery(collectionPath(info, of.namespace), selectors(of)),
      accept: TABLE_ACCEPT,
      ...limitsOf(options),
    });
    return decodeTable(answer.body, doing);
  }

  async create(object: ValueMap, options: WriteOptions = {}): Promise<ValueMap> {
    const ref = refOf(object, 'create an object');
    const doing = `create ${describe(ref)}`;
    const info = await this.#resource(ref, doing, options);
    const path = creationPath(info, ref.namespace, doing);
    return this.#write({ doing, method: 'POST', path }, object, options);
  }

  async replace(object: ValueMap, options: WriteOptions = {}): Promise<ValueMap> {
    const ref = refOf(object, 'replace an object');
    const doing = `replace ${describe(ref)}`;
    const info = await this.#resource(ref, doing, options);
    const path = withSubresource(objectPath(info, ref, doing), options);
    return this.#write({ doing, method: 'PUT', path }, object, options);
  }

  async patch(
    ref: ObjectRef,
    kind: PatchKind,
    body: string,
    options: ApplyOptions = {},
  ): Promise<ValueMap> {
    const doing = `${kind === 'apply' ? 'apply' : 'patch'} ${describe(ref)}`;
    const info = await this.#resource(ref, doing, options);
    const path = withSubresource(objectPath(info, ref, doing), options);
    const answer = await this.#call({
      doing,
      method: 'PATCH',
      path: withQuery(path, {
        ...writeQuery(options),
        force: kind === 'apply' && options.isForced === true ? true : undefined,
      }),
      body,
      accept: acceptOf(options),
      contentType: PATCH_TYPES[kind],
      isIdempotent: kind !== 'json',
      ...limitsOf(options),
    });
    return decodeObject(answer.body, doing);
  }

  async delete(ref: ObjectRef, options: DeleteOptions = {}): Promise<'deleted' | 'absent'> {
    const doing = `delete ${describe(ref)}`;
    const info = await this.#resource(ref, doing, options);
    const { uid, resourceVersion, propagation, gracePeriodSeconds } = options;
    const hasPrecondition = uid !== undefined || resourceVersion !== undefined;
    try {
      await this.#call({
        doing,
        method: 'DELETE',
        path: objectPath(info, ref, doing),
        body: JSON.stringify({
          apiVersion: 'v1',
          kind: 'DeleteOptions',
          propagationPolicy: propagation,
          gracePeriodSeconds,
          preconditions: hasPrecondition ? { uid, resourceVersion } : undefined,
        }),
        isIdempotent: true,
        ...limitsOf(options),
      });
      return 'deleted';
    } catch (error) {
      if (isKubeError(error) && isMissingObject(error)) return 'absent';
      throw error;
    }
  }

  async watch(
    query: ListQuery & { readonly isMetadataOnly?: boolean },
    onEvent: (event: WatchEvent) => void,
    signal: AbortSignal,
    onTrouble: ((error: Error, doing: string) => void) | undefined = this.#context.onTrouble,
  ): Promise<void> {
    const { requester, streaming } = this.#context;
    const { clock, random } = requester.context;
    const source = watchSource(query, {
      call: (call) => this.#call(call),
      open: (call) => requester.open(this.#complete(call)),
      find: async (doing, limits) =>
        this.#knownResource(query) ?? (await this.#resource(query, doing, limits)),
      forget: () => this.#context.discovery.invalidate(),
    });
    const context = { clock, random, signal, onTrouble, streaming };
    await listWatch(source, withOwnKind(query, onEvent), context);
  }

  async podLogs(
    namespace: string,
    pod: string,
    options: CallOptions & {
      readonly container?: string;
      readonly tailLines?: number;
      readonly limitBytes?: number;
      readonly isPrevious?: boolean;
    } = {},
  ): Promise<string> {
    const limitBytes = options.limitBytes ?? LOG_LIMIT_BYTES;
    const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(pod)}/log`;
    const answer = await this.#call({
      doing: `read the log of Pod ${namespace}/${pod}`,
      method: 'GET',
      path: withQuery(path, {
        container: options.container,
        tailLines: options.tailLines ?? LOG_LINES,
        limitBytes,
        previous: options.isPrevious === true ? true : undefined,
      }),
      accept: '*/*',
      limitBytes: limitBytes + 4096,
      ...limitsOf(options),
    });
    return answer.body.toString('utf8');
  }

  #call(call: ClientCall): Promise<Answer> {
    return this.#context.requester.call(this.#complete(call));
  }

  #complete<T extends ClientCall>(call: T): T & Pick<Call, 'identity'> {
    const { basePath, identity } = this.#context;
    return { ...call, path: `${basePath}${call.path}`, identity };
  }

  /** Where a kind was served; a watch that is renewed asks for nothing else, and is told when that is wrong. */
  #knownResource({ apiVersion, kind }: ListQuery): ResourceInfo | undefined {
    return this.#context.discovery.known()?.find(apiVersion, kind);
  }

  /** Where a kind is served; asks anew when it is not known. */
  async #resource(
    wanted: { readonly apiVersion: string; readonly kind: string },
    doing: string,
    { signal }: CallOptions,
  ): Promise<ResourceInfo> {
    const { discovery } = this.#context;
    const { apiVersion, kind } = wanted;
    if (isBuiltIn(apiVersion)) {
      const lasting = discovery.known()?.find(apiVersion, kind);
      if (lasting !== undefined) return lasting;
    }
    const known = (await discovery.table(false, signal)).find(apiVersion, kind);
    if (known !== undefined) return known;
    const found = (await discovery.tableAfterMiss(signal)).find(apiVersion, kind);
    if (found !== undefined) return found;
    throw unknownKind(doing, apiVersion, kind);
  }

  async #read(
    ref: ObjectRef,
    doing: string,
    options: CallOptions,
    accept?: string,
  ): Promise<Answer | undefined> {
    const info = await this.#resource(ref, doing, options);
    const path = objectPath(info, ref, doing);
    try {
      return await this.#call({ doing, method: 'GET', path, accept, ...limitsOf(options) });
    } catch (error) {
      if (!isKubeError(error, 'kube/not-found')) throw error;
      if (isMissingObject(error)) return undefined;
      this.#context.discovery.invalidate();
      throw unknownKind(doing, ref.apiVersion, ref.kind, error);
    }
  }

  async #write(call: ClientCall, object: ValueMap, options: WriteOptions): Promise<ValueMap> {
    const answer = await this.#call({
      ...call,
      path: withQuery(call.path, writeQuery(options)),
      accept: acceptOf(options),
      body: encodeJson(object),
      ...limitsOf(options),
    });
    return decodeObject(answer.body, call.doing);
  }

  async #pageReader(
    query: ListQuery,
    doing: string,
    options: CallOptions,
  ): Promise<(limit: number, continueToken: string) => Promise<Buffer>> {
    const info = await this.#resource(query, doing, options);
    return async (limit, continueToken) => {
      const answer = await this.#call({
        doing,
        method: 'GET',
        path: withQuery(collectionPath(info, query.namespace), {
          ...selectors(query),
          limit: limit === 0 ? undefined : limit,
          continue: continueToken,
        }),
        mayCompress: true,
        limitBytes: 256 << 20,
        ...limitsOf(options),
      });
      return answer.body;
    };
  }
}

function limitsOf({ signal, timeoutMs }: CallOptions): CallOptions {
  return { signal, timeoutMs };
}

function writeQuery(options: WriteOptions): Record<string, string | undefined> {
  return {
    fieldManager: options.fieldManager,
    fieldValidation: options.fieldValidation,
    dryRun: options.isDryRun === true ? 'All' : undefined,
  };
}

function acceptOf({ isMetadataEnough }: WriteOptions): string | undefined {
  return isMetadataEnough === true ? METADATA_ACCEPT : undefined;
}

function withSubresource(path: string, { subresource }: WriteOptions): string {
  return subresource === undefined ? path : `${path}/${subresource}`;
}

/** A 404 that names the object; one that names nothing says that the path itself is not served. */
function isMissingObject(error: KubeError): boolean {
  return error.code === 'kube/not-found' && error.details.name !== '';
}

/** Of Kubernetes itself: plural and scope of such a kind never change, so a Lease is renewed without a look at what is served. */
function isBuiltIn(apiVersion: string): boolean {
  const [group = '', version] = apiVersion.split('/');
  return version === undefined || !group.includes('.') || group.endsWith('.k8s.io');
}
