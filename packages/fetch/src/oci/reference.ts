// SPDX-License-Identifier: Apache-2.0

/** Names of things in an OCI registry. Source: oras-go v2.6.2 registry/reference.go, helm v3.22.0 pkg/registry/reference.go. */

import { quote } from '@helm-operator/gocompat';
import { FetchError } from '../errors.ts';

export interface RegistryReference {
  /** Host, with its port when it has one. */
  readonly registry: string;
  readonly repository: string;
  readonly tag?: string | undefined;
  /** `sha256:…` */
  readonly digest?: string | undefined;
}

const HOST = /^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?$/;
/** One part of a repository's name; oras's grammar without its nested repetition. */
const PART = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*$/;
const TAG = /^\w[\w.-]{0,127}$/;
const DIGEST = /^sha256:[0-9a-f]{64}$|^sha384:[0-9a-f]{96}$|^sha512:[0-9a-f]{128}$/;

/**
 * Reads `[oci://]HOST/REPOSITORY[:TAG][@DIGEST]`; a `+` in the tag becomes `_`.
 *
 * @throws {FetchError} `fetch/bad-url`
 */
export function parseRegistryReference(text: string): RegistryReference {
  let rest = text.replace(/^oci:\/\//, '');
  const at = rest.lastIndexOf('@');
  const digest = at < 0 ? undefined : rest.slice(at + 1);
  if (at >= 0) rest = rest.slice(0, at);
  const slash = rest.indexOf('/');
  if (slash < 0) throw bad(text, 'missing registry or repository');
  const registry = rest.slice(0, slash);
  const path = rest.slice(slash + 1);
  const colon = path.indexOf(':');
  const repository = colon < 0 ? path : path.slice(0, colon);
  const tag = colon < 0 ? '' : path.slice(colon + 1).replaceAll('+', '_');
  if (!HOST.test(registry)) throw bad(text, `invalid registry ${quote(registry)}`);
  if (repository.length > 255 || !isRepositoryName(repository))
    throw bad(text, `invalid repository ${quote(repository)}`);
  if (tag !== '' && !TAG.test(tag)) throw bad(text, `invalid tag ${quote(tag)}`);
  if (digest !== undefined && !DIGEST.test(digest))
    throw bad(text, `invalid digest ${quote(digest)}`);
  return { registry, repository, tag: tag === '' ? undefined : tag, digest };
}

function bad(text: string, reason: string): FetchError {
  return new FetchError(
    'fetch/bad-url',
    text.startsWith('oci://') ? text : `oci://${text}`,
    `invalid reference: ${reason}`,
  );
}

function isRepositoryName(name: string): boolean {
  return name.split('/').every((part) => PART.test(part));
}

/** `HOST/REPOSITORY[:TAG][@DIGEST]` */
export function printRegistryReference(reference: RegistryReference): string {
  const { registry, repository, tag, digest } = reference;
  return `${registry}/${repository}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}

/** Docker Hub serves its API on another host than its name. */
export function apiHost(registry: string): string {
  return registry === 'docker.io' || registry === 'index.docker.io'
    ? 'registry-1.docker.io'
    : registry;
}
