// SPDX-License-Identifier: Apache-2.0

import type { Json, JsonObject } from '@helm-operator/kube';

export type Matches = (object: JsonObject) => boolean;

/** Field selectors the API server knows beside `metadata.name` and `metadata.namespace`. */
const FIELDS: ReadonlyMap<string, readonly string[]> = new Map([
  ['Secret', ['type']],
  ['Pod', ['status.phase', 'spec.nodeName', 'spec.restartPolicy', 'spec.serviceAccountName']],
  ['Job', ['status.successful']],
  ['Namespace', ['status.phase']],
  [
    'Event',
    [
      ...['involvedObject.kind', 'involvedObject.name', 'involvedObject.namespace'],
      ...['involvedObject.uid', 'involvedObject.apiVersion', 'reason', 'type', 'source'],
    ],
  ],
]);

/** @throws {SyntaxError} the selector cannot be read */
export function labelMatcher(selector: string | undefined): Matches {
  const terms = splitTerms(selector ?? '').map(labelTerm);
  return (object) => {
    const labels = recordAt(object, ['metadata', 'labels']);
    return terms.every((term) => term(labels));
  };
}

/** @throws {SyntaxError} the selector cannot be read, or names a field that `kind` cannot be selected by */
export function fieldMatcher(selector: string | undefined, kind: string): Matches {
  const terms = splitTerms(selector ?? '').map((term) => {
    const match = /^([^=!]+?)(==|=|!=)(.*)$/.exec(term);
    const [, path = '', operator = '', wanted = ''] = match ?? [];
    const known = ['metadata.name', 'metadata.namespace', ...(FIELDS.get(kind) ?? [])];
    if (match === null) throw new SyntaxError(`invalid selector: '${term}'`);
    if (!known.includes(path)) throw new SyntaxError(`field label not supported: ${path}`);
    return (object: JsonObject) => {
      const value = valueAt(object, path.split('.'));
      const text = value === undefined || value === null ? '' : String(value);
      return (text === wanted) === (operator !== '!=');
    };
  });
  return (object) => terms.every((term) => term(object));
}

/** Commas separate terms, but not within parentheses. */
function splitTerms(selector: string): string[] {
  return selector
    .split(/,(?![^(]*\))/)
    .map((term) => term.trim())
    .filter((term) => term !== '');
}

function labelTerm(term: string): (labels: JsonObject) => boolean {
  const set = /^(\S+)\s+(in|notin)\s+\(([^)]*)\)$/.exec(term);
  if (set?.[1] !== undefined) {
    const [, name, operator, list = ''] = set;
    const values = list.split(',').map((value) => value.trim());
    return (labels) => values.includes(textAt(labels, name)) === (operator === 'in');
  }
  const equal = /^([^=!\s]+)\s*(==|=|!=)\s*([^=!\s]*)$/.exec(term);
  if (equal?.[1] !== undefined) {
    const [, name, operator, wanted] = equal;
    return (labels) => (textAt(labels, name) === wanted) === (operator !== '!=');
  }
  const exists = /^(!?)\s*([^=!\s]+)$/.exec(term);
  if (exists?.[2] === undefined) throw new SyntaxError(`unable to parse requirement: '${term}'`);
  const [, not, name] = exists;
  return (labels) => Object.hasOwn(labels, name) === (not === '');
}

/** Not a label value: an absent label differs from every value. */
const ABSENT = '\0';

function textAt(labels: JsonObject, name: string): string {
  return Object.hasOwn(labels, name) ? String(labels[name]) : ABSENT;
}

export function valueAt(object: JsonObject, path: readonly string[]): Json | undefined {
  let value: Json | undefined = object;
  for (const name of path) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    value = Object.hasOwn(value, name) ? value[name] : undefined;
  }
  return value;
}

function recordAt(object: JsonObject, path: readonly string[]): JsonObject {
  const value = valueAt(object, path);
  return isRecord(value) ? value : {};
}

export function isRecord(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
