// SPDX-License-Identifier: Apache-2.0

/**
 * Turns schema documents into compiled schemas.
 *
 * Source: github.com/santhosh-tekuri/jsonschema/v6 v6.0.3 compiler.go, objcompiler.go
 */

import { quote } from '../strconv/quote.ts';
import { type Json, type JsonObject, sortedNames } from './document.ts';
import { JsonSchemaError } from './errors.ts';
import { formatNamed } from './formats.ts';
import { Numeral } from './numeral.ts';
import { compilePattern } from './pattern.ts';
import {
  type Place,
  placeText,
  type Resource,
  type Resources,
  type Root,
  resourceAt,
  splitReference,
} from './resources.ts';
import { type Pattern, type Schema, TYPE_NAMES, type TypeName } from './schema.ts';
import { encodePointer, escapeToken } from './uri.ts';

/** Compiles schemas of a set of documents; each place once. */
export class Compiler {
  readonly #resources: Resources;
  readonly #assertsFormat: boolean;
  readonly #schemas = new Map<string, Schema>();
  readonly #queue: { readonly place: Place; readonly schema: Schema }[] = [];

  constructor(resources: Resources, assertsFormat: boolean) {
    this.#resources = resources;
    this.#assertsFormat = assertsFormat;
  }

  /** @throws {JsonSchemaError} for what is no schema */
  compile(place: Place): Schema {
    const schema = this.enqueue(place);
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      this.#fill(next.place, next.schema);
    }
    return schema;
  }

  /** The schema of a place, to be compiled later if it is new. */
  enqueue(place: Place): Schema {
    const key = `${place.url}#${place.pointer}`;
    const known = this.#schemas.get(key);
    if (known !== undefined) return known;
    const root = this.#resources.root(place.url);
    const { version } = resourceAt(root, place.pointer).dialect.draft;
    const schema: Omit<Schema, 'resource'> & { resource?: Schema } = {
      location: placeText(place),
      version,
      dynamicAnchors: new Map(),
      allPropertiesEvaluated: false,
      allItemsEvaluated: false,
      evaluatedItems: 0,
    };
    schema.resource = schema as Schema;
    this.#schemas.set(key, schema as Schema);
    this.#queue.push({ place, schema: schema as Schema });
    return schema as Schema;
  }

  #fill(place: Place, schema: Schema): void {
    const { root, schema: source } = this.#resources.ensure(place);
    const resource = resourceAt(root, place.pointer);
    schema.resource = this.enqueue({ url: place.url, pointer: resource.pointer });
    if (resource.pointer === place.pointer && schema.version >= 2020) {
      for (const anchor of resource.dynamicAnchors) {
        const pointer = resource.anchors.get(anchor) ?? '';
        schema.dynamicAnchors.set(anchor, this.enqueue({ url: place.url, pointer }));
      }
    }
    if (typeof source === 'boolean') schema.bool = source;
    else if (source instanceof Map && source.size === 0) schema.bool = true;
    else if (source instanceof Map) {
      new ObjectCompiler(this, { root, resource, place, source, schema }).fill(
        this.#assertsFormat,
        this.#resources,
      );
    }
    noteEvaluated(schema);
  }
}

function noteEvaluated(schema: Schema): void {
  schema.allPropertiesEvaluated = schema.additionalProperties !== undefined;
  const rest = schema.items ?? (schema.version < 2020 ? schema.additionalItems : undefined);
  schema.allItemsEvaluated = rest !== undefined;
  schema.evaluatedItems = schema.prefixItems?.length ?? 0;
}

interface Task {
  readonly root: Root;
  readonly resource: Resource;
  readonly place: Place;
  readonly source: JsonObject;
  readonly schema: Schema;
}

/** Reads the keywords of one schema. */
class ObjectCompiler {
  readonly #compiler: Compiler;
  readonly #task: Task;

  constructor(compiler: Compiler, task: Task) {
    this.#compiler = compiler;
    this.#task = task;
  }

  fill(assertsFormat: boolean, resources: Resources): void {
    const { schema } = this.#task;
    this.#references(resources);
    if (schema.version < 2019 && schema.ref !== undefined) {
      // As santhosh-tekuri: what came after draft 4 is read beside a reference, and `const` counts.
      this.#laterApplicators();
      if (schema.version >= 6) assign(schema, 'constant', this.#source('const'));
      return;
    }
    if (this.#has('applicator')) {
      this.#combinations();
      this.#objectApplicators();
      this.#arrayApplicators();
      this.#laterApplicators();
    }
    if (this.#has('validation')) {
      this.#anyValidation();
      this.#numberValidation();
      this.#sizeValidation();
    }
    this.#unevaluated();
    if (assertsFormat || schema.version < 2019 || this.#has(this.#formatVocabulary())) {
      const name = this.#string('format');
      const format = name === undefined ? undefined : formatNamed(name);
      if (format !== undefined) schema.format = format;
    }
  }

  #formatVocabulary(): string {
    return this.#task.schema.version === 2019 ? 'format' : 'format-assertion';
  }

