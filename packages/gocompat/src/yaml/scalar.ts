// SPDX-License-Identifier: Apache-2.0
import { decodeBinary } from './binary.ts';
import { type Node, SCALAR_NODE } from './compose.ts';
import { BINARY_TAG, MERGE_TAG, type Resolved, resolvePlain, resolveTagged } from './resolve.ts';

/** A resolved scalar; strings, and timestamps with them, stand for themselves. */
export type Scalar = string | Resolved;

/** @throws {YamlError} where tag and text do not fit */
export function resolveScalar(node: Node): Scalar {
  const { tag, value } = node;
  if (tag === '') return node.isImplicit ? (resolvePlain(value) ?? value) : value;
  if (tag === BINARY_TAG) return decodeBinary(value);
  const resolved = resolveTagged(tag, value);
  return resolved.kind === 'string' || resolved.kind === 'timestamp' ? value : resolved;
}

/** Whether a key is `<<`, which takes over the entries of its value. */
export function isMerge(node: Node): boolean {
  return (
    node.kind === SCALAR_NODE && node.value === '<<' && (node.isImplicit || node.tag === MERGE_TAG)
  );
}
