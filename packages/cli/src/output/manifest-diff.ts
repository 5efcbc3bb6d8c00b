// SPDX-License-Identifier: Apache-2.0

/** Two manifests beside each other, object by object, with what Secrets hold masked. */

import { splitManifests } from '@helm-operator/chart';
import {
  byteLength,
  decodeYaml,
  encodeYaml,
  type Value,
  type ValueMap,
} from '@helm-operator/gocompat';
import { structuredPatch } from 'diff';
import type { Tone } from './colors.ts';

export interface DiffLine {
  readonly tone: Tone;
  readonly text: string;
}

export interface DiffOptions {
  /** Equal lines around a difference. */
  readonly contextLines: number;
  /** Where objects go that name no namespace. */
  readonly namespace: string;
}

/** @returns no lines for manifests that mean the same objects */
export function diffManifests(
  before: string,
  after: string,
  options: DiffOptions,
): readonly DiffLine[] {
  const old = objectsOf(before, options);
  const wanted = objectsOf(after, options);
  const names = [...new Set([...old.keys(), ...wanted.keys()])];
  return names.flatMap((name) =>
    diffObject(name, [old.get(name), wanted.get(name)], options.contextLines),
  );
}

/** A document and what it says. */
interface Document {
  readonly text: string;
  readonly object: ValueMap;
}

function objectsOf(manifest: string, { namespace }: DiffOptions): ReadonlyMap<string, Document> {
  const found = new Map<string, Document>();
  for (const document of splitManifests(manifest)) {
    const object = decodeYaml(document);
    if (!(object instanceof Map)) continue;
    const metadata = object.get('metadata');
    const text = (map: Value | undefined, key: string) =>
      map instanceof Map ? String(map.get(key) ?? '') : '';
    const where = text(metadata, 'namespace') || namespace;
    const name = `${text(object, 'apiVersion')} ${text(object, 'kind')} ${where}/${text(metadata, 'name')}`;
    const lines = document.split('\n').filter((line) => !line.startsWith('# Source: '));
    found.set(name, { text: `${lines.join('\n').trimEnd()}\n`, object });
  }
  return found;
}

function diffObject(
  name: string,
  [old, wanted]: readonly [Document | undefined, Document | undefined],
  contextLines: number,
): readonly DiffLine[] {
  const isSecret = / Secret /.test(name);
  const [before, after] = isSecret
    ? maskedTexts(old, wanted)
    : [old?.text ?? '', wanted?.text ?? ''];
  if (before === after) return [];
  const { hunks } = structuredPatch('', '', before, after, '', '', { context: contextLines });
  const verb = old === undefined ? 'added' : wanted === undefined ? 'removed' : 'changed';
  return [
    { tone: 'title', text: `${name} (${verb})` },
    ...hunks.flatMap((hunk) => [
      {
        tone: 'quiet' as const,
        text: `@@ -${hunk.oldStart},${hunk.oldLines} +${hunk.newStart},${hunk.newLines} @@`,
      },
      ...hunk.lines.map((text) => ({ tone: toneOf(text), text })),
    ]),
    { tone: 'plain', text: '' },
  ];
}

function toneOf(line: string): Tone {
  if (line.startsWith('+')) return 'added';
  if (line.startsWith('-')) return 'removed';
  return line.startsWith('\\') ? 'quiet' : 'plain';
}

const CONTENTS: readonly string[] = ['data', 'stringData'];

/** Secrets as YAML with the size of every entry in its place; one that changes within its size says so. */
function maskedTexts(
  old: Document | undefined,
  wanted: Document | undefined,
): readonly [string, string] {
  const print = (own: Document | undefined, other: Document | undefined) =>
    own === undefined ? '' : encodeYaml(masked(own.object, other?.object));
  return [print(old, undefined), print(wanted, old)];
}

function masked(object: ValueMap, before: ValueMap | undefined): ValueMap {
  const copy: ValueMap = new Map(object);
  for (const field of CONTENTS) {
    const entries = object.get(field);
    if (!(entries instanceof Map)) continue;
    const old = before?.get(field);
    const shown = [...entries].map(([key, value]): [string, Value] => {
      const earlier = old instanceof Map ? old.get(key) : undefined;
      const size = byteLength(String(value));
      const isOther =
        earlier !== undefined &&
        String(earlier) !== String(value) &&
        byteLength(String(earlier)) === size;
      return [key, `(hidden, ${size} bytes${isOther ? ', changed' : ''})`];
    });
    copy.set(field, new Map(shown));
  }
  return copy;
}