  #has(vocabulary: string): boolean {
    const { draft, vocabularies } = this.#task.resource.dialect;
    if (draft.version < 2019) return true;
    return (vocabularies ?? draft.defaultVocabularies).includes(vocabulary);
  }

  #references(resources: Resources): void {
    const { schema, root, resource } = this.#task;
    const referred = (keyword: string): Schema | undefined => {
      const reference = this.#string(keyword);
      if (reference === undefined) return undefined;
      return this.#compiler.enqueue(resources.resolve(root, resource, reference));
    };
    assign(schema, 'ref', referred('$ref'));
    if (schema.version < 2019) return;
    assign(schema, 'recursiveRef', referred('$recursiveRef'));
    if (this.#source('$recursiveAnchor') === true) schema.recursiveAnchor = true;
    if (schema.version < 2020) return;
    const target = referred('$dynamicRef');
    if (target !== undefined) {
      const [, fragment] = splitReference(this.#string('$dynamicRef') ?? '');
      schema.dynamicRef = { target, anchor: fragment.startsWith('/') ? '' : fragment };
    }
    assign(schema, 'dynamicAnchor', this.#string('$dynamicAnchor'));
  }

  #combinations(): void {
    const { schema } = this.#task;
    assign(schema, 'allOf', this.#list('allOf'));
    assign(schema, 'anyOf', this.#list('anyOf'));
    assign(schema, 'oneOf', this.#list('oneOf'));
    assign(schema, 'not', this.#schema('not'));
  }

  /** Applicators that came after draft 4. */
  #laterApplicators(): void {
    const { schema } = this.#task;
    if (schema.version < 6) return;
    assign(schema, 'contains', this.#schema('contains'));
    assign(schema, 'propertyNames', this.#schema('propertyNames'));
    if (schema.version < 7) return;
    assign(schema, 'if', this.#schema('if'));
    if (schema.if === undefined) return;
    const condition = this.#source('if');
    if (condition !== false) assign(schema, 'then', this.#schema('then'));
    if (condition !== true) assign(schema, 'else', this.#schema('else'));
  }

  #objectApplicators(): void {
    const { schema } = this.#task;
    assign(schema, 'properties', this.#map('properties'));
    const patterns = this.#map('patternProperties');
    if (patterns !== undefined) {
      schema.patternProperties = Array.from(patterns, ([text, one]) => [
        this.#pattern('patternProperties', text),
        one,
      ]);
    }
    assign(schema, 'additionalProperties', this.#additional('additionalProperties'));
    const dependencies = this.#source('dependencies');
    if (dependencies instanceof Map) {
      schema.dependencies = new Map(
        sortedNames(dependencies).map((name) => {
          const one = dependencies.get(name) ?? null;
          return [name, Array.isArray(one) ? strings(one) : this.#at('dependencies', name)];
        }),
      );
    }
    if (schema.version >= 2019) assign(schema, 'dependentSchemas', this.#map('dependentSchemas'));
  }

  #arrayApplicators(): void {
    const { schema } = this.#task;
    if (schema.version >= 2020) {
      assign(schema, 'prefixItems', this.#list('prefixItems'));
      assign(schema, 'items', this.#schema('items'));
    } else if (Array.isArray(this.#source('items'))) {
      assign(schema, 'prefixItems', this.#list('items'));
      assign(schema, 'additionalItems', this.#additional('additionalItems'));
    } else {
      assign(schema, 'items', this.#schema('items'));
    }
  }

  #unevaluated(): void {
    const { schema } = this.#task;
    if (schema.version < 2019) return;
    if (!this.#has(schema.version === 2019 ? 'applicator' : 'unevaluated')) return;
    assign(schema, 'unevaluatedItems', this.#schema('unevaluatedItems'));
    assign(schema, 'unevaluatedProperties', this.#schema('unevaluatedProperties'));
  }

  #anyValidation(): void {
    const { schema } = this.#task;
    const types = this.#source('type');
    const names = typeof types === 'string' ? [types] : strings(Array.isArray(types) ? types : []);
    const known = TYPE_NAMES.filter((name: TypeName) => names.includes(name));
    if (known.length > 0) schema.types = known;
    const values = this.#source('enum');
    if (Array.isArray(values)) schema.enum = values;
    if (schema.version >= 6) assign(schema, 'constant', this.#source('const'));
    const pattern = this.#string('pattern');
    if (pattern !== undefined) schema.pattern = this.#pattern('pattern', pattern);
  }

  #numberValidation(): void {
    const { schema } = this.#task;
    assign(schema, 'multipleOf', this.#number('multipleOf'));
    const isOpenAbove = this.#source('exclusiveMaximum') === true;
    assign(schema, isOpenAbove ? 'exclusiveMaximum' : 'maximum', this.#number('maximum'));
    if (!isOpenAbove) assign(schema, 'exclusiveMaximum', this.#number('exclusiveMaximum'));
    const isOpenBelow = this.#source('exclusiveMinimum') === true;
    assign(schema, isOpenBelow ? 'exclusiveMinimum' : 'minimum', this.#number('minimum'));
    if (!isOpenBelow) assign(schema, 'exclusiveMinimum', this.#number('exclusiveMinimum'));
  }

  #sizeValidation(): void {
    const { schema } = this.#task;
    for (const keyword of SIZES) assign(schema, keyword, this.#integer(keyword));
    if (this.#source('uniqueItems') === true) schema.uniqueItems = true;
    const required = this.#source('required');
    if (Array.isArray(required)) schema.required = strings(required);
    if (schema.version < 2019) return;
    if (schema.contains !== undefined) {
      assign(schema, 'minContains', this.#integer('minContains'));
      assign(schema, 'maxContains', this.#integer('maxContains'));
    }
    const dependent = this.#source('dependentRequired');
    if (!(dependent instanceof Map)) return;
    schema.dependentRequired = new Map(
      sortedNames(dependent).flatMap((name): [string, string[]][] => {
        const one = dependent.get(name);
        return Array.isArray(one) ? [[name, strings(one)]] : [];
      }),
    );
  }

  #source(keyword: string): Json | undefined {
    return this.#task.source.get(keyword);
  }

  #string(keyword: string): string | undefined {
    const value = this.#source(keyword);
    return typeof value === 'string' ? value : undefined;
  }

  #number(keyword: string): Numeral | undefined {
    const value = this.#source(keyword);
    return value instanceof Numeral && value.isUsable() ? value : undefined;
  }

  #integer(keyword: string): number | undefined {
    const value = this.#number(keyword);
    return value?.isInteger() === true ? value.toNumber() : undefined;
  }

  #at(...tokens: readonly string[]): Schema {
    const { url, pointer } = this.#task.place;
    const path = tokens.map((token) => `/${escapeToken(token)}`).join('');
    return this.#compiler.enqueue({ url, pointer: pointer + path });
  }

  #schema(keyword: string): Schema | undefined {
    return this.#source(keyword) === undefined ? undefined : this.#at(keyword);
  }

  #list(keyword: string): Schema[] | undefined {
    const value = this.#source(keyword);
    return Array.isArray(value) ? value.map((_, i) => this.#at(keyword, String(i))) : undefined;
  }

  #map(keyword: string): ReadonlyMap<string, Schema> | undefined {
    const value = this.#source(keyword);
    if (!(value instanceof Map)) return undefined;
    return new Map(sortedNames(value).map((name) => [name, this.#at(keyword, name)]));
  }

  #additional(keyword: string): boolean | Schema | undefined {
    const value = this.#source(keyword);
    return typeof value === 'boolean' ? value : this.#schema(keyword);
  }

  #pattern(keyword: string, text: string): Pattern {
    try {
      return { text, matches: compilePattern(text) };
    } catch (error) {
      const { url, pointer } = this.#task.place;
      const at = quote(`${url}#${encodePointer(pointer)}/${keyword}`);
      const message = error instanceof Error ? error.message : String(error);
      throw new JsonSchemaError(`invalid regex ${quote(text)} at ${at}: ${message}`, {
        cause: error,
      });
    }
  }
}

const SIZES = [
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'minProperties',
  'maxProperties',
] as const;

function strings(values: readonly Json[]): string[] {
  return values.filter((value) => typeof value === 'string');
}

/** Sets a keyword that is there; leaves one that is not. */
function assign<K extends keyof Schema>(
  schema: Schema,
  keyword: K,
  value: Schema[K] | undefined,
): void {
  if (value !== undefined) schema[keyword] = value;
}
