// SPDX-License-Identifier: Apache-2.0

/** What the documentation shows is true: HelmReleases that the cluster takes and the operator reads, commands that exist, links that lead somewhere. */

import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { DIALECTS, decodeHelmRelease, type Schema } from '@helm-operator/api';
import { type Command, type CommandGroup, PROGRAM } from '@helm-operator/cli';
import { decodeYamlDocuments, encodeJson } from '@helm-operator/gocompat';

const root = join(import.meta.dirname, '../..');
const pages = ['README.md', ...globSync('docs/**/*.md', { cwd: root })].map((path) => ({
  path,
  text: readFileSync(join(root, path), 'utf8'),
}));

/** The blocks of a language. */
function blocks(text: string, language: string): readonly string[] {
  const found = text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'));
  return [...found].map(([, block = '']) => block);
}

test('every HelmRelease of the documentation is one that our definition takes', () => {
  let count = 0;
  for (const { path, text } of pages)
    for (const block of blocks(text, 'yaml')) {
      if (!/^kind: HelmRelease$/m.test(block)) continue;
      for (const object of decodeYamlDocuments(block)) {
        if (!(object instanceof Map) || object.get('kind') !== 'HelmRelease') continue;
        count++;
        const about = `${path}: ${block.slice(0, 200)}`;
        const dialect = DIALECTS.find(({ apiVersion }) => apiVersion === object.get('apiVersion'));
        assert.ok(dialect !== undefined, about);
        const schema = openApiOf(dialect.crd);
        assert.deepEqual(problems(JSON.parse(encodeJson(object)), schema, ''), [], about);
        const intent = decodeHelmRelease(object);
        assert.equal(intent.refusal, undefined, about);
      }
    }
  assert.ok(count >= 8, `${count} were found`);
});

function openApiOf(crd: Schema): Schema {
  const { spec } = crd as {
    readonly spec: {
      readonly versions: readonly { readonly schema: { readonly openAPIV3Schema: Schema } }[];
    };
  };
  return spec.versions[0]?.schema.openAPIV3Schema ?? {};
}

/** What the API server would refuse or drop: unknown fields, missing ones, wrong types and words. */
function problems(value: unknown, schema: Schema, path: string): readonly string[] {
  if (path === '.metadata' || schema['x-kubernetes-preserve-unknown-fields'] === true) return [];
  const words = schema['enum'];
  if (Array.isArray(words) && !words.includes(value)) return [`${path}: ${String(value)}`];
  if (Array.isArray(value))
    return schema['type'] === 'array'
      ? value.flatMap((item) => problems(item, schema['items'] as Schema, `${path}[]`))
      : [`${path}: is a list`];
  if (typeof value === 'object' && value !== null) return ofMap(value, schema, path);
  const isInteger = schema['type'] === 'integer' && Number.isInteger(value);
  return isInteger || schema['type'] === typeof value ? [] : [`${path}: is a ${typeof value}`];
}

function ofMap(value: object, schema: Schema, path: string): readonly string[] {
  const properties = schema['properties'] as Readonly<Record<string, Schema>> | undefined;
  if (properties === undefined) return [`${path}: is a map`];
  const required = (schema['required'] ?? []) as readonly string[];
  return [
    ...required
      .filter((name) => !Object.hasOwn(value, name))
      .map((name) => `${path}.${name}: missing`),
    ...Object.entries(value).flatMap(([name, item]) => {
      const field = Object.hasOwn(properties, name) ? properties[name] : undefined;
      return field === undefined
        ? [`${path}.${name}: unknown`]
        : problems(item, field, `${path}.${name}`);
    }),
  ];
}

test('what is wrong with an object is found', () => {
  const [dialect] = DIALECTS;
  if (dialect === undefined) throw new Error('no dialect');
  const wrong = {
    apiVersion: dialect.apiVersion,
    kind: 'HelmRelease',
    metadata: { name: 'x' },
    spec: { charts: {}, helmVersion: 'v4', timeout: '5m', valuesFrom: [{ secretKeyRef: {} }] },
  };
  assert.deepEqual(problems(wrong, openApiOf(dialect.crd), ''), [
    '.spec.chart: missing',
    '.spec.charts: unknown',
    '.spec.helmVersion: v4',
    '.spec.timeout: is a string',
    '.spec.valuesFrom[].secretKeyRef.name: missing',
  ]);
});

