// SPDX-License-Identifier: Apache-2.0

/**
 * Records in objects of the cluster: what Secrets and ConfigMaps have in common.
 *
 * Source: helm v3.22.0 pkg/storage/driver/secrets.go, cfgmaps.go
 * Differs: a write that was lost or refused for a moment is made again; an update names the version it replaces; unreadable objects are reported; nothing is read before a delete.
 */

import type { Value, ValueMap } from '@helm-operator/gocompat';
import {
  type Clock,
  type Cluster,
  isKubeError,
  type JsonObject,
  jsonOfObject,
} from '@helm-operator/kube';
import type { Profile } from '../../actions/options.ts';
import { HelmError, textOf, wrap } from '../../errors.ts';
import { decodeRecord } from '../decode.ts';
import {
  type FittedRecord,
  fitRecord,
  RECORD_LIMIT_BYTES,
  RECORD_SLACK_BYTES,
  surelyFits,
} from '../fit.ts';
import { byRevision } from '../history.ts';
import { MARK_ANNOTATION, markFromText, markToText } from '../mark.ts';
import { recordKey, revisionOfKey, timeLabelOf, withoutSystemLabels } from '../names.ts';
import type { ReleaseRecord } from '../record.ts';
import type {
  CorruptedRecord,
  ReleaseHistory,
  ReleaseStorage,
  StorageCallOptions,
} from '../storage.ts';
import { writeSteadily } from './steady-write.ts';

/** What a driver needs; `namespace` `''` lists all namespaces and writes nothing. */
export interface DriverOptions {
  readonly cluster: Cluster;
  readonly namespace: string;
  readonly profile: Profile;
  readonly clock: Clock;
}

/** What tells one kind of storage object from the other. */
export interface ObjectShape {
  readonly driver: 'secret' | 'configmap';
  readonly kind: 'Secret' | 'ConfigMap';
  /** Fields beside `metadata`, for a payload. */
  fieldsOf(payload: string): readonly (readonly [string, Value])[];
  /** The payload of a read object; `undefined` when it has none. */
  payloadOf(object: JsonObject): string | undefined;
}

export function createObjectStorage(shape: ObjectShape, options: DriverOptions): ReleaseStorage {
  return new ObjectStorage(shape, options);
}

class ObjectStorage implements ReleaseStorage {
  readonly driver: 'secret' | 'configmap';
  readonly namespace: string;
  readonly #shape: ObjectShape;
  readonly #options: DriverOptions;

  constructor(shape: ObjectShape, options: DriverOptions) {
    this.driver = shape.driver;
    this.namespace = options.namespace;
    this.#shape = shape;
    this.#options = options;
  }

  async history(name: string, options?: StorageCallOptions): Promise<ReleaseHistory> {
    return this.#query(`name=${name},owner=helm`, 'query: failed to query with labels', options);
  }

  async list(options?: StorageCallOptions): Promise<ReleaseHistory> {
    return this.#query('owner=helm', 'list: failed to list', options);
  }

  async get(
    name: string,
    revision: number,
    options?: StorageCallOptions,
  ): Promise<ReleaseRecord | undefined> {
    const key = recordKey(name, revision);
    let object: JsonObject | undefined;
    try {
      object = await this.#options.cluster.getJson(this.#ref(key), options);
    } catch (error) {
      throw wrap('helm/storage', `get: failed to get "${key}"`, error);
    }
    if (object === undefined) return undefined;
    try {
      return await this.#read(object);
    } catch (error) {
      throw new HelmError(
        'helm/record-decode',
        `get: failed to decode data "${key}": ${textOf(error)}`,
        { cause: error },
      );
    }
  }

