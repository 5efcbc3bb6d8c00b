// SPDX-License-Identifier: Apache-2.0

/**
 * Schema documents, and the schemas in them that have a name of their own.
 *
 * Source: github.com/santhosh-tekuri/jsonschema/v6 v6.0.3 root.go, roots.go, loader.go
 * Differs: documents outside the chart are not loaded; `urn:` documents allow everything.
 */

import { quote } from '../strconv/quote.ts';
import { type Json, type JsonObject, parseDocument, sortedNames } from './document.ts';
import { DRAFT_2020, type Draft, draftOf, idOf } from './drafts.ts';
import { JsonSchemaError } from './errors.ts';
import { METASCHEMAS } from './metaschemas.ts';
import {
  decodePercent,
  encodePointer,
  escapeToken,
  resolveUri,
  splitFragment,
  unescapeToken,
} from './uri.ts';

export interface Dialect {
  readonly draft: Draft;
  /** `undefined`: the draft's own. */
  readonly vocabularies: readonly string[] | undefined;
}

/** A schema with an id of its own, or a document's root. */
export interface Resource {
  readonly pointer: string;
  readonly id: string;
  readonly dialect: Dialect;
  /** Pointers by anchor. */
  readonly anchors: Map<string, string>;
  readonly dynamicAnchors: Set<string>;
}

/** One document. */
export interface Root {
  readonly url: string;
  readonly document: Json;
  readonly resources: Map<string, Resource>;
  readonly processed: Set<string>;
}

/** A place in a document. */
export interface Place {
  readonly url: string;
  readonly pointer: string;
}

export function placeText({ url, pointer }: Place): string {
  return `${url}#${encodePointer(pointer)}`;
}

/** Splits a reference; its fragment is decoded. @throws {JsonSchemaError} for a bad `%` */
export function splitReference(reference: string): [uri: string, fragment: string] {
  const [uri, encoded] = splitFragment(reference);
  const fragment = decodePercent(encoded);
  if (fragment !== undefined) return [uri, fragment];
  const bad = /%.{0,2}/.exec(encoded)?.[0] ?? '';
  throw new JsonSchemaError(
    `error in parsing ${quote(reference)}: invalid URL escape ${quote(bad)}`,
  );
}

const META_PREFIX = /^https?:\/\/json-schema\.org\//;

export function isMetaschema(url: string): boolean {
  return META_PREFIX.test(url);
}

/** Loads documents and finds the schemas in them. */
export class Resources {
  readonly #documents = new Map<string, Json>();
  readonly #roots = new Map<string, Root>();
  /** Checks a schema against its metaschema. */
  readonly #check: (root: Root, schema: Json, pointer: string) => void;

  constructor(check: (root: Root, schema: Json, pointer: string) => void) {
    this.#check = check;
  }

  add(url: string, document: Json): void {
    this.#documents.set(url, document);
  }

  /** @throws {JsonSchemaError} for what cannot be loaded or is no schema */
  root(url: string): Root {
    const known = this.#roots.get(url);
    if (known !== undefined) return known;
    const root: Root = {
      url,
      document: this.#load(url),
      resources: new Map(),
      processed: new Set(),
    };
    this.#collect(root, root.document, url, '', { draft: DRAFT_2020, vocabularies: undefined });
    if (!isMetaschema(url)) this.#check(root, root.document, '');
    this.#roots.set(url, root);
    return root;
  }

