// SPDX-License-Identifier: Apache-2.0

import type { Json, JsonObject } from '@helm-operator/kube';

/**
 * A label selector as the text of a query.
 *
 * @returns `undefined` when it selects nothing
 * Source: apimachinery v0.37.0 pkg/apis/meta/v1/helpers.go LabelSelectorAsSelector
 */
export function selectorText(selector: Json | undefined): string | undefined {
  if (typeof selector !== 'object' || selector === null || Array.isArray(selector)) {
    return undefined;
  }
  const labels = selector['matchLabels'];
  const expressions = selector['matchExpressions'];
  const parts = [
    ...labelsText(labels),
    ...(Array.isArray(expressions) ? expressions.filter(isObject).map(expressionText) : []),
  ];
  return parts.length === 0 ? undefined : parts.join(',');
}

/** A plain map of labels as the text of a query. */
export function labelsText(labels: Json | undefined): readonly string[] {
  return isObject(labels)
    ? Object.entries(labels).map(([key, value]) => `${key}=${String(value)}`)
    : [];
}

function expressionText(expression: JsonObject): string {
  const key = String(expression['key']);
  const values = Array.isArray(expression['values']) ? expression['values'].join(',') : '';
  switch (expression['operator']) {
    case 'Exists':
      return key;
    case 'DoesNotExist':
      return `!${key}`;
    case 'NotIn':
      return `${key} notin (${values})`;
    default:
      return `${key} in (${values})`;
  }
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
