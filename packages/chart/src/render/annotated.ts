// SPDX-License-Identifier: Apache-2.0

/**
 * Rendered files as the one stream a post-renderer of Helm 4 gets, and back: every document carries the name of its file in an
 * annotation; comments and styles are kept.
 *
 * Source: helm v4.2.1 pkg/action/action.go (annotateAndMerge, splitAndDeannotate); sigs.k8s.io/kustomize/kyaml v0.21.1
 * kio/byteio_reader.go, byteio_writer.go, yaml/kfns.go, yaml/fns.go
 */

import {
  compareBytes,
  readYamlNodes,
  SINGLE_QUOTED_STYLE,
  writeYamlNodes,
  YamlError,
  YamlNode,
  type YamlNodeDocument,
} from '@helm-operator/gocompat';
import { wrapError } from '../errors.ts';
import { splitManifests, trimSpace } from './split.ts';

/** Where a document's file stands in the stream. */
const FILE_ANNOTATION = 'postrenderer.helm.sh/postrender-filename';

/** kyaml's own, never shown. */
const READER_ANNOTATIONS = [
  'internal.config.kubernetes.io/index',
  'config.kubernetes.io/index',
  'internal.config.kubernetes.io/seqindent',
];

/** What kyaml writes under its older name as well as under its newer one. */
const RENAMED_ANNOTATIONS = [
  ['config.kubernetes.io/path', 'internal.config.kubernetes.io/path'],
  ['config.k8s.io/id', 'internal.config.kubernetes.io/id'],
] as const;

/**
 * One stream of all documents, in the order of their files' names.
 *
 * @param files path → rendered text
 * @throws {ChartError} `chart/manifest`: `parsing PATH: …`
 */
export function mergeAnnotated(files: ReadonlyMap<string, string>): string {
  const documents: YamlNodeDocument[] = [];
  for (const path of [...files.keys()].sort(compareBytes)) {
    const content = files.get(path) ?? '';
    const isPartial = path.slice(path.lastIndexOf('/') + 1).startsWith('_');
    if (isPartial || trimSpace(content) === '') continue;
    for (const text of splitManifests(content, 'helm4')) {
      for (const document of readDocuments(text, `parsing ${path}`)) {
        const isNull = document.root.isNull;
        if (!isNull) setAnnotation(mapOf(document, `annotating ${path}`), FILE_ANNOTATION, path);
        documents.push(document);
      }
    }
  }
  return writeYamlNodes(documents);
}

/**
 * The files a stream came from.
 *
 * @param group in the names of files for documents that lost their annotation
 * @throws {ChartError} `chart/manifest`: `error parsing YAML: …`
 */
export function splitAnnotated(stream: string, group = ''): Map<string, string> {
  const files = new Map<string, YamlNodeDocument[]>();
  const prefix = group === '' ? '' : `${group}-`;
  for (const [index, document] of readDocuments(stream, 'error parsing YAML').entries()) {
    const { root } = document;
    if (root.kind !== 'mapping' && !root.isNull) {
      throw wrapError(
        'chart/manifest',
        'getting metadata',
        new YamlError('missing Resource metadata'),
      );
    }
    const annotations = mapField(mapField(root, 'metadata'), 'annotations');
    const named =
      annotations === undefined ? '' : (field(annotations, FILE_ANNOTATION)?.value ?? '');
    const path = named === '' ? `generated-by-postrender-${prefix}${index}.yaml` : named;
    if (annotations !== undefined) removeField(annotations, FILE_ANNOTATION);
    removeEmptyAnnotations(root);
    files.set(path, [...(files.get(path) ?? []), document]);
  }
  return new Map([...files].map(([path, documents]) => [path, writeYamlNodes(documents)]));
}

function readDocuments(text: string, doing: string): YamlNodeDocument[] {
  try {
    const parts = splitStream(text.replaceAll('\r\n', '\n'));
    return parts.flatMap((part) => readDocument(part, parts.length === 1));
  } catch (error) {
    throw wrapError('chart/manifest', doing, error);
  }
}

/** Separators alone on a line, but for a comment. */
function splitStream(text: string): string[] {
  const parts: string[] = [];
  let from = 0;
  for (const { 0: separator, index } of text.matchAll(/\n---.*\n/g)) {
    const rest = trimSpace(separator.slice(4));
    if (rest !== '' && !rest.startsWith('#')) {
      throw new YamlError(`invalid document separator: ${trimSpace(separator)}`);
    }
    parts.push(`${text.slice(from, index)}\n`);
    from = index + separator.length;
  }
  return [...parts, text.slice(from)];
}