  #load(url: string): Json {
    const known = this.#documents.get(url);
    if (known !== undefined) return known;
    const path = url.replace(META_PREFIX, '');
    const meta = isMetaschema(url)
      ? METASCHEMAS.get(path === 'schema' ? 'draft/2020-12/schema' : path)
      : undefined;
    const document = meta === undefined ? this.#loadOther(url) : parseDocument(meta);
    this.#documents.set(url, document);
    return document;
  }

  #loadOther(url: string): Json {
    if (url.startsWith('urn:')) return true;
    throw new JsonSchemaError(
      `failing loading ${quote(url)}: schemas outside the chart are not loaded`,
    );
  }

  /** A place whose schemas are known; a place that no keyword leads to becomes one. */
  ensure(place: Place): { readonly root: Root; readonly schema: Json } {
    const root = this.root(place.url);
    const schema = lookup(root, place.pointer);
    if (!root.processed.has(place.pointer)) {
      const { id, dialect } = resourceAt(root, place.pointer);
      this.#collect(root, schema, id, place.pointer, dialect);
      this.#check(root, schema, place.pointer);
    }
    return { root, schema };
  }

  /** The place a reference means, seen from a resource. @throws {JsonSchemaError} if there is none */
  resolve(root: Root, resource: Resource, reference: string): Place {
    const [uri, fragment] = splitReference(reference);
    const target = resolveUri(resource.id, uri);
    const local = target === root.url ? root.resources.get('') : resourceNamed(root, target);
    if (local !== undefined) return fragmentIn(root, local, fragment);
    const other = this.root(target);
    return fragmentIn(other, resourceAt(other, ''), fragment);
  }

  #collect(root: Root, schema: Json, base: string, pointer: string, fallback: Dialect): void {
    if (root.processed.has(pointer)) return;
    if (schema instanceof Map) this.#collectObject(root, schema, base, pointer, fallback);
    else if (pointer === '') root.resources.set('', newResource('', base, fallback));
    root.processed.add(pointer);
  }

  #collectObject(
    root: Root,
    schema: JsonObject,
    base: string,
    pointer: string,
    fallback: Dialect,
  ): void {
    let draft = this.#draftOf({ url: root.url, pointer }, schema, fallback.draft, new Set());
    let hasSchema = typeof schema.get('$schema') === 'string';
    let id = idOf(draft, schema);
    if (id === '' && pointer !== '') {
      draft = fallback.draft;
      hasSchema = false;
      id = idOf(draft, schema);
    }
    const url = id === '' ? base : resolveUri(base, id);
    if (id !== '' || pointer === '') {
      const dialect = hasSchema ? this.#dialectOf(schema, draft) : fallback;
      addResource(root, newResource(pointer, url, dialect));
    }
    const resource = resourceNamed(root, url) ?? resourceAt(root, pointer);
    collectAnchors(root, schema, pointer, resource);
    for (const [place, one] of subschemas(draft, schema, pointer)) {
      this.#collect(root, one, url, place, resource.dialect);
    }
  }

  #draftOf(place: Place, schema: Json, fallback: Draft, seen: Set<string>): Draft {
    const name = schema instanceof Map ? schema.get('$schema') : undefined;
    if (typeof name !== 'string') return fallback;
    const draft = draftOf(name);
    if (draft !== undefined) return draft;
    const [url] = splitFragment(name);
    if (place.pointer === '' && url === place.url) {
      throw new JsonSchemaError(`draft ${quote(url)} is not supported`);
    }
    if (seen.has(url)) {
      throw new JsonSchemaError(`cycle in resolving $schema in ${quote(url)}`);
    }
    seen.add(url);
    return this.#draftOf({ url, pointer: '' }, this.#load(url), fallback, seen);
  }

  #dialectOf(schema: JsonObject, draft: Draft): Dialect {
    const name = schema.get('$schema');
    if (typeof name !== 'string' || draftOf(name) !== undefined || draft.version < 2019) {
      return { draft, vocabularies: undefined };
    }
    const meta = this.#load(splitFragment(name)[0]);
    const wanted = meta instanceof Map ? meta.get('$vocabulary') : undefined;
    if (!(wanted instanceof Map)) return { draft, vocabularies: undefined };
    const prefix = draft.url.replace(/schema$/, 'vocab/');
    const names = [...wanted].flatMap(([uri, isRequired]) =>
      isRequired === true && uri.startsWith(prefix) ? [uri.slice(prefix.length)] : [],
    );
    return { draft, vocabularies: [...new Set([...names, 'core'])] };
  }
}

function newResource(pointer: string, id: string, dialect: Dialect): Resource {
  return { pointer, id, dialect, anchors: new Map(), dynamicAnchors: new Set() };
}

