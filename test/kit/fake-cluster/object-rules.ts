// SPDX-License-Identifier: Apache-2.0

/** Names, checks and refusals of the fake cluster, apart from its state. */

import type {
  JsonObject,
  ListQuery,
  ObjectRef,
  PatchKind,
  ResourceInfo,
  WriteOptions,
} from '@helm-operator/kube';
import { copyJson } from './json.ts';
import { builtInKinds } from './kinds.ts';
import { jsonPatch, mergePatch, PatchError, strategicPatch } from './patches.ts';
import { isRecord } from './selectors.ts';
import { StatusError } from './status-error.ts';
import { metadataOf, type StoredRef, type Update } from './store.ts';
import type { FakeCall, PartialCall } from './world.ts';

export function patched(
  ref: StoredRef,
  kind: PatchKind,
  before: JsonObject,
  patch: JsonObject,
): JsonObject {
  const isBuiltIn = builtInKinds().some((info) => info.group === ref.info.group);
  if (kind === 'strategic' && !isBuiltIn) {
    throw new StatusError(
      415,
      'UnsupportedMediaType',
      'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml',
      ref,
    );
  }
  const apply = {
    json: jsonPatch,
    merge: mergePatch,
    strategic: strategicPatch,
    apply: mergePatch,
  }[kind];
  const after = apply(before, patch);
  if (!isRecord(after)) throw new PatchError(422, 'the result is not an object');
  return after;
}

export function forbidden(call: FakeCall, kinds: readonly ResourceInfo[]): StatusError {
  const info = kinds.find(({ kind }) => kind === call.kind);
  const resource = info?.resource ?? call.kind.toLowerCase();
  const scope =
    call.namespace === '' ? 'at the cluster scope' : `in the namespace "${call.namespace}"`;
  const subject =
    call.name === '' ? `${resource} is forbidden` : `${resource} "${call.name}" is forbidden`;
  return new StatusError(
    403,
    'Forbidden',
    `${subject}: User "${call.user ?? 'admin'}" cannot ${call.verb} resource "${resource}" in API group "${info?.group ?? ''}" ${scope}`,
  );
}

export function applyConflict(ref: StoredRef, conflicts: readonly string[]): StatusError {
  const count = conflicts.length === 1 ? '1 conflict' : `${conflicts.length} conflicts`;
  return new StatusError(
    409,
    'Conflict',
    `Apply failed with ${count}: ${conflicts.join('\n')}`,
    ref,
  );
}

export function completed(config: JsonObject, ref: StoredRef): JsonObject {
  const object = copyJson(config);
  object['apiVersion'] ??= apiVersionOf(ref.info);
  object['kind'] ??= ref.info.kind;
  return object;
}

export function withoutVersion(object: JsonObject): JsonObject {
  const copy = copyJson(object);
  delete metadataOf(copy)['resourceVersion'];
  delete metadataOf(copy)['uid'];
  return copy;
}

export function updateOf(options: WriteOptions): Update {
  return {
    manager: options.fieldManager ?? 'unknown',
    subresource: options.subresource,
    isDryRun: options.isDryRun === true,
  };
}

export function flagsOf({
  isDryRun = false,
  subresource = '',
}: WriteOptions): Pick<PartialCall, 'isDryRun' | 'subresource'> {
  return { isDryRun, subresource };
}

export function looseRef(object: JsonObject): ObjectRef {
  const { name, namespace } = metadataOf(object);
  return {
    apiVersion: String(object['apiVersion'] ?? ''),
    kind: String(object['kind'] ?? ''),
    namespace: typeof namespace === 'string' && namespace !== '' ? namespace : undefined,
    name: String(name ?? ''),
  };
}

export function checkName(ref: StoredRef): void {
  const isPathSegment = ref.info.group === 'rbac.authorization.k8s.io';
  const isValid = isPathSegment
    ? !/[/%]/.test(ref.name) && ref.name !== ''
    : /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(ref.name) && ref.name.length <= 253;
  if (isValid) return;
  throw new StatusError(
    422,
    'Invalid',
    `${ref.info.kind} "${ref.name}" is invalid: metadata.name: Invalid value: "${ref.name}": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character`,
    ref,
  );
}

export function inVersion(object: JsonObject, { apiVersion, kind }: ListQuery): JsonObject {
  return Object.assign(object, { apiVersion, kind });
}

export function apiVersionOf({ group, version }: ResourceInfo): string {
  return group === '' ? version : `${group}/${version}`;
}

export function describe({ kind, namespace, name }: ObjectRef): string {
  return `${kind} ${namespace ? `${namespace}/` : ''}${name}`;
}