function readDocument(text: string, isOnly: boolean): YamlNodeDocument[] {
  const document = readNodes(text);
  if (document === undefined || document.root.isNull) return [];
  const root = mapOf(document);
  const kind = field(root, 'kind')?.value;
  const items = field(root, 'items');
  const isList = kind === 'List' || kind === 'ResourceList';
  const isWrapping = items !== undefined || field(root, 'functionConfig') !== undefined;
  if (isOnly && isList && isWrapping) {
    return (items?.children ?? []).map((item) => ({ root: item, head: '', foot: '' }));
  }
  readAnnotations(root);
  return [document];
}

function readNodes(text: string): YamlNodeDocument | undefined {
  try {
    return readYamlNodes(text);
  } catch (error) {
    throw wrapError('chart/manifest', 'MalformedYAMLError', error);
  }
}

/** @throws {YamlError} they, or the metadata, are no map */
function readAnnotations(root: YamlNode): void {
  const metadata = field(root, 'metadata');
  if (metadata !== undefined && !metadata.isNull) mustBeMap(metadata);
  const annotations = metadata === undefined ? undefined : field(metadata, 'annotations');
  if (annotations?.kind === 'sequence' && annotations.children.length > 0) mustBeMap(annotations);
  if (annotations?.kind === 'mapping') {
    const textOf = (name: string): string => field(annotations, name)?.value ?? '';
    for (const [older, newer] of RENAMED_ANNOTATIONS) {
      if (textOf(newer) !== '' && textOf(older) === '') setAnnotation(root, older, textOf(newer));
      if (textOf(older) !== '' && textOf(newer) === '') setAnnotation(root, newer, textOf(older));
    }
    for (const name of READER_ANNOTATIONS) removeField(annotations, name);
  }
  removeEmptyAnnotations(root);
}

const GO_KINDS = {
  scalar: 'ScalarNode',
  sequence: 'SequenceNode',
  mapping: 'MappingNode',
  alias: 'AliasNode',
} as const;

/** @throws {ChartError} `chart/manifest` where a document is no map */
function mapOf(document: YamlNodeDocument, doing?: string): YamlNode {
  const { root } = document;
  try {
    mustBeMap(root, document);
    return root;
  } catch (error) {
    throw doing === undefined ? error : wrapError('chart/manifest', doing, error);
  }
}

/** @throws {YamlError} */
function mustBeMap(
  root: YamlNode,
  document: YamlNodeDocument = { root, head: '', foot: '' },
): void {
  if (root.kind === 'mapping') return;
  const contents = writeYamlNodes([document]);
  throw new YamlError(
    `wrong node kind: expected MappingNode but got ${GO_KINDS[root.kind]}: node contents:\n${contents}`,
  );
}

function field({ children }: YamlNode, name: string): YamlNode | undefined {
  for (let i = 0; i + 1 < children.length; i += 2) {
    if (children[i]?.value === name) return children[i + 1];
  }
  return undefined;
}

function mapField(map: YamlNode | undefined, name: string): YamlNode | undefined {
  const value = map === undefined ? undefined : field(map, name);
  return value?.kind === 'mapping' ? value : undefined;
}

function removeField({ children }: YamlNode, name: string): void {
  for (let i = 0; i + 1 < children.length; i += 2) {
    if (children[i]?.value !== name) continue;
    children.splice(i, 2);
    return;
  }
}

/** Empty annotations go, and then empty metadata. */
function removeEmptyAnnotations(root: YamlNode): void {
  const metadata = field(root, 'metadata');
  if (metadata === undefined) return;
  const annotations = field(metadata, 'annotations');
  if (annotations !== undefined && annotations.children.length === 0) {
    removeField(metadata, 'annotations');
  }
  if (metadata.children.length === 0) removeField(root, 'metadata');
}

function setAnnotation(root: YamlNode, name: string, text: string): void {
  removeEmptyAnnotations(root);
  const annotations = madeField(madeField(root, 'metadata'), 'annotations');
  const present = field(annotations, name);
  const value = present ?? addField(annotations, name, new YamlNode('scalar'));
  value.value = text;
  if (present === undefined) value.style = SINGLE_QUOTED_STYLE;
}

function madeField(map: YamlNode, name: string): YamlNode {
  return field(map, name) ?? addField(map, name, new YamlNode('mapping'));
}

function addField(map: YamlNode, name: string, value: YamlNode): YamlNode {
  const key = new YamlNode('scalar');
  key.value = name;
  map.children.push(key, value);
  return value;
}
