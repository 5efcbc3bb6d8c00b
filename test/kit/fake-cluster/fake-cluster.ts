// SPDX-License-Identifier: Apache-2.0

/**
 * A cluster in memory behind the `Cluster` port, for tests of other rooms.
 *
 * Does: uid, resourceVersion, generation, creationTimestamp; AlreadyExists, NotFound, Conflict; missing namespaces; label and the usual
 * field selectors; finalizers; status subresource; `generateName`; dry run; JSON, merge and strategic patches; server-side apply with
 * conflicts; watches (metadata-only too); kinds of CustomResourceDefinitions, which are established at once; a namespace takes its
 * objects with it; denied identities; recorded calls and injected failures.
 *
 * Does not: validate objects or set defaults (of schemas, CRDs included); convert between versions; run controllers (no pods of a
 * Deployment, no garbage collection by owner, whatever the propagation); write `managedFields`; admission; quotas; grace periods;
 * keep integers beyond 2⁵³ or tell `1.0` from `1`; subresources other than `status`; strategic merge of rare lists (patches.ts).
 */

import type { ValueMap } from '@helm-operator/gocompat';
import {
  type ApplyOptions,
  type CallOptions,
  type Cluster,
  type DeleteOptions,
  type Identity,
  type JsonObject,
  jsonOfObject,
  KubeError,
  type ListQuery,
  type ObjectRef,
  type ObjectTable,
  objectOfJson,
  type PatchKind,
  type ResourceInfo,
  type ResourceTable,
  type ServerVersion,
  type WatchEvent,
  type WriteOptions,
} from '@helm-operator/kube';
import { FieldOwners } from './field-owners.ts';
import { copyJson } from './json.ts';
import { kindsOfCrd } from './kinds.ts';
import {
  apiVersionOf,
  applyConflict,
  checkName,
  completed,
  describe,
  flagsOf,
  forbidden,
  inVersion,
  looseRef,
  patched,
  updateOf,
  withoutVersion,
} from './object-rules.ts';
import { PatchError } from './patches.ts';
import { fieldMatcher, labelMatcher } from './selectors.ts';
import { StatusError } from './status-error.ts';
import { metadataOf, notFound, type StoredRef, type Update, uidConflict } from './store.ts';
import { watchStore } from './watch-store.ts';
import {
  completeCall,
  type FakeCall,
  type FakeClusterOptions,
  type PartialCall,
  World,
} from './world.ts';

export type { FakeCall, FakeClusterOptions, Verb } from './world.ts';

export class FakeCluster implements Cluster {
  readonly server: string = 'https://fake.invalid';
  readonly #world: World;
  readonly #identity: Identity | undefined;

