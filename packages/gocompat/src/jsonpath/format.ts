// SPDX-License-Identifier: Apache-2.0

/** Prints what JSONPath templates find. Source: k8s.io/client-go v0.36 util/jsonpath/jsonpath.go. */

import { sprint } from '../fmt/fmt.ts';
import { encodeJson } from '../json/encode.ts';
import type { Value } from '../value/value.ts';
import { type Found, findByPath } from './find.ts';
import type { ListNode } from './nodes.ts';

/**
 * The text of a template over a value: several finds of one action with a blank between, maps and lists as JSON.
 *
 * @throws {JsonPathError} `gocompat/json-path`: a field or index is not there, or does not fit
 */
export function formatJsonPath(path: ListNode, value: Value): string {
  return findByPath(path, value)
    .map((found) => found.map(format).join(' '))
    .join('');
}

function format(found: Found): string {
  if (found === undefined) return '<no value>';
  if (found === null) return 'null';
  return found instanceof Map || Array.isArray(found) ? encodeJson(found) : sprint([found]);
}
