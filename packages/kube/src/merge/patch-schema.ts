// SPDX-License-Identifier: Apache-2.0

/**
 * What strategic merge knows about the kinds of the Kubernetes API: which lists merge, and by which key.
 *
 * Source: struct tags `patchStrategy` and `patchMergeKey` of k8s.io/api v0.37.0 (what helm v3.22.0 is built with),
 *         apimachinery v0.37.0 third_party/forked/golang/json/fields.go LookupPatchMetadataForStruct
 */

import { MergeError } from './errors.ts';
import { KINDS, TYPES } from './generated/patch-schema.ts';

/** How a field is merged. */
export interface FieldMerge {
  /** Type of the field, or of its elements where it was looked up as a list. */
  readonly type: PatchType;
  readonly strategy: '' | 'merge' | 'replace';
  readonly hasRetainKeys: boolean;
  /** `''` for lists of scalars. */
  readonly mergeKey: string;
}

interface Field {
  readonly type: PatchType;
  readonly strategies: readonly string[];
  readonly mergeKey: string;
}

/** A Go type as strategic merge walks it: a struct, a list of something, or a kind without fields. */
export type PatchType =
  | { readonly kind: 'struct'; readonly index: number }
  | { readonly kind: 'slice'; readonly elem: PatchType }
  | { readonly kind: 'other'; readonly name: string };

interface Struct {
  readonly name: string;
  readonly fields: ReadonlyMap<string, Field>;
}

class Schema {
  readonly kinds: ReadonlyMap<string, number>;
  readonly #rows: readonly string[];
  readonly #structs = new Map<number, Struct>();

  constructor() {
    this.kinds = new Map(
      KINDS.split('\n').map((row) => {
        const [kind = '', index = ''] = row.split(' ');
        return [kind, Number(index)];
      }),
    );
    this.#rows = TYPES.split('\n');
  }

  struct(index: number): Struct {
    const known = this.#structs.get(index);
    if (known !== undefined) return known;
    const [name = '', ...fields] = (this.#rows[index] ?? '').split(' ');
    const struct = { name, fields: new Map(fields.filter(Boolean).map(parseField)) };
    this.#structs.set(index, struct);
    return struct;
  }
}

function parseField(text: string): [string, Field] {
  const [declaration = '', merge = ''] = text.split('!');
  const [name = '', type = ''] = declaration.split(':');
  const [strategies = '', mergeKey = ''] = merge.split('@');
  return [name, { type: parseType(type), strategies: strategies.split(','), mergeKey }];
}

function parseType(text: string): PatchType {
  if (text.startsWith('[')) return { kind: 'slice', elem: parseType(text.slice(1)) };
  if (/^\d/.test(text)) return { kind: 'struct', index: Number(text) };
  return { kind: 'other', name: text };
}

let loaded: Schema | undefined;

function schema(): Schema {
  loaded ??= new Schema();
  return loaded;
}

/** @returns `undefined` for custom resources and kinds newer than the table */
export function patchTypeOf(apiVersion: string, kind: string): PatchType | undefined {
  const index = schema().kinds.get(`${apiVersion}/${kind}`);
  return index === undefined ? undefined : { kind: 'struct', index };
}

/**
 * Looks up a field that holds an object on both sides.
 *
 * @throws {MergeError} `kube/merge`: with Go's text, when the type has no such field
 */
export function lookupField(type: PatchType, name: string): FieldMerge {
  if (type.kind !== 'struct') {
    const kind = type.kind === 'slice' ? 'slice' : type.name;
    throw new MergeError(
      `merging an object in json but data type is not struct, instead is: ${kind}`,
    );
  }
  const struct = schema().struct(type.index);
  const field = struct.fields.get(name) ?? fieldIgnoringCase(struct, name);
  if (field === undefined) {
    throw new MergeError(
      `unable to find api field in struct ${struct.name} for the json field ${JSON.stringify(name)}`,
    );
  }
  return { type: field.type, mergeKey: field.mergeKey, ...strategyOf(field.strategies) };
}

/**
 * Looks up a field that holds a list on both sides; `type` is that of its elements.
 *
 * @throws {MergeError} `kube/merge`: with Go's text
 */
export function lookupList(type: PatchType, name: string): FieldMerge {
  const field = lookupField(type, name);
  if (field.type.kind !== 'slice') {
    const kind = type.kind === 'other' ? type.name : type.kind;
    throw new MergeError(`expected slice or array type, but got: ${kind}`);
  }
  if (field.type.elem.kind === 'slice') throw new MergeError('unexpected slice of slice');
  return { ...field, type: field.type.elem };
}

function fieldIgnoringCase(struct: Struct, name: string): Field | undefined {
  const lower = name.toLowerCase();
  for (const [key, field] of struct.fields) {
    if (key.toLowerCase() === lower) return field;
  }
  return undefined;
}

function strategyOf(strategies: readonly string[]): Pick<FieldMerge, 'strategy' | 'hasRetainKeys'> {
  const others = strategies.filter((strategy) => strategy !== 'retainKeys');
  const [strategy = ''] = others;
  if (strategy !== '' && strategy !== 'merge' && strategy !== 'replace') {
    throw new MergeError(`unexpected patch strategy: [${strategies.join(' ')}]`);
  }
  return { strategy, hasRetainKeys: others.length < strategies.length };
}
