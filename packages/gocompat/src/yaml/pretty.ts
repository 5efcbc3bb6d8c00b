// SPDX-License-Identifier: Apache-2.0

/**
 * Values to YAML without JSON between: go-yaml v3 with an indentation of two.
 *
 * Source: go.yaml.in/yaml/v3 v3.0.5 encode.go
 * Differs: struct tags named `yaml` are unknown here; fields go by their names in lower case.
 */

import { encodeUtf8 } from '../text/text.ts';
import { intOf, type Typed, type Value } from '../value/value.ts';
import { encodeBinary } from './binary.ts';
import { type Dialect, Emitter, Fields, type TaggedText, Word } from './emitter.ts';
import { YamlError } from './errors.ts';
import { compareKeysV3 } from './keys.ts';
import { yamlFloat } from './numbers.ts';
import { isPlainString } from './resolve.ts';

/** Strings go-yaml v3 takes for octal numbers, beyond what v2 does. */
const SIGNED_OCTAL = /^0o_*[-+][0-7_]*[0-7][0-7_]*$/;
const INVALID_BYTES = /[\udc80-\udcff]/u;

const DIALECT: Dialect = {
  width: Number.POSITIVE_INFINITY,
  indentsSequences: true,
  tabsAllowBlock: true,
  compareKeys: compareKeysV3,
  numberText: yamlFloat,
  isPlainString: (text) => isPlainString(text) && !SIGNED_OCTAL.test(text),
  string: binaryIfInvalid,
  unwrap,
};

/**
 * The YAML of a value, with a final line break; lists indented, lines never folded, bytes as numbers.
 *
 * @throws {YamlError} `gocompat/yaml` for functions and for values inside each other without end
 */
export function encodeYamlPretty(value: Value): string {
  return new Emitter(DIALECT).document(value);
}

function binaryIfInvalid(text: string): TaggedText {
  if (!INVALID_BYTES.test(text)) return { text, tag: '' };
  return { text: encodeBinary(encodeUtf8(text)), tag: '!!binary' };
}

/** Types go-yaml writes by their text, and the method (with its arguments) that gives it. */
const TEXT_METHODS = new Map<string, readonly [method: string, ...args: string[]]>([
  ['time.Time', ['Format', '2006-01-02T15:04:05.999999999Z07:00']],
  ['time.Duration', ['String']],
  ['*semver.Version', ['String']],
  ['semver.Version', ['String']],
]);

function unwrap(value: Typed): Value | Fields | Word {
  const { type, data } = value;
  const [method, ...args] = TEXT_METHODS.get(type.name) ?? [];
  if (method !== undefined && data !== null) {
    const text = type.methods?.get(method)?.call(value, args);
    if (text !== undefined) return type.name === 'time.Time' ? new Word(String(text)) : text;
  }
  switch (type.kind) {
    case 'slice':
    case 'array':
      if (data instanceof Uint8Array) return Array.from(data, (byte) => intOf('uint8', byte));
      return Array.isArray(data) ? (data as Value[]) : [];
    case 'map':
      return data instanceof Map ? (data as Map<string, Value>) : new Map();
    case 'struct':
      return structFields(value);
    case 'func':
      throw new YamlError(`cannot marshal type: ${type.name}`);
    default:
      return data as Value;
  }
}

function structFields({ type, data }: Typed): Fields {
  const entries = new Map<string, Value>();
  const values = data instanceof Map ? (data as Map<string, Value>) : new Map<string, Value>();
  for (const field of type.fields ?? []) {
    entries.set(field.name.toLowerCase(), values.get(field.name) ?? null);
  }
  return new Fields(entries);
}
