// SPDX-License-Identifier: Apache-2.0

/**
 * JSON schemas as Helm checks values with them.
 *
 * Source: helm v3.22.0 pkg/chartutil/jsonschema.go, github.com/santhosh-tekuri/jsonschema/v6 v6.0.3
 */

import { quote } from '../strconv/quote.ts';
import type { Value } from '../value/value.ts';
import { Compiler } from './compile.ts';
import { fromValue, type Json, parseDocument } from './document.ts';
import { JsonSchemaError } from './errors.ts';
import { placeText, Resources, type Root, resourceAt } from './resources.ts';
import type { Schema } from './schema.ts';
import { pointerOf } from './uri.ts';
import { validate } from './validate.ts';
import { printViolations } from './violation.ts';

/** What Helm calls a chart's schema. */
const SCHEMA_URL = 'file:///values.schema.json';

/** A schema that is ready to check values. */
export interface CompiledSchema {
  /**
   * @returns the lines Helm prints below the chart's name, with a final line break; empty: the values fit
   * @throws {JsonSchemaError} `gocompat/json-schema`: the values are nested too deeply
   */
  check(values: Value): string;
}

/**
 * Reads the text of a `values.schema.json`.
 *
 * @throws {JsonSchemaError} `gocompat/json-schema`: the schema cannot be used, in santhosh-tekuri's words
 */
export function compileSchema(schemaText: string): CompiledSchema {
  const schema = withStack(() => compiled(schemaText));
  return { check: (values) => withStack(() => linesOf(schema, values)) };
}

/** Checks values once: `compileSchema` and `check`. */
export function validateSchema(schemaText: string, values: Value): string {
  return compileSchema(schemaText).check(values);
}

function withStack<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new JsonSchemaError('schema or values are nested too deeply: the stack is full', {
      cause,
    });
  }
}

function compiled(schemaText: string): Schema {
  const document = parseDocument(schemaText);
  const resources = new Resources(checkAgainstMetaschema);
  resources.add(SCHEMA_URL, document);
  resources.root(SCHEMA_URL);
  const compiler = new Compiler(resources, false);
  return compiler.compile({ url: SCHEMA_URL, pointer: '' });
}

function linesOf(schema: Schema, values: Value): string {
  const violations = validate(schema, fromValue(values));
  return violations.length === 0 ? '' : `${printViolations(violations).join('\n')}\n`;
}

/** Compiled metaschemas by their address; they never change. */
const metaschemas = new Map<string, Schema>();
const metaResources = new Resources(() => undefined);
const metaCompiler = new Compiler(metaResources, true);

function metaschema(url: string): Schema {
  const known = metaschemas.get(url);
  if (known !== undefined) return known;
  const schema = metaCompiler.compile({ url, pointer: '' });
  metaschemas.set(url, schema);
  return schema;
}

/** The schema of a resource's dialect; own vocabularies make one of their own. */
function dialectSchema(root: Root, pointer: string): Schema {
  const { draft, vocabularies } = resourceAt(root, pointer).dialect;
  if (vocabularies === undefined) return metaschema(draft.url);
  const base = draft.url.replace(/schema$/, 'meta/');
  const schema: Omit<Schema, 'resource'> & { resource?: Schema } = {
    location: 'urn:mem:metaschema',
    version: draft.version,
    allOf: vocabularies.map((name) => metaschema(base + name)),
    dynamicAnchors: new Map(),
    allPropertiesEvaluated: false,
    allItemsEvaluated: false,
    evaluatedItems: 0,
  };
  const whole = schema as Schema;
  whole.resource = whole;
  if (draft.version >= 2020) {
    whole.dynamicAnchor = 'meta';
    whole.dynamicAnchors.set('meta', whole);
  }
  return whole;
}

function checkAgainstMetaschema(root: Root, source: Json, pointer: string): void {
  const meta = dialectSchema(root, pointer);
  const violations = validate(meta, source, (schema, path) => {
    if (path.length === 0 || schema !== meta) return undefined;
    const at = pointerOf(path);
    return root.resources.has(at) ? dialectSchema(root, at) : undefined;
  });
  if (violations.length === 0) return;
  const where = quote(placeText({ url: root.url, pointer }));
  const heading = `jsonschema validation failed with '${meta.location}'`;
  throw new JsonSchemaError(
    `${where} is not valid against metaschema: ${[heading, ...printViolations(violations)].join('\n')}`,
  );
}
