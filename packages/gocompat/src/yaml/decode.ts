// SPDX-License-Identifier: Apache-2.0

/**
 * YAML to values, by way of JSON: what sigs.k8s.io/yaml.Unmarshal puts into an `interface{}`.
 *
 * Stage:   text → tokens → events → nodes → **values**
 * Source:  sigs.k8s.io/yaml v1.6.0 yaml.go, go.yaml.in/yaml/v2 v2.4.4 decode.go
 * Differs: where Go picks one of several errors, or one of several equal keys, by map order, the first
 *          error and the last key in the text are taken.
 */

import type { Value, ValueMap } from '../value/value.ts';
import { ALIAS_NODE, MAPPING_NODE, type Node, SCALAR_NODE } from './compose.ts';
import { YamlError, yamlError } from './errors.ts';
import { goKey, goSyntax } from './go-syntax.ts';
import { floatValue, integerValue, MAX_INT64, type YamlNumbers } from './number-value.ts';
import { floatKey } from './numbers.ts';
import type { Resolved } from './resolve.ts';
import { isMerge, resolveScalar, type Scalar } from './scalar.ts';

/** How YAML is read. */
export interface YamlOptions {
  /** Default `float64`. */
  readonly numbers?: YamlNumbers | undefined;
  /** A key written twice in one map is an error. Default `false`: the last one wins. */
  readonly strict?: boolean | undefined;
  /**
   * Members of the outermost map that are wanted: all is read, and every error found, but of the others nothing need be kept.
   * Without it all are. Not with `strict`.
   */
  readonly isWanted?: ((key: string) => boolean) | undefined;
}

/** Turns the nodes of one document into values. */
export class Decoder {
  readonly #numbers: YamlNumbers;
  readonly #isStrict: boolean;
  readonly #typeErrors: string[] = [];
  readonly #openAliases = new Set<Node>();
  #count = 0;
  #aliasCount = 0;
  #aliasDepth = 0;
  #keyError: YamlError | undefined;
  #hasNonFinite = false;

  constructor(options: YamlOptions) {
    this.#numbers = options.numbers ?? 'float64';
    this.#isStrict = options.strict === true;
  }

  /** @throws {YamlError} */
  document(root: Node): Value {
    this.#count = 1;
    const value = this.value(root);
    if (this.#typeErrors.length > 0) {
      throw new YamlError(`yaml: unmarshal errors:\n  ${this.#typeErrors.join('\n  ')}`);
    }
    if (this.#keyError !== undefined) throw this.#keyError;
    if (this.#hasNonFinite) throw nonFiniteError(value);
    return value;
  }

  value(node: Node): Value {
    this.#countNode();
    if (node.kind === SCALAR_NODE) return this.#scalar(node);
    if (node.kind === ALIAS_NODE) {
      const target = this.#enterAlias(node);
      const value = this.value(target);
      this.#leaveAlias(node);
      return value;
    }
    if (node.kind === MAPPING_NODE) {
      const map: ValueMap = new Map();
      this.#fill(map, node, this.#isStrict ? new Set() : undefined);
      return map;
    }
    const { children } = node;
    const items: Value[] = [];
    for (let i = 0; i < children.length; i++) items.push(this.value(children[i] as Node));
    return items;
  }

  #countNode(): void {
    this.#count++;
    if (this.#aliasDepth === 0) return;
    this.#aliasCount++;
    if (this.#aliasCount <= 100 || this.#count <= 1000) return;
    if (this.#aliasCount / this.#count > allowedAliasRatio(this.#count)) {
      throw yamlError(0, 'document contains excessive aliasing');
    }
  }

  #enterAlias(node: Node): Node {
    if (this.#openAliases.has(node)) {
      throw yamlError(0, `anchor '${node.value}' value contains itself`);
    }
    this.#openAliases.add(node);
    this.#aliasDepth++;
    return node.target as Node;
  }

  #leaveAlias(node: Node): void {
    this.#aliasDepth--;
    this.#openAliases.delete(node);
  }

  #scalar(node: Node): Value {
    const scalar = resolveScalar(node);
    if (typeof scalar === 'string') return scalar;
    switch (scalar.kind) {
      case 'int':
        return integerValue(scalar.value as number | bigint, this.#numbers);
      case 'float':
        return this.#float(scalar.value as number);
      default:
        return scalar.value as null | boolean;
    }
  }

  #float(value: number): Value {
    if (!Number.isFinite(value)) {
      this.#hasNonFinite = true;
      return value;
    }
    return floatValue(value, this.#numbers);
  }

  /** Decodes a mapping into `map`; `taken` holds the keys met so far, where doubles are errors. */
  #fill(map: ValueMap, node: Node, taken: Set<string> | undefined): void {
    const { children } = node;
    for (let i = 0; i < children.length; i += 2) {
      const keyNode = children[i] as Node;
      const valueNode = children[i + 1] as Node;
      if (isMerge(keyNode)) {
        this.#merge(map, valueNode, taken);
        continue;
      }
      const key = this.#key(keyNode);
      const value = this.value(valueNode);
      if (taken !== undefined && this.#isTaken(taken, key, valueNode)) continue;
      const name = typeof key === 'string' ? key : this.#keyName(key, valueNode);
      if (name !== undefined) map.set(name, value);
    }
  }

  #isTaken(taken: Set<string>, key: Scalar, valueNode: Node): boolean {
    const identity = goKey(key);
    if (taken.has(identity) && identity !== 'NaN') {
      this.#typeErrors.push(`line ${valueNode.line + 1}: key ${identity} already set in map`);
      return true;
    }
    taken.add(identity);
    return false;
  }

