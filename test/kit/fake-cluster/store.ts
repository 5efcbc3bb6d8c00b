// SPDX-License-Identifier: Apache-2.0

/** Objects, resource versions and watchers of the fake cluster: what etcd and the API machinery do, without HTTP and roles. */

import type { Clock, Json, JsonObject, ResourceInfo } from '@helm-operator/kube';
import { FieldOwners } from './field-owners.ts';
import { copyJson, equalJson } from './json.ts';
import { isRecord } from './selectors.ts';
import { StatusError } from './status-error.ts';

export interface StoredRef {
  readonly info: ResourceInfo;
  readonly namespace: string;
  readonly name: string;
}

export interface StoreEvent {
  readonly type: 'added' | 'modified' | 'deleted';
  readonly info: ResourceInfo;
  readonly object: JsonObject;
  /** The form before the change. */
  readonly before: JsonObject | undefined;
}

export interface Update {
  readonly manager: string;
  readonly subresource: string | undefined;
  readonly isDryRun: boolean;
}

interface Stored {
  object: JsonObject;
  readonly owners: FieldOwners;
}

export class Store {
  readonly #clock: Clock;
  readonly #objects = new Map<string, Stored>();
  readonly #listeners = new Set<(event: StoreEvent) => void>();
  #version = 100;
  #uids = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get resourceVersion(): string {
    return String(this.#version);
  }