  constructor(options: FakeClusterOptions = {}, world?: World, identity?: Identity) {
    this.#world = world ?? new World(options);
    this.#identity = identity;
    if (world !== undefined) return;
    for (const name of options.namespaces ?? ['default', 'kube-system']) {
      this.seed({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    }
  }

  as(identity: Identity): Cluster {
    return new FakeCluster(this.#world.options, this.#world, identity);
  }

  /** Puts an object there as it is, `status` included: no call, no checks but for the kind. */
  seed(object: JsonObject): JsonObject {
    const { store } = this.#world;
    const ref = this.#refOf(object);
    const update: Update = { manager: 'seed', subresource: undefined, isDryRun: false };
    const { status } = object;
    if (store.find(ref) === undefined) store.create(ref, object, update, new FieldOwners());
    else store.update(ref, withoutVersion(object), update);
    if (status !== undefined) {
      store.update(ref, { status: copyJson(status) }, { ...update, subresource: 'status' });
    }
    this.#learnKinds(ref, object);
    return copyJson(store.get(ref));
  }

  /** Takes an object away at once, finalizers or not. */
  unseed(ref: ObjectRef): void {
    const { store } = this.#world;
    const stored = this.#stored(ref);
    const update: Update = { manager: 'seed', subresource: undefined, isDryRun: false };
    const bare = copyJson(store.get(stored));
    delete metadataOf(bare)['finalizers'];
    store.update(stored, bare, update);
    if (store.find(stored) !== undefined) store.delete(stored);
  }

  /** What is there, without a call. */
  peek(ref: ObjectRef): JsonObject | undefined {
    return copyJson(this.#world.store.find(this.#stored(ref)));
  }

  /** Everything that is there, without a call. */
  objects(): JsonObject[] {
    return copyJson(this.#world.store.all());
  }

  /** Calls so far, oldest first. */
  get calls(): readonly FakeCall[] {
    return this.#world.calls;
  }

  get openWatches(): number {
    return this.#world.watches;
  }

  /** As if every watch had expired: each announces the differences and `synced` again. */
  cutWatches(): void {
    for (const cut of this.#world.cuts) cut();
  }

  setLog(namespace: string, pod: string, text: string, container = ''): void {
    this.#world.logs.set(JSON.stringify([namespace, pod, container]), text);
  }

  async resources(): Promise<ResourceTable> {
    return this.#call({ verb: 'resources' }, 'discover', () => {
      const kinds = [...this.#world.kinds];
      const versions = kinds.map(apiVersionOf);
      const names = kinds.map((info) => `${apiVersionOf(info)}/${info.kind}`);
      const apiVersions = [...new Set([...versions, ...names])];
      return {
        find: (apiVersion, kind) =>
          kinds.find((info) => info.kind === kind && apiVersionOf(info) === apiVersion),
        apiVersions: () => apiVersions,
      };
    });
  }

  async version(): Promise<ServerVersion> {
    const version = { major: '1', minor: '36', gitVersion: 'v1.36.3' };
    return this.#call(
      { verb: 'version' },
      'read the version',
      () => this.#world.options.version ?? version,
    );
  }

  async get(ref: ObjectRef, options: CallOptions = {}): Promise<ValueMap | undefined> {
    const object = await this.getJson(ref, options);
    return object && objectOfJson(object);
  }

  async getJson(ref: ObjectRef, options: CallOptions = {}): Promise<JsonObject | undefined> {
    return this.#call(
      { verb: 'get', ...ref },
      `get ${describe(ref)}`,
      () => copyJson(this.#world.store.find(this.#stored(ref))),
      options,
    );
  }

  async list(query: ListQuery, options: CallOptions = {}): Promise<readonly ValueMap[]> {
    return (await this.listJson(query, options)).map(objectOfJson);
  }

  async listJson(query: ListQuery, options: CallOptions = {}): Promise<readonly JsonObject[]> {
    const work = () => {
      const info = this.#kind(query.apiVersion, query.kind);
      const matches = this.#matcher(query);
      const found = this.#world.store.list(info, query.namespace).filter(matches);
      return found.map((object) => inVersion(copyJson(object), query));
    };
    return this.#call({ verb: 'list', ...query }, `list ${query.kind}`, work, options);
  }

  /** Names alone: what the real one adds depends on the kind. */
  async table(
    of: ObjectRef | ListQuery,
    options: CallOptions = {},
  ): Promise<ObjectTable | undefined> {
    const found = 'name' in of ? await this.getJson(of, options) : await this.listJson(of, options);
    if (found === undefined) return undefined;
    const objects = Array.isArray(found) ? found : [found as JsonObject];
    const column = { type: 'string', format: 'name', description: '', priority: 0 };
    return {
      columns: [{ ...column, name: 'Name' }],
      rows: objects.map((object) => [String(metadataOf(object)['name'])]),
    };
  }

  async create(object: ValueMap, options: WriteOptions = {}): Promise<ValueMap> {
    const given = jsonOfObject(object);
    const metadata = metadataOf(given);
    if (!metadata['name'] && metadata['generateName']) {
      this.#world.names += 1;
      metadata['name'] =
        `${String(metadata['generateName'])}${String(this.#world.names).padStart(5, 'x')}`;
    }
    const ref = looseRef(given);
    return this.#call(
      { verb: 'create', ...ref, ...flagsOf(options) },
      `create ${describe(ref)}`,
      () => objectOfJson(this.#createStored(given, options)),
      options,
    );
  }

  async replace(object: ValueMap, options: WriteOptions = {}): Promise<ValueMap> {
    const given = jsonOfObject(object);
    const ref = looseRef(given);
    const work = () => {
      const stored = this.#refOf(given);
      return objectOfJson(this.#updateStored(stored, given, options));
    };
    return this.#call(
      { verb: 'update', ...ref, ...flagsOf(options) },
      `replace ${describe(ref)}`,
      work,
      options,
    );
  }

  async patch(
    ref: ObjectRef,
    kind: PatchKind,
    body: string,
    options: ApplyOptions = {},
  ): Promise<ValueMap> {
    const doing = `${kind === 'apply' ? 'apply' : 'patch'} ${describe(ref)}`;
    const work = () => {
      const stored = this.#stored(ref);
      const patch: unknown = JSON.parse(body);
      if (kind === 'apply') return objectOfJson(this.#apply(stored, patch as JsonObject, options));
      const before = this.#world.store.get(stored);
      const after = patched(stored, kind, before, patch as JsonObject);
      return objectOfJson(this.#updateStored(stored, after, options));
    };
    return this.#call({ verb: 'patch', ...ref, ...flagsOf(options) }, doing, work, options);
  }

  async delete(ref: ObjectRef, options: DeleteOptions = {}): Promise<'deleted' | 'absent'> {
    const work = () => {
      const { store } = this.#world;
      const stored = this.#stored(ref);
      const before = store.find(stored);
      if (before === undefined) return 'absent';
      const { uid, resourceVersion } = metadataOf(before);
      if (options.uid !== undefined && options.uid !== uid) {
        throw uidConflict(stored, options.uid, String(uid));
      }
      if (options.resourceVersion !== undefined && options.resourceVersion !== resourceVersion) {
        throw new StatusError(409, 'Conflict', `${ref.name}: the object has been modified`, stored);
      }
      store.delete(stored);
      if (store.find(stored) === undefined) this.#forgetKinds(stored, before);
      return 'deleted';
    };
    return this.#call({ verb: 'delete', ...ref }, `delete ${describe(ref)}`, work, options);
  }

  async watch(
    query: ListQuery & { readonly isMetadataOnly?: boolean },
    onEvent: (event: WatchEvent) => void,
    signal: AbortSignal,
  ): Promise<void> {
    if (signal.aborted) return;
    const world = this.#world;
    const info = await this.#call({ verb: 'watch', ...query }, `watch ${query.kind}`, () =>
      this.#kind(query.apiVersion, query.kind),
    );
    world.watches += 1;
    try {
      const matches = this.#matcher(query);
      await watchStore(
        { store: world.store, info, query, matches, cuts: world.cuts },
        onEvent,
        signal,
      );
    } finally {
      world.watches -= 1;
    }
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
    const ref = { apiVersion: 'v1', kind: 'Pod', namespace, name: pod };
    const work = () => {
      const key = JSON.stringify([namespace, pod, options.container ?? '']);
      const log = this.#world.logs.get(key);
      if (log === undefined) throw notFound(this.#stored(ref));
      const lines = log.split('\n');
      const tail = options.tailLines ?? 50;
      const wanted = lines.slice(-tail - (log.endsWith('\n') ? 1 : 0)).join('\n');
      return wanted.slice(0, options.limitBytes ?? wanted.length);
    };
    return this.#call(
      { verb: 'logs', ...ref },
      `read the log of Pod ${namespace}/${pod}`,
      work,
      options,
    );
  }

  async #call<T>(
    partial: PartialCall,
    doing: string,
    work: () => T,
    options: CallOptions = {},
  ): Promise<T> {
    const { world, call } = { world: this.#world, call: completeCall(partial, this.#identity) };
    options.signal?.throwIfAborted();
    world.calls.push(call);
    await world.options.onCall?.(call, 'before');
    // An answer never comes in the same turn.
    await Promise.resolve();
    options.signal?.throwIfAborted();
    try {
      if (world.options.authorize?.(call) === false) throw forbidden(call, this.#world.kinds);
      const result = work();
      await world.options.onCall?.(call, 'after');
      return result;
    } catch (error) {
      if (error instanceof StatusError) throw error.toKubeError(doing);
      if (error instanceof PatchError) {
        const reason = error.status === 400 ? 'BadRequest' : 'Invalid';
        throw new StatusError(error.status, reason, error.message).toKubeError(doing);
      }
      throw error;
    }
  }

  #createStored(given: JsonObject, options: WriteOptions): JsonObject {
    const ref = this.#refOf(given);
    this.#mustHaveNamespace(ref);
    checkName(ref);
    const owners = new FieldOwners();
    owners.update({}, given, options.fieldManager ?? 'unknown');
    const created = this.#world.store.create(ref, given, updateOf(options), owners);
    if (options.isDryRun !== true) this.#learnKinds(ref, created);
    return copyJson(this.#world.store.find(ref) ?? created);
  }

  #updateStored(ref: StoredRef, given: JsonObject, options: WriteOptions): JsonObject {
    const { store } = this.#world;
    const before = store.get(ref);
    const after = store.update(ref, given, updateOf(options));
    if (options.isDryRun !== true && after !== before) {
      store.owners(ref).update(before, after, options.fieldManager ?? 'unknown');
      this.#learnKinds(ref, after);
    }
    return copyJson(after);
  }

  #apply(ref: StoredRef, config: JsonObject, options: ApplyOptions): JsonObject {
    const { store } = this.#world;
    const manager = options.fieldManager;
    if (!manager) {
      throw new StatusError(
        422,
        'Invalid',
        'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
        ref,
      );
    }
    const before = store.find(ref);
    if (before === undefined && metadataOf(config)['name'] !== ref.name) {
      throw new StatusError(
        400,
        'BadRequest',
        'the name of the object (apply based on URL) was undeterminable: name must be provided',
        ref,
      );
    }
    if (before === undefined) {
      this.#mustHaveNamespace(ref);
      checkName(ref);
      const owners = new FieldOwners();
      owners.apply({}, config, manager, true);
      const created = store.create(ref, completed(config, ref), updateOf(options), owners);
      if (options.isDryRun !== true) this.#learnKinds(ref, created);
      return copyJson(store.find(ref) ?? created);
    }
    const owners = options.isDryRun === true ? store.owners(ref).copy() : store.owners(ref);
    const result = owners.apply(before, config, manager, options.isForced === true);
    if ('conflicts' in result) throw applyConflict(ref, result.conflicts);
    return copyJson(store.update(ref, result.object, updateOf(options)));
  }

  #mustHaveNamespace({ info, namespace }: StoredRef): void {
    if (!info.isNamespaced) return;
    const ref = { info: this.#kind('v1', 'Namespace'), namespace: '', name: namespace };
    if (this.#world.store.find(ref) === undefined) throw notFound(ref);
  }

  #matcher(query: ListQuery): (object: JsonObject) => boolean {
    try {
      const byLabel = labelMatcher(query.labelSelector);
      const byField = fieldMatcher(query.fieldSelector, query.kind);
      return (object) => byLabel(object) && byField(object);
    } catch (error) {
      if (error instanceof SyntaxError) throw new StatusError(400, 'BadRequest', error.message);
      throw error;
    }
  }

  #kind(apiVersion: string, kind: string): ResourceInfo {
    const info = this.#world.kinds.find(
      (other) => other.kind === kind && apiVersionOf(other) === apiVersion,
    );
    if (info !== undefined) return info;
    throw new KubeError({
      code: 'kube/unknown-kind',
      message: `no matches for kind "${kind}" in version "${apiVersion}"`,
    });
  }

  #stored(ref: ObjectRef): StoredRef {
    const info = this.#kind(ref.apiVersion, ref.kind);
    if (info.isNamespaced && !ref.namespace) {
      throw new StatusError(400, 'BadRequest', `${ref.kind} needs a namespace`);
    }
    return { info, name: ref.name, namespace: info.isNamespaced ? (ref.namespace ?? '') : '' };
  }

  #refOf(object: JsonObject): StoredRef {
    return this.#stored(looseRef(object));
  }

  /** A CustomResourceDefinition is served at once, and says so. */
  #learnKinds(ref: StoredRef, crd: JsonObject): void {
    if (ref.info.kind !== 'CustomResourceDefinition') return;
    const added = kindsOfCrd(crd);
    const { kinds, store } = this.#world;
    for (const info of added) {
      const same = kinds.findIndex(
        (other) =>
          other.group === info.group && other.version === info.version && other.kind === info.kind,
      );
      if (same < 0) kinds.push(info);
      else kinds[same] = info;
    }
    const conditions = ['NamesAccepted', 'Established'].map((type) => ({ type, status: 'True' }));
    const update: Update = { manager: 'fake', subresource: 'status', isDryRun: false };
    store.update(ref, { status: { conditions } }, update);
  }

  #forgetKinds(ref: StoredRef, crd: JsonObject): void {
    if (ref.info.kind !== 'CustomResourceDefinition') return;
    const { kinds } = this.#world;
    for (const gone of kindsOfCrd(crd)) {
      const index = kinds.findIndex((info) => info.group === gone.group && info.kind === gone.kind);
      if (index >= 0) kinds.splice(index, 1);
    }
  }
}