function addResource(root: Root, resource: Resource): void {
  const same = resourceNamed(root, resource.id);
  if (same === undefined) {
    root.resources.set(resource.pointer, resource);
    return;
  }
  if (same.pointer === resource.pointer) return;
  throw new JsonSchemaError(
    `duplicate id ${quote(resource.id)} in ${quote(root.url)} at ${quote(resource.pointer)} and ${quote(same.pointer)}`,
  );
}

function resourceNamed(root: Root, id: string): Resource | undefined {
  for (const resource of root.resources.values()) if (resource.id === id) return resource;
  return undefined;
}

/** The resource a place lies in. */
export function resourceAt(root: Root, pointer: string): Resource {
  for (let at = pointer; ; at = at.slice(0, at.lastIndexOf('/'))) {
    const resource = root.resources.get(at);
    if (resource !== undefined) return resource;
    if (!at.includes('/')) break;
  }
  const resource = root.resources.get('');
  if (resource === undefined) throw new JsonSchemaError(`no schema in ${quote(root.url)}`);
  return resource;
}

function fragmentIn(root: Root, resource: Resource, fragment: string): Place {
  if (fragment === '' || fragment.startsWith('/')) {
    return { url: root.url, pointer: resource.pointer + fragment };
  }
  const pointer = resource.anchors.get(fragment);
  if (pointer !== undefined) return { url: root.url, pointer };
  const reference = `${resource.id}#${encodePointer(fragment)}`;
  throw new JsonSchemaError(`anchor in ${quote(reference)} not found in schema ${quote(root.url)}`);
}

function collectAnchors(root: Root, schema: JsonObject, pointer: string, resource: Resource): void {
  const { draft } = resource.dialect;
  const add = (anchor: string): void => {
    const other = resource.anchors.get(anchor);
    if (other !== undefined && other !== pointer) {
      throw new JsonSchemaError(
        `duplicate anchor ${quote(anchor)} in ${quote(root.url)} at ${quote(other)} and ${quote(pointer)}`,
      );
    }
    resource.anchors.set(anchor, pointer);
  };
  if (draft.version < 2019) {
    const id = schema.get(draft.idKeyword);
    if (schema.has('$ref') || typeof id !== 'string') return;
    const [, fragment] = splitReference(id);
    if (fragment !== '' && !fragment.startsWith('/')) add(fragment);
    return;
  }
  const anchor = schema.get('$anchor');
  if (typeof anchor === 'string') add(anchor);
  const dynamicAnchor = schema.get('$dynamicAnchor');
  if (draft.version < 2020 || typeof dynamicAnchor !== 'string') return;
  add(dynamicAnchor);
  resource.dynamicAnchors.add(dynamicAnchor);
}

function subschemas(draft: Draft, schema: JsonObject, pointer: string): [string, Json][] {
  return draft.subschemas.flatMap((path): [string, Json][] => {
    const [keyword = '', rest] = path.split('/');
    const value = schema.get(keyword);
    if (value === undefined) return [];
    const at = `${pointer}/${escapeToken(keyword)}`;
    if (rest === undefined) return [[at, value]];
    if (rest === '[]') {
      return Array.isArray(value) ? value.map((one, i) => [`${at}/${i}`, one]) : [];
    }
    if (!(value instanceof Map)) return [];
    return sortedNames(value).map((name) => [
      `${at}/${escapeToken(name)}`,
      value.get(name) ?? null,
    ]);
  });
}

/** @throws {JsonSchemaError} for a pointer that leads nowhere */
function lookup(root: Root, pointer: string): Json {
  let value = root.document;
  for (const raw of pointer.split('/').slice(1)) {
    const token = unescapeToken(raw);
    const text = quote(placeText({ url: root.url, pointer }));
    if (token === undefined) throw new JsonSchemaError(`invalid json-pointer ${text}`);
    const next = value instanceof Map ? value.get(token) : itemAt(value, token);
    if (next === undefined) throw new JsonSchemaError(`json-pointer in ${text} not found`);
    value = next;
  }
  return value;
}

function itemAt(value: Json, token: string): Json | undefined {
  return Array.isArray(value) && /^[+-]?\d+$/.test(token) ? value[Number(token)] : undefined;
}