  async fit(record: ReleaseRecord): Promise<ReleaseRecord> {
    if (surelyFits(record)) return record;
    const limit = RECORD_LIMIT_BYTES - RECORD_SLACK_BYTES;
    return (await fitRecord(record, this.#options.profile, limit)).record;
  }

  async create(record: ReleaseRecord, options?: StorageCallOptions): Promise<ReleaseRecord> {
    const fitted = await this.#fitted(record);
    const timeLabel = this.#timeLabel('createdAt');
    const object = this.#object(fitted, timeLabel, undefined);
    try {
      const stored = await this.#write('create', object, options);
      return { ...fitted.record, timeLabel, resourceVersion: resourceVersionOf(stored) };
    } catch (error) {
      if (isKubeError(error, 'kube/already-exists')) {
        throw new HelmError('helm/release-exists', 'release: already exists', { cause: error });
      }
      throw writeError('create: failed to create', error);
    }
  }

  async update(record: ReleaseRecord, options?: StorageCallOptions): Promise<ReleaseRecord> {
    const fitted = await this.#fitted(record);
    const timeLabel = this.#timeLabel('modifiedAt');
    const object = this.#object(fitted, timeLabel, record.resourceVersion);
    try {
      const stored = await this.#write('replace', object, options);
      return { ...fitted.record, timeLabel, resourceVersion: resourceVersionOf(stored) };
    } catch (error) {
      if (isKubeError(error, 'kube/conflict')) {
        const text = `update: failed to update: ${textOf(error)}`;
        throw new HelmError('helm/record-conflict', text, { cause: error });
      }
      throw writeError('update: failed to update', error);
    }
  }

  async delete(
    name: string,
    revision: number,
    options?: StorageCallOptions,
  ): Promise<'deleted' | 'absent'> {
    return this.#options.cluster.delete(this.#ref(recordKey(name, revision)), options);
  }

  #timeLabel(name: 'createdAt' | 'modifiedAt'): readonly [name: string, seconds: string] {
    return [name, String(Math.floor(this.#options.clock.nowMs() / 1000))];
  }

  #write(
    verb: 'create' | 'replace',
    object: ValueMap,
    options: StorageCallOptions | undefined,
  ): Promise<ValueMap> {
    const wanted = jsonOfObject(object);
    const ref = this.#ref(textIn(objectIn(wanted, 'metadata'), 'name'));
    const isSame = (stored: JsonObject): boolean =>
      this.#shape.payloadOf(stored) === this.#shape.payloadOf(wanted) &&
      markTextOf(stored) === markTextOf(wanted);
    const { cluster, clock } = this.#options;
    return writeSteadily({ cluster, clock, verb, ref, object, isSame }, options);
  }

  #ref(name: string) {
    return { apiVersion: 'v1', kind: this.#shape.kind, namespace: this.namespace, name };
  }

  async #query(
    labelSelector: string,
    doing: string,
    options: StorageCallOptions | undefined,
  ): Promise<ReleaseHistory> {
    let objects: readonly JsonObject[];
    try {
      objects = await this.#options.cluster.listJson(
        {
          apiVersion: 'v1',
          kind: this.#shape.kind,
          namespace: this.namespace === '' ? undefined : this.namespace,
          labelSelector,
        },
        options,
      );
    } catch (error) {
      throw wrap('helm/storage', doing, error);
    }
    const records: ReleaseRecord[] = [];
    const corrupted: CorruptedRecord[] = [];
    for (const object of objects) {
      try {
        records.push(await this.#read(object));
      } catch (error) {
        const key = textIn(objectIn(object, 'metadata'), 'name');
        corrupted.push({ key, revision: revisionOfKey(key), reason: textOf(error) });
      }
    }
    return { records: byRevision(records), corrupted };
  }

  async #read(object: JsonObject): Promise<ReleaseRecord> {
    const metadata = objectIn(object, 'metadata');
    const payload = this.#shape.payloadOf(object);
    if (payload === undefined) {
      throw new HelmError('helm/record-decode', 'the storage object holds no release');
    }
    const labels = textsIn(metadata, 'labels');
    return decodeRecord(payload, {
      labels: withoutSystemLabels(labels),
      timeLabel: timeLabelOf(labels),
      mark: markFromText(textsIn(metadata, 'annotations').get(MARK_ANNOTATION)),
      resourceVersion: textIn(metadata, 'resourceVersion'),
    });
  }

  #fitted(record: ReleaseRecord): Promise<FittedRecord> {
    return fitRecord(record, this.#options.profile, RECORD_LIMIT_BYTES);
  }

  #object(
    { record, payload }: FittedRecord,
    timeLabel: readonly [name: string, seconds: string],
    resourceVersion: string | undefined,
  ): ValueMap {
    const labels: ValueMap = new Map<string, Value>([
      ...record.labels,
      timeLabel,
      ['name', record.name],
      ['owner', 'helm'],
      ['status', record.info.status],
      ['version', String(record.revision)],
    ]);
    const metadata: ValueMap = new Map<string, Value>([
      ['name', recordKey(record.name, record.revision)],
      ['namespace', this.namespace],
      ['labels', labels],
    ]);
    if (record.mark !== undefined) {
      metadata.set('annotations', new Map([[MARK_ANNOTATION, markToText(record.mark)]]));
    }
    if (resourceVersion !== undefined) metadata.set('resourceVersion', resourceVersion);
    return new Map<string, Value>([
      ['apiVersion', 'v1'],
      ['kind', this.#shape.kind],
      ['metadata', metadata],
      ...this.#shape.fieldsOf(payload),
    ]);
  }
}

function markTextOf(object: JsonObject): string | undefined {
  return textsIn(objectIn(object, 'metadata'), 'annotations').get(MARK_ANNOTATION);
}

function writeError(doing: string, error: unknown): HelmError {
  const isTooLarge =
    isKubeError(error, 'kube/too-large') || textOf(error).includes('Too long: must have at most');
  return wrap(isTooLarge ? 'helm/record-too-large' : 'helm/storage', doing, error);
}

function resourceVersionOf(object: ValueMap): string | undefined {
  const metadata = object.get('metadata');
  const version = metadata instanceof Map ? metadata.get('resourceVersion') : undefined;
  return typeof version === 'string' ? version : undefined;
}

function objectIn(object: JsonObject, key: string): JsonObject {
  const value = object[key];
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
}

function textIn(object: JsonObject, key: string): string {
  const value = object[key];
  return typeof value === 'string' ? value : '';
}

function textsIn(object: JsonObject, key: string): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(objectIn(object, key)).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    ),
  );
}
