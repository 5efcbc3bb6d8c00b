// SPDX-License-Identifier: Apache-2.0

/** Rendered files → documents and hooks, in install order. Source: helm v3.22.0 pkg/releaseutil/manifest_sorter.go. */

import { atoi, compareBytes, quote, type Value } from '@helm-operator/gocompat';
import { decodeGoYaml, fieldOf, mapOf, textMapOf, textOf } from '../chart/go-struct.ts';
import { wrapError } from '../errors.ts';
import type { Profile } from '../profile.ts';
import type { Warn } from '../values/coalesce.ts';
import { INSTALL_ORDER, type KindOrder, sortByKind } from './sort.ts';
import { splitManifests, trimSpace } from './split.ts';

/** When a hook runs. */
export type HookEvent =
  | 'pre-install'
  | 'post-install'
  | 'pre-delete'
  | 'post-delete'
  | 'pre-upgrade'
  | 'post-upgrade'
  | 'pre-rollback'
  | 'post-rollback'
  | 'test';

const EVENTS: ReadonlyMap<string, HookEvent> = new Map<string, HookEvent>([
  ['pre-install', 'pre-install'],
  ['post-install', 'post-install'],
  ['pre-delete', 'pre-delete'],
  ['post-delete', 'post-delete'],
  ['pre-upgrade', 'pre-upgrade'],
  ['post-upgrade', 'post-upgrade'],
  ['pre-rollback', 'pre-rollback'],
  ['post-rollback', 'post-rollback'],
  ['test', 'test'],
  ['test-success', 'test'],
]);

/** A document that becomes a hook. */
export interface Hook {
  readonly name: string;
  readonly kind: string;
  /** The template it came from. */
  readonly path: string;
  readonly manifest: string;
  readonly events: readonly HookEvent[];
  readonly weight: number;
  readonly deletePolicies: readonly string[];
  readonly outputLogPolicies: readonly string[];
}

/** A document that belongs to the release. */
export interface ManifestDocument {
  /** The template it came from. */
  readonly path: string;
  readonly content: string;
  readonly head: ManifestHead;
}

/** The few fields that decide what a document is. */
export interface ManifestHead {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly annotations: ReadonlyMap<string, string>;
}

export interface SortOptions {
  readonly order?: KindOrder | undefined;
  /** Hears of documents that are dropped. */
  readonly warn?: Warn | undefined;
}

export interface SortedManifests {
  readonly hooks: readonly Hook[];
  readonly manifests: readonly ManifestDocument[];
}

/**
 * Splits rendered files and sorts what they hold.
 *
 * @param files path → rendered text
 * @throws {ChartError} `chart/manifest`: `YAML parse error on PATH: …`
 */
export function sortManifests(
  files: ReadonlyMap<string, string>,
  profile: Profile,
  { order = INSTALL_ORDER[profile], warn }: SortOptions = {},
): SortedManifests {
  const hooks: Hook[] = [];
  const manifests: ManifestDocument[] = [];
  for (const path of [...files.keys()].sort(compareBytes)) {
    const content = files.get(path) ?? '';
    if (baseName(path).startsWith('_') || trimSpace(content) === '') continue;
    for (const document of splitManifests(content, profile)) {
      const head = readHead(document, path, profile);
      const hookTypes = head.annotations.get('helm.sh/hook');
      if (hookTypes === undefined) {
        manifests.push({ path, content: document, head });
      } else {
        const hook = readHook(hookTypes, { path, content: document, head });
        if (hook !== undefined) hooks.push(hook);
        else warn?.(`info: skipping unknown hook: ${quote(hookTypes)}`);
      }
    }
  }
  return {
    hooks: sortByKind(hooks, ({ kind }) => kind, order),
    manifests: sortByKind(manifests, ({ head }) => head.kind, order),
  };
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function readHead(document: string, path: string, profile: Profile): ManifestHead {
  try {
    return headOf(decodeGoYaml(document, HEAD_FIELDS), profile);
  } catch (error) {
    throw wrapError('chart/manifest', `YAML parse error on ${path}`, error);
  }
}

const HEAD_FIELDS: ReadonlySet<string> = new Set(['apiversion', 'kind', 'metadata']);
const NO_HEAD: ManifestHead = { apiVersion: '', kind: '', name: '', annotations: new Map() };

function headOf(value: Value, profile: Profile): ManifestHead {
  const room = profile === 'helm4' ? 'util' : 'releaseutil';
  const map = mapOf(value, `${room}.SimpleHead`, undefined);
  if (map === undefined) return NO_HEAD;
  const place = (path: string) => ({ struct: path.includes('.') ? '' : 'SimpleHead', path });
  const metadata = mapOf(
    fieldOf(map, 'metadata'),
    'struct { Name string "json:\\"name\\""; Annotations map[string]string "json:\\"annotations\\"" }',
    place('metadata'),
  );
  return {
    apiVersion: textOf(fieldOf(map, 'apiVersion'), place('apiVersion')),
    kind: textOf(fieldOf(map, 'kind'), place('kind')),
    name: metadata === undefined ? '' : textOf(fieldOf(metadata, 'name'), place('metadata.name')),
    annotations:
      metadata === undefined
        ? new Map()
        : textMapOf(fieldOf(metadata, 'annotations'), place('metadata.annotations')),
  };
}

/** @returns `undefined` for an unknown event: Helm then drops the whole document */
function readHook(hookTypes: string, { path, content, head }: ManifestDocument): Hook | undefined {
  const events: HookEvent[] = [];
  for (const type of hookTypes.split(',')) {
    const event = EVENTS.get(trimSpace(type).toLowerCase());
    if (event === undefined) return undefined;
    events.push(event);
  }
  return {
    name: head.name,
    kind: head.kind,
    path,
    manifest: content,
    events,
    weight: weightOf(head.annotations.get('helm.sh/hook-weight') ?? ''),
    deletePolicies: listed(head, 'helm.sh/hook-delete-policy'),
    outputLogPolicies: listed(head, 'helm.sh/hook-output-log-policy'),
  };
}

function weightOf(text: string): number {
  if (text === '') return 0;
  try {
    return Number(atoi(text));
  } catch {
    return 0;
  }
}

function listed(head: ManifestHead, annotation: string): string[] {
  const text = head.annotations.get(annotation);
  return text === undefined ? [] : text.split(',').map((item) => trimSpace(item).toLowerCase());
}
