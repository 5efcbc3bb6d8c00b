// SPDX-License-Identifier: Apache-2.0

/**
 * YAML, JSON and TOML in templates.
 *
 * Source: Helm v3.22.0 and v4.2.1 pkg/engine/funcs.go; Masterminds/sprig v3.3.0 defaults.go
 */

import {
  decodeJson,
  decodeToml,
  decodeYaml,
  encodeJson,
  encodeToml,
  encodeYaml,
  encodeYamlPretty,
  JsonEncodeError,
  JsonSyntaxError,
  TomlError,
  types,
  type Value,
  type ValueMap,
  YamlError,
} from '@helm-operator/gocompat';
import type { TemplateFunction } from '@helm-operator/gotemplate';
import { define } from './define.ts';
import { kindOf, nilList, nilMap } from './reflect.ts';

const string = types.string;

/** The text of an error a codec reports; other errors are ours and go on. */
function codecText(error: unknown): string {
  const isCodec =
    error instanceof YamlError ||
    error instanceof JsonEncodeError ||
    error instanceof JsonSyntaxError ||
    error instanceof TomlError;
  if (isCodec) return error.message;
  throw error;
}

/** The codec's text, or what Helm gives in place of an error. */
function encoded(run: () => string, onError: (text: string) => string): string {
  try {
    return run();
  } catch (error) {
    return onError(codecText(error));
  }
}

const nothing = (): string => '';

function withoutLastBreak(text: string): string {
  return text.endsWith('\n') ? text.slice(0, -1) : text;
}

function toYaml(value: Value): string {
  return withoutLastBreak(encodeYaml(value));
}

const JSON_KINDS: ReadonlyMap<string, string> = new Map([
  ['map', 'object'],
  ['slice', 'array'],
  ['float64', 'number'],
  ['bool', 'bool'],
  ['string', 'string'],
]);

function mismatch(value: Value, wanted: string): string {
  const kind = JSON_KINDS.get(kindOf(value)) ?? 'number';
  return `json: cannot unmarshal ${kind} into Go value of type ${wanted}`;
}

/** How one of Helm's `from…` functions reads: what an error and a null become. */
interface Reading {
  readonly decode: (text: string) => Value;
  /** Words before the complaint about a value of another kind. */
  readonly prefix: string;
  readonly ofNull: 'empty' | 'nil';
}

const YAML: Reading = {
  decode: decodeYaml,
  prefix: 'error unmarshaling JSON: while decoding JSON: ',
  ofNull: 'empty',
};
const JSON_READING: Reading = { decode: decodeJson, prefix: '', ofNull: 'nil' };

function errorMap(text: string): ValueMap {
  return new Map([['Error', text]]);
}

function readMap(text: string, { decode, prefix, ofNull }: Reading): Value {
  try {
    const value = decode(text);
    if (value === null) return ofNull === 'nil' ? nilMap : new Map();
    return value instanceof Map ? value : errorMap(prefix + mismatch(value, types.map.name));
  } catch (error) {
    return errorMap(codecText(error));
  }
}

function readList(text: string, { decode, prefix, ofNull }: Reading): Value {
  try {
    const value = decode(text);
    if (value === null) return ofNull === 'nil' ? nilList : [];
    return Array.isArray(value) ? value : [prefix + mismatch(value, types.slice.name)];
  } catch (error) {
    return [codecText(error)];
  }
}

function fromToml(text: string): Value {
  try {
    return decodeToml(text);
  } catch (error) {
    return errorMap(codecText(error));
  }
}

function prettyJson(value: Value): string {
  return encodeJson(value, { indent: '  ' });
}

function rawJson(value: Value): string {
  return encodeJson(value, { escapeHtml: false });
}

const toText = (name: string, run: (value: Value) => string): TemplateFunction =>
  define(name, ['any'], string, run);

/** Helm's and Sprig's codecs, for every profile. */
export const formatFunctions: readonly TemplateFunction[] = [
  toText('toYaml', (value) => encoded(() => toYaml(value), nothing)),
  toText('toYamlPretty', (value) =>
    encoded(() => withoutLastBreak(encodeYamlPretty(value)), nothing),
  ),
  define('fromYaml', ['string'], types.map, (text) => readMap(text, YAML)),
  define('fromYamlArray', ['string'], types.slice, (text) => readList(text, YAML)),
  toText('toJson', (value) => encoded(() => encodeJson(value), nothing)),
  toText('mustToJson', (value) => encodeJson(value)),
  toText('toPrettyJson', (value) => encoded(() => prettyJson(value), nothing)),
  toText('mustToPrettyJson', prettyJson),
  toText('toRawJson', rawJson),
  toText('mustToRawJson', rawJson),
  define('fromJson', ['string'], types.map, (text) => readMap(text, JSON_READING)),
  define('fromJsonArray', ['string'], types.slice, (text) => readList(text, JSON_READING)),
  define('mustFromJson', ['string'], types.any, (text) => decodeJson(text)),
  toText('toToml', (value) =>
    encoded(
      () => encodeToml(value),
      (text) => text,
    ),
  ),
  define('fromToml', ['string'], types.map, fromToml),
];

/** What Helm 4 adds: errors that stop rendering. `mustToJson` is there already, with the same result. */
export const strictFormatFunctions: readonly TemplateFunction[] = [
  toText('mustToYaml', toYaml),
  toText('mustToToml', (value) => encodeToml(value)),
];