test('every command line of the documentation is one that the program takes', () => {
  const wrong: string[] = [];
  let count = 0;
  for (const { path, text } of pages) {
    if (path === join('docs', 'reference', 'cli.md')) continue;
    const lines = [
      ...['sh', '', 'console'].flatMap((language) => blocks(text, language)).flatMap(shellLines),
      ...[...text.matchAll(/`(helm-operator [^`\n]+)`/g)].map(([, line = '']) => line),
    ];
    for (const line of lines) {
      const words = /(?:^|\| |\$ )(?:helm-operator|node \S*helm-operator\.js) ([^|>&#]*)/.exec(
        line,
      )?.[1];
      if (words === undefined) continue;
      count++;
      const problem = unknownIn(words.trim().split(/\s+/));
      if (problem !== undefined) wrong.push(`${path}: ${line}: ${problem}`);
    }
  }
  assert.deepEqual(wrong, []);
  assert.ok(count >= 25, `${count} were found`);
});

function shellLines(block: string): readonly string[] {
  return block.replaceAll(/\\\n\s*/g, ' ').split('\n');
}

/** A word that is neither a command nor a flag of it. */
function unknownIn(words: readonly string[]): string | undefined {
  let node: Command | CommandGroup = PROGRAM;
  for (const word of words) {
    if (node.kind === 'command' || word.startsWith('-')) break;
    const child: Command | CommandGroup | undefined = node.children.find(
      ({ name, aliases = [] }) => name === word || aliases.includes(word),
    );
    if (child === undefined)
      return /^[A-Z[]/.test(word) || word === '…' ? undefined : `no command ${word}`;
    node = child;
  }
  const own = node.kind === 'group' ? (node.own?.flags ?? node.flags) : node.flags;
  const flags = Object.values(own);
  for (const word of words) {
    const long = /^--([a-z][a-z0-9-]*)/.exec(word)?.[1];
    const short = /^-([A-Za-z])/.exec(word)?.[1];
    if (long !== undefined && long !== 'help' && !flags.some(({ name }) => name === long))
      return `no flag --${long}`;
    if (short !== undefined && short !== 'h' && !flags.some((flag) => flag.short === short))
      return `no flag -${short}`;
  }
  return undefined;
}

test('every link of the documentation leads to a file, and to a heading of it', () => {
  const dead = pages.flatMap(({ path, text }) =>
    [...text.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target = '']) => {
      if (/^[a-z]+:/.test(target)) return [];
      const [file = '', heading] = target.split('#');
      const to = file === '' ? path : join(dirname(path), file);
      if (!existsSync(join(root, to))) return [`${path}: ${target}`];
      if (heading === undefined || !to.endsWith('.md')) return [];
      const headings = [...readFileSync(join(root, to), 'utf8').matchAll(/^#+ (.+)$/gm)];
      const hasHeading = headings.some(([, title = '']) => anchorOf(title) === heading);
      return hasHeading ? [] : [`${path}: ${target}`];
    }),
  );
  assert.deepEqual(dead, []);
});

/** As the host of the repository makes anchors of headings. */
function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}

test('the quickstart asks for the version that its chart has', () => {
  const [, version] =
    /^version: (\S+)$/m.exec(readFileSync(join(root, 'demo/charts/web/Chart.yaml'), 'utf8')) ?? [];
  const text = readFileSync(join(root, 'docs/guides/quickstart.md'), 'utf8');
  const asked = [...text.matchAll(/web-(\d+\.\d+\.\d+)\.tgz|^ +version: (\S+)$/gm)];
  assert.deepEqual(
    asked.map(([, packed, named]) => packed ?? named),
    [version, version],
  );
});
