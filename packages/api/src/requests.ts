// SPDX-License-Identifier: Apache-2.0

/** What a person asks for by annotations, in every dialect. Source: spec helm-controller.md §1.6. */

import type { ValueMap } from '@helm-operator/gocompat';
import { isAboutAutomation } from './automation.ts';
import { Fields } from './fields.ts';
import type { Dependency } from './release-intent.ts';
import type { Requests } from './release-memory.ts';

/** Annotation of each request. A value is a token: a new one is a new request. */
const REQUEST_ANNOTATIONS: Readonly<Record<keyof Requests, string>> = {
  reconcileAt: 'reconcile.fluxcd.io/requestedAt',
  forceAt: 'reconcile.fluxcd.io/forceAt',
  resetAt: 'reconcile.fluxcd.io/resetAt',
};

/** Of a token that is longer, the rest does not count: tokens are remembered. */
const LONGEST_TOKEN = 256;

const SUSPEND_ANNOTATION = 'helm-operator.dev/suspend';
const ORPHAN_ANNOTATION = 'helm-operator.dev/orphan';
const KEEP_FAILED_INSTALL_ANNOTATION = 'helm-operator.dev/keep-failed-install';
const DEPENDENCIES_ANNOTATION = 'helm-operator.dev/depends-on';
const SERVICE_ACCOUNT_ANNOTATION = 'helm-operator.dev/service-account';
const TARGET_CHANGE_ANNOTATION = 'helm-operator.dev/on-target-change';

/** An annotation that a person writes. */
export interface AnnotationRow {
  readonly name: string;
  /** What may stand in it. */
  readonly value: string;
  readonly help: string;
}

/** Annotations of a HelmRelease that ask for something, for dialects whose spec has no field for it. */
export const ANNOTATIONS: readonly AnnotationRow[] = [
  {
    name: SUSPEND_ANNOTATION,
    value: '`"true"` or `"false"`',
    help: 'Stops all work on the release. Deleted meanwhile, the HelmRelease goes and the release stays.',
  },
  {
    name: ORPHAN_ANNOTATION,
    value: '`"true"` or `"false"`',
    help: 'The release stays when its HelmRelease is deleted.',
  },
  {
    name: KEEP_FAILED_INSTALL_ANNOTATION,
    value: '`"true"` or `"false"`',
    help: 'What a failed install left stays for a look; the next attempt upgrades it.',
  },
  {
    name: DEPENDENCIES_ANNOTATION,
    value: '`[NAMESPACE/]NAME`, separated by commas',
    help: 'These HelmReleases must be released first.',
  },
  {
    name: SERVICE_ACCOUNT_ANNOTATION,
    value: 'a name',
    help: 'Acts with the rights of that service account, of the namespace of the HelmRelease.',
  },
  {
    name: TARGET_CHANGE_ANNOTATION,
    value: '`keep` or `uninstall`',
    help: 'What becomes of the former release when `releaseName` or `targetNamespace` changes. Default: `keep`.',
  },
  {
    name: REQUEST_ANNOTATIONS.reconcileAt,
    value: 'a token, a time say; a new one is a new request',
    help: 'Looks at the HelmRelease now: inputs, records and live objects.',
  },
  {
    name: REQUEST_ANNOTATIONS.forceAt,
    value: 'the token of `requestedAt`',
    help: 'Installs or upgrades now, even if nothing has changed or the retries are used up.',
  },
  {
    name: REQUEST_ANNOTATIONS.resetAt,
    value: 'the token of `requestedAt`',
    help: 'Forgets failed attempts: retries count anew.',
  },
];

const WATCHED: ReadonlySet<string> = new Set(ANNOTATIONS.map(({ name }) => name));

/** Those annotations of a HelmRelease whose change is a reason to look at it, by name. */
export function watchedAnnotations<Value>(
  annotations: Readonly<Record<string, Value>>,
): readonly (readonly [string, Value])[] {
  return Object.entries(annotations)
    .filter(([name]) => WATCHED.has(name) || isAboutAutomation(name))
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
}

/** @param metadata of a HelmRelease */
export function decodeRequests(metadata: Fields): Requests {
  const annotations = metadata.fields('annotations');
  const token = (name: keyof Requests) =>
    annotations.text(REQUEST_ANNOTATIONS[name])?.slice(0, LONGEST_TOKEN);
  return {
    reconcileAt: token('reconcileAt'),
    forceAt: token('forceAt'),
    resetAt: token('resetAt'),
  };
}

/** @param metadata of a HelmRelease @throws {DecodeError} the annotation is neither true nor false */
export function decodeSuspension(metadata: Fields): boolean {
  return isTrue(metadata, SUSPEND_ANNOTATION);
}

/** @param metadata of a HelmRelease @throws {DecodeError} the annotation is neither true nor false */
export function decodeOrphaning(metadata: Fields): boolean {
  return isTrue(metadata, ORPHAN_ANNOTATION);
}

/** @param metadata of a HelmRelease @throws {DecodeError} the annotation is neither true nor false */
export function decodeKeepingFailedInstall(metadata: Fields): boolean {
  return isTrue(metadata, KEEP_FAILED_INSTALL_ANNOTATION);
}

function isTrue(metadata: Fields, annotation: string): boolean {
  const annotations = metadata.fields('annotations');
  const text = annotations.text(annotation) ?? 'false';
  if (text !== 'true' && text !== 'false')
    throw annotations.wrong(annotation, 'must be "true" or "false"');
  return text === 'true';
}

/** @param metadata of a HelmRelease @throws {DecodeError} it is no name of a service account */
export function decodeServiceAccount(metadata: Fields): string | undefined {
  const annotations = metadata.fields('annotations');
  const name = annotations.text(SERVICE_ACCOUNT_ANNOTATION) ?? '';
  if (name === '') return undefined;
  if (name.length > 253 || !/^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$/.test(name))
    throw annotations.wrong(SERVICE_ACCOUNT_ANNOTATION, 'must be the name of a service account');
  return name;
}

/** @param metadata of a HelmRelease @throws {DecodeError} it is neither `keep` nor `uninstall` */
export function decodeTargetChange(metadata: Fields): 'keep' | 'uninstall' {
  const annotations = metadata.fields('annotations');
  const text = annotations.text(TARGET_CHANGE_ANNOTATION) ?? 'keep';
  if (text !== 'keep' && text !== 'uninstall')
    throw annotations.wrong(TARGET_CHANGE_ANNOTATION, 'must be "keep" or "uninstall"');
  return text;
}

/** @param metadata of a HelmRelease @throws {DecodeError} a name is empty */
export function decodeDependencies(metadata: Fields): readonly Dependency[] {
  const annotations = metadata.fields('annotations');
  const own = metadata.text('namespace') ?? 'default';
  const text = annotations.text(DEPENDENCIES_ANNOTATION) ?? '';
  return text.split(',').flatMap((part) => {
    const item = part.trim();
    if (item === '') return [];
    const [first = '', second, ...more] = item.split('/');
    const name = second ?? first;
    if (name === '' || more.length > 0)
      throw annotations.wrong(DEPENDENCIES_ANNOTATION, `"${item}" must be NAME or NAMESPACE/NAME`);
    return [{ namespace: second === undefined ? own : first, name, mayBeOtherKind: true }];
  });
}

/** What another HelmRelease waits for, as far as it can be read. */
export function dependenciesOf(object: ValueMap): readonly Dependency[] {
  try {
    return decodeDependencies(new Fields(object, 'HelmRelease').fields('metadata'));
  } catch {
    return [];
  }
}
