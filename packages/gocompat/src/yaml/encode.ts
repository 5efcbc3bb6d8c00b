// SPDX-License-Identifier: Apache-2.0

/**
 * Values to YAML, by way of JSON: sigs.k8s.io/yaml.Marshal.
 *
 * Most values are written at once. Those that JSON text would change on its way through the YAML
 * reader (Go types other than maps, odd characters, very long keys) take that way.
 *
 * Source: sigs.k8s.io/yaml v1.6.0 Marshal, JSONToYAML
 */

import { encodeJson } from '../json/encode.ts';
import type { Typed, Value } from '../value/value.ts';
import { type Dialect, Emitter, type TaggedText } from './emitter.ts';
import { YamlError } from './errors.ts';
import { compareKeys } from './keys.ts';
import { jsonFloat, yamlFloat } from './numbers.ts';
import { isPlainString, resolvePlain } from './resolve.ts';
import { decodeFirst } from './yaml.ts';

/** A value that has to go through JSON text. */
class NeedsJson extends Error {}

/** Characters that the YAML reader refuses, folds or replaces in JSON text. */
const CHANGED_BY_JSON = /[\x7f-\x9f\ufffe\uffff]|[\udc80-\udcff]/u;
/** Longer keys might exceed the 1024 characters in which the reader looks for the colon. */
const MAX_SAFE_KEY = 160;
const LINE_WIDTH = 80;

const DIALECT: Dialect = {
  width: LINE_WIDTH,
  indentsSequences: false,
  tabsAllowBlock: false,
  compareKeys,
  numberText,
  isPlainString,
  string: checkedString,
  unwrap: unwrapMap,
};

/**
 * The YAML of a value, with a final line break; keys in go-yaml's order, lines folded after column 80.
 *
 * @throws {YamlError} `gocompat/yaml`, where Go fails: numbers without end, characters YAML cannot read
 */
export function encodeYaml(value: Value): string {
  try {
    return new Emitter(DIALECT).document(value);
  } catch (error) {
    if (!(error instanceof NeedsJson)) throw error;
  }
  const json = marshalJson(value);
  return new Emitter(AFTER_JSON).document(decodeFirst(json, { numbers: 'exact' }));
}

function marshalJson(value: Value): string {
  try {
    return encodeJson(value);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new YamlError(`error marshaling into JSON: ${message}`, { cause: error });
  }
}

function checkedString(text: string, isKey: boolean): TaggedText {
  if ((isKey && text.length > MAX_SAFE_KEY) || CHANGED_BY_JSON.test(text)) throw new NeedsJson();
  return { text, tag: '' };
}

/** Named map types (`chartutil.Values`) are written as maps; all else as its JSON says. */
function unwrapMap(value: Typed): Value {
  const { kind, key, methods } = value.type;
  const isPlainMap = kind === 'map' && key?.kind === 'string' && value.data instanceof Map;
  if (!isPlainMap || methods?.has('MarshalJSON') === true) throw new NeedsJson();
  return value.data;
}

/** A float as go-yaml writes what encoding/json wrote: whole numbers of up to 64 bits are integers. */
function numberText(value: number): string {
  if (Number.isSafeInteger(value)) return String(value);
  if (!Number.isFinite(value)) throw new NeedsJson();
  const read = resolvePlain(jsonFloat(value));
  return read?.kind === 'int' ? String(read.value) : yamlFloat(value);
}

const AFTER_JSON: Dialect = {
  ...DIALECT,
  numberText: yamlFloat,
  string: (text) => ({ text, tag: '' }),
};
