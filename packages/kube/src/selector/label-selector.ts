// SPDX-License-Identifier: Apache-2.0

/** Label selectors as texts. Source: apimachinery v0.37.0 pkg/labels/selector.go (Parse, Matches). */

/** Whether labels are selected. */
export type LabelSelector = (labels: ReadonlyMap<string, string>) => boolean;

export class SelectorError extends Error {
  override readonly name: string = 'SelectorError';
  readonly code = 'kube/selector';
  readonly retry = 'terminal';
}

const KEY = '(?:[A-Za-z0-9.-]+/)?[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?';
const EXISTS = new RegExp(`^(!?)\\s*(${KEY})$`);
const COMPARED = new RegExp(`^(${KEY})\\s*(==|=|!=|>|<)\\s*([A-Za-z0-9._-]*)$`);
const LISTED = new RegExp(`^(${KEY})\\s+(in|notin)\\s*\\(([^()]*)\\)$`);

/**
 * @param text `app=web,tier in (a, b),!old`; empty selects everything
 * @throws {SelectorError} `kube/selector`
 */
export function parseLabelSelector(text: string): LabelSelector {
  const rules = text.trim() === '' ? [] : requirements(text).map((part) => ruleOf(part, text));
  return (labels) => rules.every((rule) => rule(labels));
}

/** Commas between parentheses separate values. */
function requirements(text: string): readonly string[] {
  return text.split(/,(?![^()]*\))/).map((part) => part.trim());
}

function ruleOf(part: string, text: string): LabelSelector {
  const exists = EXISTS.exec(part);
  if (exists !== null) {
    const [, not, key = ''] = exists;
    return (labels) => labels.has(key) === (not === '');
  }
  const compared = COMPARED.exec(part);
  if (compared !== null) {
    const [, key = '', operator = '', value = ''] = compared;
    return comparison(key, operator, value);
  }
  const listed = LISTED.exec(part);
  if (listed !== null) {
    const [, key = '', operator, list = ''] = listed;
    const values = new Set(list.split(',').map((value) => value.trim()));
    if (operator === 'in') return (labels) => values.has(labels.get(key) ?? '\0');
    return (labels) => !values.has(labels.get(key) ?? '\0');
  }
  throw new SelectorError(
    `label selector "${text}": "${part}" is not understood: write key=value, key!=value, key in (a,b), key notin (a,b), key or !key`,
  );
}

function comparison(key: string, operator: string, value: string): LabelSelector {
  switch (operator) {
    case '!=':
      return (labels) => labels.get(key) !== value;
    case '>':
      return (labels) => Number(labels.get(key) ?? Number.NaN) > Number(value);
    case '<':
      return (labels) => Number(labels.get(key) ?? Number.NaN) < Number(value);
    default:
      return (labels) => labels.get(key) === value;
  }
}