  listen(listener: (event: StoreEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  find(ref: StoredRef): JsonObject | undefined {
    return this.#objects.get(keyOf(ref))?.object;
  }

  /** @throws {StatusError} 404 */
  get(ref: StoredRef): JsonObject {
    const found = this.find(ref);
    if (found === undefined) throw notFound(ref);
    return found;
  }

  owners(ref: StoredRef): FieldOwners {
    return this.#objects.get(keyOf(ref))?.owners ?? new FieldOwners();
  }

  /** Objects of a kind, all versions of its group, in order of their keys (as etcd lists them). */
  list(info: ResourceInfo, namespace: string | undefined): JsonObject[] {
    const prefix = `${info.group}/${info.resource}/${namespace ? `${namespace}/` : ''}`;
    return [...this.#objects]
      .filter(([key]) => key.startsWith(prefix))
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([, { object }]) => object);
  }

  /** Every object, for a test to look at. */
  all(): JsonObject[] {
    return [...this.#objects.values()].map(({ object }) => object);
  }

  /** @throws {StatusError} 409 AlreadyExists */
  create(ref: StoredRef, given: JsonObject, update: Update, owners: FieldOwners): JsonObject {
    if (this.#objects.has(keyOf(ref))) throw alreadyExists(ref);
    const object = copyJson(given);
    const metadata = metadataOf(object);
    if (ref.info.subresources.includes('status')) delete object['status'];
    Object.assign(metadata, {
      name: ref.name,
      ...(ref.namespace === '' ? {} : { namespace: ref.namespace }),
      uid: this.#newUid(),
      creationTimestamp: this.#time(),
      resourceVersion: String(this.#version + 1),
    });
    delete metadata['deletionTimestamp'];
    if ('spec' in object) metadata['generation'] = 1;
    if (ref.info.kind === 'Namespace') object['status'] = { phase: 'Active' };
    if (ref.info.kind === 'Secret') completeSecret(object);
    if (update.isDryRun) return object;
    this.#version += 1;
    this.#objects.set(keyOf(ref), { object, owners });
    this.#tell({ type: 'added', info: ref.info, object, before: undefined });
    return object;
  }

  /**
   * Puts `given` in the place of what is there.
   *
   * @throws {StatusError} 404, 409 Conflict
   */
  update(ref: StoredRef, given: JsonObject, update: Update): JsonObject {
    const before = this.get(ref);
    const object = this.#merged(ref, before, copyJson(given), update.subresource);
    const metadata = metadataOf(object);
    const isUnchanged = equalJson(object, before);
    if (update.isDryRun || isUnchanged) return isUnchanged ? before : object;
    metadata['resourceVersion'] = String(this.#version + 1);
    if ('spec' in object && !equalJson(contentOf(object), contentOf(before))) {
      metadata['generation'] = Number(metadata['generation'] ?? 0) + 1;
    }
    this.#version += 1;
    const stored = this.#objects.get(keyOf(ref));
    if (stored !== undefined) stored.object = object;
    if ('deletionTimestamp' in metadata && !hasFinalizers(object)) {
      this.#remove(ref, object);
      return object;
    }
    this.#tell({ type: 'modified', info: ref.info, object, before });
    return object;
  }

  /** @throws {StatusError} 404 */
  delete(ref: StoredRef): void {
    const before = this.get(ref);
    if (!hasFinalizers(before)) {
      this.#remove(ref, before);
      return;
    }
    if ('deletionTimestamp' in metadataOf(before)) return;
    const object = copyJson(before);
    this.#version += 1;
    Object.assign(metadataOf(object), {
      deletionTimestamp: this.#time(),
      deletionGracePeriodSeconds: 0,
      resourceVersion: String(this.#version),
    });
    const stored = this.#objects.get(keyOf(ref));
    if (stored !== undefined) stored.object = object;
    this.#tell({ type: 'modified', info: ref.info, object, before });
  }

  #merged(
    ref: StoredRef,
    before: JsonObject,
    given: JsonObject,
    subresource: string | undefined,
  ): JsonObject {
    const old = metadataOf(before);
    const wanted = metadataOf(given);
    const { resourceVersion, uid } = wanted;
    if (resourceVersion && resourceVersion !== old['resourceVersion']) throw conflict(ref);
    if (uid && uid !== old['uid']) throw uidConflict(ref, String(uid), String(old['uid']));
    if (subresource === 'status') return { ...copyJson(before), status: given['status'] ?? {} };
    const kept = ['uid', 'creationTimestamp', 'generation', 'deletionTimestamp'] as const;
    const fixed = kept.flatMap((name): [string, Json][] => {
      const value = old[name];
      return value === undefined ? [] : [[name, value]];
    });
    delete wanted['managedFields'];
    Object.assign(wanted, Object.fromEntries(fixed), {
      name: ref.name,
      resourceVersion: old['resourceVersion'] ?? '',
      ...(ref.namespace === '' ? {} : { namespace: ref.namespace }),
    });
    if (ref.info.kind === 'Secret') completeSecret(given);
    if (ref.info.subresources.includes('status')) {
      delete given['status'];
      if (before['status'] !== undefined) given['status'] = copyJson(before['status']);
    }
    return given;
  }

  #remove(ref: StoredRef, before: JsonObject): void {
    this.#version += 1;
    const object = copyJson(before);
    metadataOf(object)['resourceVersion'] = String(this.#version);
    this.#objects.delete(keyOf(ref));
    this.#tell({ type: 'deleted', info: ref.info, object, before });
    if (ref.info.kind !== 'Namespace' || ref.info.group !== '') return;
    for (const [key, { object: inner }] of [...this.#objects]) {
      if (metadataOf(inner)['namespace'] !== ref.name) continue;
      this.#objects.delete(key);
      const info = this.#infoOf(key, ref.info, inner);
      this.#tell({ type: 'deleted', info, object: inner, before: inner });
    }
  }

  /** Enough of a resource for listeners to match it by group and plural. */
  #infoOf(key: string, like: ResourceInfo, object: JsonObject): ResourceInfo {
    const [group = '', resource = ''] = key.split('/');
    return { ...like, group, resource, kind: String(object['kind']), isNamespaced: true };
  }

  #tell(event: StoreEvent): void {
    for (const listener of [...this.#listeners]) listener(event);
  }

  #newUid(): string {
    this.#uids += 1;
    return `00000000-0000-4000-8000-${String(this.#uids).padStart(12, '0')}`;
  }

  #time(): string {
    return new Date(this.#clock.nowMs()).toISOString().replace(/\.\d{3}Z$/, 'Z');
  }
}

export function metadataOf(object: JsonObject): JsonObject {
  const metadata = object['metadata'];
  if (isRecord(metadata)) return metadata;
  const fresh: JsonObject = {};
  object['metadata'] = fresh;
  return fresh;
}

function keyOf({ info, namespace, name }: StoredRef): string {
  return `${info.group}/${info.resource}/${namespace === '' ? '' : `${namespace}/`}${name}`;
}

function hasFinalizers(object: JsonObject): boolean {
  const finalizers = metadataOf(object)['finalizers'];
  return Array.isArray(finalizers) && finalizers.length > 0;
}

/** What a change of which raises `generation`. */
function contentOf(object: JsonObject): JsonObject {
  const { metadata: _metadata, status: _status, ...content } = object;
  return content;
}

function completeSecret(secret: JsonObject): void {
  const given = isRecord(secret['stringData']) ? secret['stringData'] : {};
  const data = isRecord(secret['data']) ? secret['data'] : {};
  for (const [name, text] of Object.entries(given)) {
    data[name] = Buffer.from(String(text)).toString('base64');
  }
  delete secret['stringData'];
  if (Object.keys(data).length > 0) secret['data'] = data;
  secret['type'] ??= 'Opaque';
}

function resourceName({ info }: StoredRef): string {
  return info.group === '' ? info.resource : `${info.resource}.${info.group}`;
}

export function notFound(ref: StoredRef): StatusError {
  return new StatusError(404, 'NotFound', `${resourceName(ref)} "${ref.name}" not found`, ref);
}

function alreadyExists(ref: StoredRef): StatusError {
  return new StatusError(
    409,
    'AlreadyExists',
    `${resourceName(ref)} "${ref.name}" already exists`,
    ref,
  );
}

function conflict(ref: StoredRef): StatusError {
  return new StatusError(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${resourceName(ref)} "${ref.name}": the object has been modified; please apply your changes to the latest version and try again`,
    ref,
  );
}

export function uidConflict(ref: StoredRef, wanted: string, actual: string): StatusError {
  return new StatusError(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${resourceName(ref)} "${ref.name}": Precondition failed: UID in precondition: ${wanted}, UID in object meta: ${actual}`,
    ref,
  );
}