  #key(node: Node): Scalar {
    this.#countNode();
    if (node.kind === SCALAR_NODE) return resolveScalar(node);
    if (node.kind === ALIAS_NODE) {
      const target = this.#enterAlias(node);
      const key = this.#key(target);
      this.#leaveAlias(node);
      return key;
    }
    this.#count--;
    this.value(node);
    throw yamlError(0, `invalid map key: ${goSyntax(node)}`);
  }

  /** The JSON name of a key that is no string; `undefined` where JSON has none. */
  #keyName(key: Resolved, valueNode: Node): string | undefined {
    const { value } = key;
    if (key.kind === 'float') return floatKey(value as number);
    const isUnsigned = typeof value === 'bigint' && value > MAX_INT64;
    if (key.kind !== 'null' && !isUnsigned) return String(value);
    const type = isUnsigned ? 'uint64' : '%!s(<nil>)';
    this.#keyError ??= new YamlError(
      `unsupported map key of type: ${type}, key: ${goKey(key)}, value: ${goSyntax(valueNode)}`,
    );
    return undefined;
  }

  #merge(map: ValueMap, node: Node, taken: Set<string> | undefined): void {
    if (node.kind === MAPPING_NODE || node.kind === ALIAS_NODE) {
      this.#mergeOne(map, node, taken);
      return;
    }
    if (node.kind === SCALAR_NODE) throw wantMap();
    for (let i = node.children.length - 1; i >= 0; i--) {
      const item = node.children[i] as Node;
      if (item.kind !== MAPPING_NODE && item.kind !== ALIAS_NODE) throw wantMap();
      this.#mergeOne(map, item, taken);
    }
  }

  #mergeOne(map: ValueMap, node: Node, taken: Set<string> | undefined): void {
    this.#countNode();
    if (node.kind === MAPPING_NODE) {
      this.#fill(map, node, taken);
      return;
    }
    if (node.target?.kind !== MAPPING_NODE) throw wantMap();
    const target = this.#enterAlias(node);
    this.#mergeOne(map, target, taken);
    this.#leaveAlias(node);
  }
}

function wantMap(): YamlError {
  return yamlError(0, 'map merge requires map or sequence of maps as the value');
}

const SMALL_COUNT = 400_000;
const LARGE_COUNT = 4_000_000;

/** The share of nodes that aliases may stand for: 99% in small documents, 10% in very large ones. */
function allowedAliasRatio(count: number): number {
  if (count <= SMALL_COUNT) return 0.99;
  if (count >= LARGE_COUNT) return 0.1;
  return 0.99 - 0.89 * ((count - SMALL_COUNT) / (LARGE_COUNT - SMALL_COUNT));
}

/** encoding/json's error for the first number it cannot write, in its order: maps by key. */
function nonFiniteError(value: Value): YamlError {
  const found = firstNonFinite(value);
  const text = Number.isNaN(found) ? 'NaN' : found === Number.NEGATIVE_INFINITY ? '-Inf' : '+Inf';
  return new YamlError(`json: unsupported value: ${text}`);
}

function firstNonFinite(value: Value): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : value;
  if (Array.isArray(value)) return firstOf(value);
  if (!(value instanceof Map)) return undefined;
  const keys = [...value.keys()].sort(byCodePoint);
  return firstOf(keys.map((key) => value.get(key) ?? null));
}

function firstOf(values: readonly Value[]): number | undefined {
  for (const value of values) {
    const found = firstNonFinite(value);
    if (found !== undefined) return found;
  }
  return undefined;
}

function byCodePoint(a: string, b: string): number {
  for (let i = 0; i < a.length && i < b.length; i++) {
    const difference = (a.codePointAt(i) ?? 0) - (b.codePointAt(i) ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
