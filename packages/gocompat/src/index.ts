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
