// SPDX-License-Identifier: Apache-2.0

/** What other rooms call: YAML text to values and to JSON. */

import { encodeJson } from '../json/encode.ts';
import type { Value } from '../value/value.ts';
import { Composer } from './compose.ts';
import { Decoder, type YamlOptions } from './decode.ts';
import { YamlError } from './errors.ts';
import { linesOf, type YamlLines } from './lines.ts';
import { readPlain } from './plain-reader.ts';

/** sigs.k8s.io/yaml's words for every failure of the way to JSON. */
const PREFIX = 'error converting YAML to JSON: ';

/**
 * The first document of a text, as sigs.k8s.io/yaml.Unmarshal puts it into an `interface{}`: keys are
 * strings, an empty text is `null`.
 *
 * @throws {YamlError} `gocompat/yaml`: `error converting YAML to JSON: yaml: line N: …`
 * Source: sigs.k8s.io/yaml v1.6.0 Unmarshal, UnmarshalStrict
 */
export function decodeYaml(text: string, options: YamlOptions = {}): Value {
  return converting(() => decodeFirst(text, options));
}

/** A document with the line each of its values stands on. @throws {YamlError} as `decodeYaml` */
export function decodeYamlWithLines(
  text: string,
  options: YamlOptions = {},
): { readonly value: Value; readonly lines: YamlLines } {
  return converting(() => {
    const root = new Composer(text).next();
    if (root === undefined) return { value: null, lines: { line: 1 } };
    const value = new Decoder(options).document(root);
    return { value, lines: linesOf(root) };
  });
}

/**
 * Every document of a text, one after another; a reader may stop early.
 *
 * @throws {YamlError} as `decodeYaml`, when the document that is wrong is reached
 */
export function* decodeYamlDocuments(
  text: string,
  options: YamlOptions = {},
): Generator<Value, void, undefined> {
  const composer = new Composer(text);
  for (;;) {
    const root = converting(() => composer.next());
    if (root === undefined) return;
    yield converting(() => new Decoder(options).document(root));
  }
}

/**
 * The first document as JSON text, as sigs.k8s.io/yaml.YAMLToJSON writes it: integers of up to 64 bits
 * stay exact.
 *
 * @throws {YamlError} `gocompat/yaml`: `yaml: line N: …`
 */
export function yamlToJson(text: string): string {
  return encodeJson(decodeFirst(text, { numbers: 'exact' }));
}

/** The first document, without the words sigs.k8s.io/yaml puts before an error. @throws {YamlError} */
export function decodeFirst(text: string, options: YamlOptions): Value {
  const plain = readPlain(text, options);
  if (plain !== undefined) return plain;
  const root = new Composer(text).next();
  return root === undefined ? null : new Decoder(options).document(root);
}

function converting<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof YamlError)) throw error;
    throw new YamlError(PREFIX + error.message, { cause: error });
  }
}
