// SPDX-License-Identifier: Apache-2.0

export { sprint, sprintf, sprintln, sprintValue } from './fmt/fmt.ts';
export { typeName } from './fmt/print.ts';
export { compileGlob, type GlobMatcher } from './glob/glob.ts';
export { matchPath, PatternError } from './glob/path-match.ts';
export {
  type DecodeJsonOptions,
  decodeJson,
  decodeJsonPrefix,
  type JsonNumbers,
  type JsonPrefix,
  JsonSyntaxError,
} from './json/decode.ts';
export { type EncodeJsonOptions, encodeJson, JsonEncodeError } from './json/encode.ts';
export { formatJsonPath } from './jsonpath/format.ts';
export { JsonPathError, type ListNode as JsonPath } from './jsonpath/nodes.ts';
export { parseJsonPath } from './jsonpath/parse.ts';
export { JsonSchemaError } from './jsonschema/errors.ts';
export {
  type CompiledSchema,
  compileSchema,
  validateSchema,
} from './jsonschema/validate-schema.ts';
export { compileRegexp, GoRegexp, quoteMeta, RegexpError } from './regexp/regexp.ts';
export { type Constraints, newConstraint } from './semver/constraints.ts';
export { SemverError } from './semver/errors.ts';
export { semverPointerType, semverType, typedVersion, versionOf } from './semver/typed.ts';
export { newVersion, strictNewVersion, type Version } from './semver/version.ts';
export { type FloatFormat, formatFloat } from './strconv/format-float.ts';
export { atoi, NumError, parseBool, parseFloat, parseInt, parseUint } from './strconv/parse.ts';
export { isPrintable } from './strconv/printable.ts';
export {
  canBackquote,
  quote,
  quoteRune,
  quoteRuneToAscii,
  quoteToAscii,
} from './strconv/quote.ts';
export { LiteralError, unquote } from './strconv/unquote.ts';
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
export { isYoungerThanGo } from './text/unicode-age.ts';
export {
  DurationError,
  formatDuration,
  parseDuration,
  roundDuration,
  truncateDuration,
} from './time/duration.ts';
export { formatInstant } from './time/format.ts';
export { type Calendar, calendarOf, type Instant, unixSeconds } from './time/instant.ts';
export { parseInstant, TimeParseError } from './time/parse.ts';
export {
  addDate,
  addNanos,
  difference,
  durationType,
  instantOf,
  RFC3339_NANO,
  timeType,
  typedDuration,
  typedTime,
} from './time/types.ts';
export { loadZone, type Zone, zoneAt } from './time/zone.ts';
export { ZoneError } from './time/zone-error.ts';
export { decodeToml } from './toml/decode.ts';
export { encodeToml } from './toml/encode.ts';
export { TomlError } from './toml/errors.ts';
export { deepEqual } from './value/deep-equal.ts';
export { sortedKeys } from './value/keys.ts';
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
export type { YamlOptions } from './yaml/decode.ts';
export { encodeYaml } from './yaml/encode.ts';
export { YamlError } from './yaml/errors.ts';
export type { YamlLines } from './yaml/lines.ts';
export {
  readYamlNodes,
  type YamlComments,
  YamlNode,
  type YamlNodeDocument,
  type YamlNodeKind,
} from './yaml/nodes.ts';
export type { YamlNumbers } from './yaml/number-value.ts';
export { encodeYamlPretty } from './yaml/pretty.ts';
export { SINGLE_QUOTED_STYLE } from './yaml/tokens.ts';
export { writeYamlNodes } from './yaml/write-nodes.ts';
export {
  decodeYaml,
  decodeYamlDocuments,
  decodeYamlWithLines,
  yamlToJson,
} from './yaml/yaml.ts';
