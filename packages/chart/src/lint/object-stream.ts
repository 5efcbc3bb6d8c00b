// SPDX-License-Identifier: Apache-2.0

/**
 * The objects of a rendered file, as Kubernetes reads a stream that is JSON or YAML.
 *
 * Source: k8s.io/apimachinery v0.37.0 pkg/util/yaml/decoder.go (YAMLOrJSONDecoder)
 */

import { byteLength, decodeJsonPrefix, JsonSyntaxError, type Value } from '@helm-operator/gocompat';
import { decodeGoYaml, fieldOf, mapOf, textOf } from '../chart/go-struct.ts';
import { messageOf } from '../errors.ts';
import type { Profile } from '../profile.ts';
import { trimSpace } from '../render/split.ts';
import { separateDocuments } from '../values/yaml-documents.ts';

/** The few fields the rules look at. */
export interface ObjectHead {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
}

/** Yields `undefined` for a document that holds nothing. @throws {Error} with Go's text, when it gets there */
export function* readObjects(text: string, profile: Profile): Generator<ObjectHead | undefined> {
  let rest = text;
  let first: Error | undefined;
  for (let count = 0; trimSpace(rest).startsWith('{'); count++) {
    const consumed = byteLength(text) - byteLength(rest);
    try {
      const { value, end } = decodeJsonPrefix(rest);
      yield headOf(value, profile);
      rest = rest.slice(end);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      if (count > 1) throw error;
      first = asStreamError(error, consumed);
      break;
    }
    if (trimSpace(rest) === '') return;
    if (count > 0 && !trimSpace(rest).startsWith('{')) {
      throw new Error(`invalid character ${quoteFirst(rest)} looking for beginning of value`);
    }
  }
  for (const document of separateDocuments(rest, wrongSeparator)) {
    try {
      yield headOf(decodeGoYaml(document.text), profile);
    } catch (error) {
      throw first ?? error;
    }
  }
}

function asStreamError(error: Error, consumed: number): Error {
  if (!(error instanceof JsonSyntaxError)) return error;
  return new Error(`json: offset ${consumed}: ${messageOf(error)}`, { cause: error });
}

function quoteFirst(text: string): string {
  return `'${trimSpace(text)[0] ?? ''}'`;
}

function wrongSeparator(text: string): Error {
  return new Error(`invalid Yaml document separator: ${text}`);
}

function headOf(value: Value, profile: Profile): ObjectHead | undefined {
  const struct = profile === 'helm4' ? 'k8sYamlStruct' : 'K8sYamlStruct';
  const map = mapOf(value, `rules.${struct}`, undefined);
  if (map === undefined) return undefined;
  const text = (name: string, path: string) => textOf(fieldOf(map, name), { struct, path });
  const metadata = mapOf(fieldOf(map, 'metadata'), 'rules.k8sYamlMetadata', {
    struct,
    path: 'Metadata',
  });
  const inner = (name: string) =>
    metadata === undefined
      ? ''
      : textOf(fieldOf(metadata, name), { struct: 'k8sYamlMetadata', path: `Metadata.${name}` });
  inner('Namespace');
  return {
    apiVersion: text('apiVersion', 'apiVersion'),
    kind: text('kind', 'Kind'),
    name: inner('Name'),
  };
}
