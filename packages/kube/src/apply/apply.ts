// SPDX-License-Identifier: Apache-2.0

/**
 * Writes one object, with the retries and texts Helm's client has.
 *
 * Source: helm v3.22.0 pkg/kube/client.go createResource, updateResource, deleteResource;
 *         helm v4.2.1 pkg/kube/client.go patchResourceServerSide
 */

import { encodeJson, type Value, type ValueMap } from '@helm-operator/gocompat';
import type { Clock } from '../clock.ts';
import type { Cluster, DeleteOptions, ObjectRef, WriteOptions } from '../cluster.ts';
import { isKubeError, KubeError } from '../errors.ts';

export interface ApplyContext {
  readonly cluster: Cluster;
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
}

export interface ObjectWriteOptions {
  readonly fieldManager: string;
  readonly fieldValidation?: WriteOptions['fieldValidation'];
  readonly isDryRun?: boolean | undefined;
  readonly isMetadataEnough?: WriteOptions['isMetadataEnough'];
}

/** client-go's `retry.DefaultRetry`: five tries, ten milliseconds apart. */
const CONFLICT_TRIES = 5;
const CONFLICT_PAUSE_MS = 10;

async function retryOnConflict<T>(context: ApplyContext, call: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await call();
    } catch (error) {
      if (tries >= CONFLICT_TRIES || !isKubeError(error, 'kube/conflict')) throw error;
      await context.clock.sleep(CONFLICT_PAUSE_MS, context.signal);
    }
  }
}

/** @throws {KubeError} */
export async function createObject(
  object: ValueMap,
  options: ObjectWriteOptions,
  context: ApplyContext,
): Promise<ValueMap> {
  return retryOnConflict(context, () =>
    context.cluster.create(object, { ...options, signal: context.signal }),
  );
}

/**
 * @param patch sent as JSON; an empty patch is the caller's to leave out
 * @throws {KubeError}
 */
export async function patchObject(
  ref: ObjectRef,
  patch: { readonly kind: 'strategic' | 'merge'; readonly body: ValueMap },
  options: ObjectWriteOptions,
  context: ApplyContext,
): Promise<ValueMap> {
  return context.cluster.patch(ref, patch.kind, encodeJson(patch.body), {
    ...options,
    signal: context.signal,
  });
}

/**
 * Replaces an object whatever version it has: reads the version first, as `helm --force` does.
 *
 * @throws {KubeError}
 */
export async function replaceObject(
  ref: ObjectRef,
  object: ValueMap,
  options: ObjectWriteOptions,
  context: ApplyContext,
): Promise<ValueMap> {
  const { cluster, signal } = context;
  const live = await cluster.get(ref, { signal });
  const metadata = live?.get('metadata');
  const version = metadata instanceof Map ? metadata.get('resourceVersion') : undefined;
  return cluster.replace(withResourceVersion(object, version), { ...options, signal });
}

function withResourceVersion(object: ValueMap, version: Value | undefined): ValueMap {
  if (version === undefined) return object;
  const metadata = object.get('metadata');
  const merged = new Map(metadata instanceof Map ? metadata : []).set('resourceVersion', version);
  return new Map(object).set('metadata', merged);
}

/**
 * Deletes in the background unless told otherwise.
 *
 * @throws {KubeError}
 */
export async function deleteObject(
  ref: ObjectRef,
  options: DeleteOptions,
  context: ApplyContext,
): Promise<'deleted' | 'absent'> {
  return retryOnConflict(context, () =>
    context.cluster.delete(ref, {
      propagation: 'Background',
      ...options,
      signal: context.signal,
    }),
  );
}

/**
 * Server-side apply; creates the object when it is absent.
 *
 * @throws {KubeError} with Helm 4's text for conflicts and servers that cannot
 */
export async function applyObject(
  ref: ObjectRef,
  object: ValueMap,
  options: ObjectWriteOptions & { readonly isForced: boolean },
  context: ApplyContext,
): Promise<ValueMap> {
  try {
    return await context.cluster.patch(ref, 'apply', encodeJson(object), {
      fieldValidation: 'Strict',
      ...options,
      signal: context.signal,
    });
  } catch (error) {
    if (!(error instanceof KubeError)) throw error;
    throw withPrefix(error, prefixOf(error, ref));
  }
}

function prefixOf(error: KubeError, ref: ObjectRef): string {
  if (error.status === 415) return 'server-side apply not available on the server: ';
  // A group without a name leaves its place empty, as a namespace does.
  const version = ref.apiVersion.includes('/') ? ref.apiVersion : `/${ref.apiVersion}`;
  const subject = `${ref.namespace ?? ''}/${ref.name} ${version}, Kind=${ref.kind}`;
  return error.status === 409
    ? `conflict occurred while applying object ${subject}: `
    : `server-side apply failed for object ${subject}: `;
}

function withPrefix(error: KubeError, prefix: string): KubeError {
  const { code, status, reason, details, retry } = error;
  const text = `${prefix}${error.serverMessage}`;
  return new KubeError({
    code,
    status,
    reason,
    details,
    message: text,
    serverMessage: text,
    // Two managers want one field: nothing changes until somebody changes the chart or lets go.
    retry: code === 'kube/conflict' ? 'terminal' : retry,
    cause: error,
  });
}
