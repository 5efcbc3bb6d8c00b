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

/** For dialects whose spec has no field for it: `true` stops all work. */
const SUSPEND_ANNOTATION = 'helm-operator.dev/suspend';
/** For dialects whose spec has no field for it: `true` keeps the release when its HelmRelease is deleted. */
const ORPHAN_ANNOTATION = 'helm-operator.dev/orphan';
/** For dialects whose spec has no field for it: `true` keeps what a failed install left; the next attempt upgrades it. */
const KEEP_FAILED_INSTALL_ANNOTATION = 'helm-operator.dev/keep-failed-install';
/** For dialects whose spec has no field for it: `[NAMESPACE/]NAME`, separated by commas. */
const DEPENDENCIES_ANNOTATION = 'helm-operator.dev/depends-on';
/** For dialects whose spec has no field for it: the service account of its namespace to act as. */
const SERVICE_ACCOUNT_ANNOTATION = 'helm-operator.dev/service-account';
/** For dialects whose spec has no field for it: `keep` or `uninstall` the release that was made, when another one is described. */
const TARGET_CHANGE_ANNOTATION = 'helm-operator.dev/on-target-change';

const WATCHED: ReadonlySet<string> = new Set([
  ...Object.values(REQUEST_ANNOTATIONS),
  SUSPEND_ANNOTATION,
  ORPHAN_ANNOTATION,
  KEEP_FAILED_INSTALL_ANNOTATION,
  DEPENDENCIES_ANNOTATION,
  SERVICE_ACCOUNT_ANNOTATION,
  TARGET_CHANGE_ANNOTATION,
]);

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
    return [{ namespace: second === undefined ? own : first, name }];
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
