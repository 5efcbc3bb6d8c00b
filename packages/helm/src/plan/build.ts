// SPDX-License-Identifier: Apache-2.0

/**
 * Manifest text → objects the cluster knows.
 *
 * Source: helm v3.22.0 pkg/kube/client.go Build; cli-runtime v0.37.0 pkg/resource/builder.go, apimachinery pkg/util/yaml/decoder.go
 * Differs: discovery is asked once more before a kind counts as unknown.
 */

import { decodeYaml, encodeJson, type Value, type ValueMap } from '@helm-operator/gocompat';
import { type CallOptions, type Cluster, KubeError, type ResourceTable } from '@helm-operator/kube';
import { HelmError } from '../errors.ts';
import { inTurns } from './in-turns.ts';
import { type ManifestObject, mapIn, textIn } from './objects.ts';
import { isBuiltIn, successorOf } from './removed-apis.ts';

export interface BuildContext {
  readonly cluster: Cluster;
  readonly signal?: AbortSignal | undefined;
}

/**
 * @param namespace for objects that name none
 * @throws {HelmError} `helm/build`: with kubectl's text; a kind nobody serves may appear later
 */
export async function buildObjects(
  manifest: string,
  namespace: string,
  context: BuildContext,
): Promise<readonly ManifestObject[]> {
  return buildParsed(await parseManifest(manifest), namespace, context);
}

async function buildParsed(
  objects: readonly ValueMap[],
  namespace: string,
  context: BuildContext,
): Promise<readonly ManifestObject[]> {
  if (objects.length === 0) return [];
  const call: CallOptions = { signal: context.signal };
  const table = await context.cluster.resources(call);
  const known = objects.map((object) => locate(object, namespace, table));
  if (known.every((item) => item !== undefined)) return known;

  const fresh = await context.cluster.resources({ ...call, mustRefresh: true });
  const problems: string[] = [];
  const built: ManifestObject[] = [];
  for (const object of objects) {
    const item = locate(object, namespace, fresh);
    if (item === undefined) problems.push(unknownKind(object));
    else built.push(item);
  }
  if (problems.length > 0) throw unknownKinds(problems);
  return built;
}

/** What was applied before, as far as this cluster knows it. */
export interface PreviousObjects {
  readonly objects: readonly ManifestObject[];
  /** Served under another apiVersion today: `extensions/v1beta1 Ingress web → networking.k8s.io/v1`. */
  readonly mapped: readonly string[];
  /** Of built-in kinds that are gone from Kubernetes: their objects cannot exist. */
  readonly removed: readonly string[];
}

/**
 * The objects of a manifest that was applied before. Removed APIs are mapped to what took their place; kinds that have no successor
 * are left out.
 *
 * @throws {HelmError} `helm/build`: a custom kind nobody serves; its objects may be there when its server is back
 * Differs: Helm refuses the release until somebody edits its record.
 */
export async function buildPreviousObjects(
  manifest: string,
  namespace: string,
  context: BuildContext,
): Promise<PreviousObjects> {
  const parsed = await parseManifest(manifest);
  if (parsed.length === 0) return { objects: [], mapped: [], removed: [] };
  const table = await context.cluster.resources({ signal: context.signal });
  const left: ValueMap[] = [];
  const mapped: string[] = [];
  const removed: string[] = [];
  const origins: (string | undefined)[] = [];
  for (const object of parsed) {
    const [apiVersion, kind] = [textIn(object, 'apiVersion'), textIn(object, 'kind')];
    const isServed = table.find(apiVersion, kind) !== undefined;
    const successor = isServed ? undefined : successorOf(apiVersion, kind, table);
    const name = `${apiVersion} ${kind} ${textIn(mapIn(object, 'metadata'), 'name')}`;
    if (successor !== undefined) {
      left.push(new Map(object).set('apiVersion', successor));
      origins.push(apiVersion);
      mapped.push(`${name} → ${successor}`);
    } else if (isServed || !isBuiltIn(apiVersion, kind)) {
      left.push(object);
      origins.push(undefined);
    } else removed.push(name);
  }
  const built = await buildParsed(left, namespace, context);
  const objects = built.map((item, i) => ({ ...item, mappedFrom: origins[i] }));
  return { objects, mapped, removed };
}

