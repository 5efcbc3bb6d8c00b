// SPDX-License-Identifier: Apache-2.0

/** Which tag or digest of a repository a version stands for. Source: helm v3.22.0 pkg/registry/client.go (Tags, ValidateReference), util.go. */

import {
  FetchError,
  printRegistryReference,
  type RegistryClient,
  type RegistryReference,
} from '@helm-operator/fetch';
import {
  type Constraints,
  newConstraint,
  newVersion,
  strictNewVersion,
} from '@helm-operator/gocompat';
import { SourceError } from './errors.ts';

/** A reference of which exactly one of tag and digest is what is pulled. */
export interface ChosenReference {
  readonly reference: RegistryReference;
  /** As Helm prints it: with `+`. Empty when only a digest is known. */
  readonly version: string;
  /** Whether it was found in a range. */
  readonly isListed: boolean;
}

/**
 * Chooses as Helm does: a digest as it is; a version that is one as the tag, unseen; else the highest tag in the range.
 *
 * @param wanted what follows `--version`; may be empty
 * @throws {SourceError} `source/bad-reference`, `source/bad-version`, `source/not-found` @throws {FetchError}
 */
export async function chooseReference(
  client: RegistryClient,
  reference: RegistryReference,
  wanted: string,
  signal: AbortSignal,
): Promise<ChosenReference> {
  const { registry, repository, tag, digest } = reference;
  if (wanted !== '' && tag !== undefined && tag !== wanted) {
    throw new SourceError(
      'source/bad-reference',
      `chart reference and version mismatch: ${wanted} is not ${tag}`,
    );
  }
  const version = wanted === '' ? (tag ?? '') : wanted;
  if (digest !== undefined) {
    if (version !== '') await checkTagged(client, { ...reference, tag: version }, signal);
    return { reference: { registry, repository, digest }, version, isListed: false };
  }
  const isExact = isVersion(version);
  const chosen = isExact
    ? version
    : chooseTag(await helmTags(client, reference, signal), version, reference);
  // The tag of a version has `_` where the version has `+`.
  const chosenTag = chosen.replaceAll('+', '_');
  return {
    reference: { registry, repository, tag: chosenTag },
    version: chosen,
    isListed: !isExact,
  };
}

/** A tag beside a digest must stand for it; one that is not there does not count. */
async function checkTagged(
  client: RegistryClient,
  { registry, repository, tag, digest }: RegistryReference,
  signal: AbortSignal,
): Promise<void> {
  let found: string;
  try {
    const tagged = { registry, repository, tag: tag?.replaceAll('+', '_') };
    found = (await client.resolve(tagged, signal)).digest;
  } catch (error) {
    if (error instanceof FetchError && error.code === 'fetch/not-found') return;
    throw error;
  }
  if (found !== digest) {
    throw new SourceError(
      'source/bad-reference',
      `chart reference digest mismatch: ${found} is not ${digest}`,
    );
  }
}

function isVersion(text: string): boolean {
  try {
    newVersion(text);
    return true;
  } catch {
    // Not one: a range, a name or nothing.
    return false;
  }
}

/** The versions among the tags, the highest first; `_` in tags stands for `+`. @throws {FetchError} */
export async function helmTags(
  client: RegistryClient,
  reference: RegistryReference,
  signal: AbortSignal,
): Promise<string[]> {
  const tags = await client.tags(reference, signal);
  const versions = tags.flatMap((tag) => {
    try {
      return [strictNewVersion(tag.replaceAll('_', '+'))];
    } catch {
      // Tags are any text.
      return [];
    }
  });
  return versions.sort((a, b) => b.compare(a)).map(String);
}

/** @param tags the highest first @throws {SourceError} `source/not-found`, `source/bad-version` */
export function chooseTag(
  tags: readonly string[],
  wanted: string,
  reference: RegistryReference,
): string {
  if (tags.length === 0) {
    const named = `oci://${printRegistryReference(reference)}`;
    throw new SourceError(
      'source/not-found',
      `Unable to locate any tags in provided repository: ${named}`,
    );
  }
  if (tags.includes(wanted)) return wanted;
  const constraint = constraintOf(wanted);
  const found = tags.find((tag) => constraint.check(newVersion(tag)));
  if (found !== undefined) return found;
  throw new SourceError(
    'source/not-found',
    `Could not locate a version matching provided version string ${wanted}`,
  );
}

function constraintOf(text: string): Constraints {
  try {
    return newConstraint(text === '' ? '*' : text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SourceError('source/bad-version', reason, error);
  }
}
