// SPDX-License-Identifier: Apache-2.0

/** A repository's index.yaml. Source: helm v3.22.0 pkg/repo/index.go. */

import {
  decodeJson,
  decodeYaml,
  newConstraint,
  newVersion,
  type Value,
  type Version,
} from '@helm-operator/gocompat';
import { SourceError } from './errors.ts';

/** One version of a chart as the index has it. */
export interface IndexEntry {
  readonly name: string;
  readonly version: string;
  readonly urls: readonly string[];
  readonly digest: string;
}

/** Chart → its versions, the newest first. */
export type IndexFile = ReadonlyMap<string, readonly IndexEntry[]>;

/**
 * Reads an index: JSON when it is JSON, else YAML without duplicate keys.
 *
 * @throws {SourceError} `source/index`
 */
export function parseIndex(text: string): IndexFile {
  if (text.trim() === '') throw new SourceError('source/index', 'empty index.yaml file');
  const root = decode(text);
  const entries = root instanceof Map ? root.get('entries') : undefined;
  if (!(root instanceof Map) || typeof root.get('apiVersion') !== 'string') {
    throw new SourceError('source/index', 'no API version specified');
  }
  const index = new Map<string, IndexEntry[]>();
  if (entries instanceof Map) {
    for (const [name, list] of entries) {
      const versions = (Array.isArray(list) ? list : []).flatMap((value) => entryOf(name, value));
      index.set(name, sorted(versions));
    }
  }
  return index;
}

function decode(text: string): Value {
  if (/^\s*\{/.test(text)) {
    try {
      return decodeJson(text);
    } catch {
      // Flow YAML begins like JSON.
    }
  }
  try {
    return decodeYaml(text, { strict: true });
  } catch (error) {
    throw new SourceError(
      'source/index',
      error instanceof Error ? error.message : String(error),
      error,
    );
  }
}

function entryOf(name: string, value: Value): IndexEntry[] {
  if (!(value instanceof Map)) return [];
  const text = (field: string) => {
    const held = value.get(field);
    return typeof held === 'string' ? held : typeof held === 'number' ? String(held) : '';
  };
  const urls = value.get('urls');
  const version = text('version');
  if (version === '') return [];
  return [
    {
      name,
      version,
      urls: Array.isArray(urls) ? urls.filter((url) => typeof url === 'string') : [],
      digest: text('digest'),
    },
  ];
}

function sorted(entries: readonly IndexEntry[]): IndexEntry[] {
  const parsed = entries.map((entry) => ({ entry, version: tryVersion(entry.version) }));
  parsed.sort((a, b) => {
    if (a.version === undefined || b.version === undefined) {
      return Number(a.version === undefined) - Number(b.version === undefined);
    }
    return b.version.compare(a.version);
  });
  return parsed.map(({ entry }) => entry);
}

function tryVersion(text: string): Version | undefined {
  try {
    return newVersion(text);
  } catch {
    return undefined;
  }
}

/**
 * The entry that Helm would take: the same text first, else the newest in the range; an empty range leaves prereleases out.
 *
 * @param repository its URL, for messages
 * @throws {SourceError} `source/not-found`
 */
export function chooseEntry(
  index: IndexFile,
  wanted: { name: string; version: string },
  repository: string,
): IndexEntry {
  const { name, version } = wanted;
  const named = version === '' ? `chart "${name}"` : `chart "${name}" version "${version}"`;
  const missing = `${named} not found in ${repository} repository`;
  const entries = index.get(name);
  if (entries === undefined || entries.length === 0)
    throw new SourceError('source/not-found', missing);
  let constraint: ReturnType<typeof newConstraint>;
  try {
    constraint = newConstraint(version === '' ? '*' : version);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SourceError('source/not-found', `${missing}: ${reason}`, error);
  }
  const exact = version === '' ? undefined : entries.find((entry) => entry.version === version);
  const found =
    exact ??
    entries.find((entry) => {
      const parsed = tryVersion(entry.version);
      return parsed !== undefined && constraint.check(parsed);
    });
  if (found === undefined) {
    const newest = entries.slice(0, 3).map((entry) => entry.version);
    throw new SourceError(
      'source/not-found',
      `${missing}: it has ${newest.join(', ')}${entries.length > 3 ? ', …' : ''}`,
    );
  }
  return found;
}