function unknownKinds(problems: readonly string[]): HelmError {
  const text = problems.length === 1 ? (problems[0] ?? '') : `[${problems.join(', ')}]`;
  // CRDs come and go without telling us.
  const cause = new KubeError({ code: 'kube/unknown-kind', message: text });
  return new HelmError('helm/build', text, { cause });
}

function unknownKind(object: ValueMap): string {
  const metadata = mapIn(object, 'metadata');
  const name = textIn(metadata, 'name');
  const namespace = textIn(metadata, 'namespace');
  const kind = textIn(object, 'kind');
  const version = textIn(object, 'apiVersion');
  return `resource mapping not found for name: "${name}" namespace: "${namespace}" from "": no matches for kind "${kind}" in version "${version}"\nensure CRDs are installed first`;
}

function locate(
  object: ValueMap,
  namespace: string,
  table: ResourceTable,
): ManifestObject | undefined {
  const apiVersion = textIn(object, 'apiVersion');
  const kind = textIn(object, 'kind');
  const info = table.find(apiVersion, kind);
  if (info === undefined) return undefined;
  const metadata: ValueMap = mapIn(object, 'metadata') ?? new Map();
  const name = textIn(metadata, 'name');
  if (!info.isNamespaced) return { ref: { apiVersion, kind, name }, object };
  const own = textIn(metadata, 'namespace');
  if (own !== '') return { ref: { apiVersion, kind, namespace: own, name }, object };
  const placed = new Map(object).set('metadata', new Map(metadata).set('namespace', namespace));
  return { ref: { apiVersion, kind, namespace, name }, object: placed };
}

/**
 * Every object of a manifest, lists opened, in order.
 *
 * @throws {HelmError} `helm/build`
 */
export async function parseManifest(manifest: string): Promise<readonly ValueMap[]> {
  return inTurns(objectsIn(manifest));
}

function* objectsIn(manifest: string): Generator<ValueMap> {
  for (const document of splitDocuments(manifest)) yield* objectsOf(parseDocument(document));
}

/**
 * Line by line, as Kubernetes reads a stream: every document ends with a line break (a block scalar at its end keeps its own), and
 * line breaks of Windows are those of Unix.
 */
export function splitDocuments(text: string): readonly string[] {
  const documents: string[] = [];
  let lines: string[] = [];
  const end = (): void => {
    if (lines.some((line) => line.trim() !== '')) documents.push(`${lines.join('\n')}\n`);
    lines = [];
  };
  for (const line of text.split(/\r?\n/)) {
    if (!line.startsWith('---')) {
      lines.push(line);
      continue;
    }
    const rest = line.slice('---'.length).trim();
    if (rest !== '' && !rest.startsWith('#'))
      throw unparsable(`invalid Yaml document separator: ${rest}`);
    end();
  }
  // What is behind the last line break is no line.
  if (lines.at(-1) === '') lines.pop();
  end();
  return documents;
}

function unparsable(text: string): HelmError {
  return new HelmError('helm/build', `error parsing : ${text}`, { cause: { retry: 'terminal' } });
}

function parseDocument(document: string): Value {
  try {
    return decodeYaml(document, { numbers: 'int64orFloat64' });
  } catch (cause) {
    throw unparsable(cause instanceof Error ? cause.message : String(cause));
  }
}

function objectsOf(value: Value): readonly ValueMap[] {
  if (value === null) return [];
  if (!(value instanceof Map) || textIn(value, 'kind') === '') {
    const text = `unable to decode "": Object 'Kind' is missing in '${encodeJson(value)}'`;
    throw new HelmError('helm/build', text, { cause: { retry: 'terminal' } });
  }
  const items = value.get('items');
  if (!textIn(value, 'kind').endsWith('List') || !Array.isArray(items)) return [value];
  return items.flatMap(objectsOf);
}
