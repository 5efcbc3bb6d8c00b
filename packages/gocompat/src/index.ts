// SPDX-License-Identifier: Apache-2.0
export {
  type GoType,
  Int,
  type IntKind,
  int,
  int64,
  intOf,
  type Kind,
  type Method,
  type StructField,
  Typed,
  typeOf,
  types,
  type Value,
  type ValueMap,
} from './value/value.ts';
export type { YamlNumbers, YamlOptions } from './yaml/decode.ts';
export { YamlError } from './yaml/errors.ts';
export type { YamlLines } from './yaml/lines.ts';
export { decodeYaml, decodeYamlDocuments, decodeYamlWithLines } from './yaml/yaml.ts';
export {
  type DecodeJsonOptions,
  decodeJson,
  type JsonNumbers,
  JsonSyntaxError,
} from './json/decode.ts';
export { type EncodeJsonOptions, encodeJson, JsonEncodeError } from './json/encode.ts';
export {
  byteLength,
  byteSlice,
  compareBytes,
  decodeUtf8,
  encodeUtf8,
  hasInvalidBytes,
  isAscii,
  normalize,
  runes,
} from './text/text.ts';
export { deepEqual } from './value/deep-equal.ts';
export { sortedKeys } from './value/keys.ts';
