// SPDX-License-Identifier: Apache-2.0

/** `helm repo index`. Source: helm v3.22.0 cmd/helm/repo_index.go, pkg/repo/index.go (IndexDirectory, MustAdd, Merge). */

import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join, posix, resolve } from 'node:path';
import { loadArchive, metadataJson } from '@helm-operator/chart';
import { digestOf } from '@helm-operator/fetch';
import {
  decodeJson,
  decodeYaml,
  encodeYaml,
  newVersion,
  type Value,
  type ValueMap,
} from '@helm-operator/gocompat';
import { archivePorts } from '@helm-operator/helm';
import { type Command, defineCommand } from '../command.ts';
import { UsageError } from '../context.ts';
import { switchFlag, textFlag } from '../flags/flag.ts';
import { SETTINGS_FLAGS } from '../flags/settings.ts';

/** Chart → its versions. */
type Entries = Map<string, ValueMap[]>;

export const helmRepoIndex: Command = defineCommand({
  name: 'index',
  usage: '[DIR]',
  summary: 'write the index of a folder with packaged charts',
  args: { min: 1, max: 1 },
  flags: {
    ...SETTINGS_FLAGS,
    url: textFlag('url', 'URL of the chart repository'),
    merge: textFlag('merge', 'index whose other charts are taken over'),
    isJson: switchFlag('json', 'write JSON'),
  },
  run: async ({ flags, args: [given = '.'] }, context) => {
    const folder = resolve(context.folder, given);
    const generated = new Date().toISOString();
    const entries = await entriesOf(folder, flags.url, generated);
    if (flags.merge !== '') await mergeInto(entries, resolve(context.folder, flags.merge));
    for (const [name, versions] of entries) entries.set(name, sorted(versions));
    const root = new Map<string, Value>([
      ['apiVersion', 'v1'],
      ['entries', new Map<string, Value>(entries)],
      ['generated', generated],
    ]);
    const text = flags.isJson ? JSON.stringify(plain(root), null, 2) : encodeYaml(root);
    await writeFile(join(folder, 'index.yaml'), text, { mode: 0o644 });
    return 0;
  },
});

async function entriesOf(folder: string, url: string, created: string): Promise<Entries> {
  const entries: Entries = new Map();
  for (const path of await archivesIn(folder)) {
    const bytes = await readFile(join(folder, path));
    let metadata: ReturnType<typeof loadArchive>['metadata'];
    try {
      ({ metadata } = loadArchive(bytes, archivePorts));
    } catch {
      // Helm takes it for something else than a chart.
      continue;
    }
    const entry = decodeJson(metadataJson(metadata)) as ValueMap;
    entry.set('urls', [joined(url, path)]);
    entry.set('created', created);
    entry.set('digest', digestOf(bytes).replace('sha256:', ''));
    entries.set(metadata.name, [...(entries.get(metadata.name) ?? []), entry]);
  }
  return entries;
}

/** Those of the folder, then those of its subfolders. */
async function archivesIn(folder: string): Promise<string[]> {
  const own: string[] = [];
  const below: string[] = [];
  for (const item of (await readdir(folder, { withFileTypes: true })).sort(byName)) {
    if (item.name.endsWith('.tgz')) own.push(item.name);
    if (!item.isDirectory()) continue;
    for (const inner of (await readdir(join(folder, item.name))).sort())
      if (inner.endsWith('.tgz')) below.push(`${item.name}/${inner}`);
  }
  return [...own, ...below];
}

const byName = (a: { name: string }, b: { name: string }): number => (a.name < b.name ? -1 : 1);

function joined(base: string, path: string): string {
  if (base === '') return path;
  const url = URL.parse(base);
  if (url === null) return posix.join(base, path);
  url.pathname = posix.join(url.pathname, path);
  return url.href;
}

/** What is in both stays as it is here. */
async function mergeInto(entries: Entries, path: string): Promise<void> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return;
    throw error;
  }
  const root = decodeYaml(text);
  const known = root instanceof Map ? root.get('entries') : undefined;
  if (!(root instanceof Map) || typeof root.get('apiVersion') !== 'string')
    throw new UsageError(`merge failed: error loading ${path}: no API version specified`);
  for (const [name, list] of known instanceof Map ? known : []) {
    const own = entries.get(name) ?? [];
    const versions = new Set(own.map((entry) => entry.get('version')));
    for (const entry of Array.isArray(list) ? list : [])
      if (entry instanceof Map && !versions.has(entry.get('version'))) own.push(entry);
    entries.set(name, own);
  }
}

/** The newest first. */
function sorted(entries: readonly ValueMap[]): ValueMap[] {
  return [...entries].sort((a, b) =>
    newVersion(String(b.get('version'))).compare(newVersion(String(a.get('version')))),
  );
}

function plain(value: Value): unknown {
  if (value instanceof Map)
    return Object.fromEntries([...value].map(([key, inner]) => [key, plain(inner)]));
  return Array.isArray(value) ? value.map(plain) : value;
}
