// SPDX-License-Identifier: Apache-2.0

/**
 * Label selectors of users: `a=b,c!=d,e in (x,y),f notin (z),g,!h,n>1`.
 *
 * Source: apimachinery v0.37.0 pkg/labels/selector.go Parse
 */

import { HelmError } from '../errors.ts';

export type LabelMatcher = (labels: ReadonlyMap<string, string>) => boolean;

const KEY = /^(?:[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?\/)?[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?$/;
const VALUE = /^(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/;
const LONGEST = 1_000;

/** @throws {HelmError} `helm/invalid-options` */
export function parseLabelSelector(text: string): LabelMatcher {
  if (text.length > LONGEST) throw unreadable(text, `it is longer than ${LONGEST} characters`);
  const requirements = splitRequirements(text).map((part) => parseRequirement(part, text));
  return (labels) => requirements.every((matches) => matches(labels));
}

/** Commas inside parentheses belong to a list of values. */
function splitRequirements(text: string): readonly string[] {
  const parts: string[] = [];
  let depth = 0;
  let part = '';
  for (const character of text) {
    if (character === '(') depth++;
    if (character === ')') depth--;
    if (character === ',' && depth === 0) {
      parts.push(part);
      part = '';
    } else part += character;
  }
  parts.push(part);
  return parts.length === 1 && part.trim() === '' ? [] : parts.map((item) => item.trim());
}

function parseRequirement(part: string, whole: string): LabelMatcher {
  if (part.startsWith('!')) {
    const absent = labelKey(part.slice(1), whole);
    return (labels) => !labels.has(absent);
  }
  const set = /^(\S+)\s+(in|notin)\s*\(([^()]*)\)$/.exec(part);
  if (set !== null) {
    const [, key = '', operator, list = ''] = set;
    const name = labelKey(key, whole);
    const values = new Set(list.split(',').map((value) => labelValue(value, whole)));
    const isIn = (labels: ReadonlyMap<string, string>): boolean => {
      const value = labels.get(name);
      return value !== undefined && values.has(value);
    };
    return operator === 'in' ? isIn : (labels) => !isIn(labels);
  }
  const compare = /^([^=!<>\s]+)\s*(==|=|!=|<|>)\s*([^=!<>\s]*)$/.exec(part);
  if (compare === null) {
    const present = labelKey(part, whole);
    return (labels) => labels.has(present);
  }
  const [, key = '', operator = '', value = ''] = compare;
  return comparison(labelKey(key, whole), operator, labelValue(value, whole), whole);
}

function comparison(key: string, operator: string, value: string, whole: string): LabelMatcher {
  if (operator === '!=') return (labels) => labels.get(key) !== value;
  if (operator === '=' || operator === '==') return (labels) => labels.get(key) === value;
  if (!/^-?\d+$/.test(value)) throw unreadable(whole, `"${value}" is no integer`);
  const limit = BigInt(value);
  return (labels) => {
    const own = labels.get(key);
    if (own === undefined || !/^-?\d+$/.test(own)) return false;
    return operator === '>' ? BigInt(own) > limit : BigInt(own) < limit;
  };
}

function labelKey(text: string, whole: string): string {
  const key = text.trim();
  if (KEY.test(key)) return key;
  throw unreadable(whole, `"${key}" is no label key`);
}

function labelValue(text: string, whole: string): string {
  const value = text.trim();
  if (value.length <= 63 && VALUE.test(value)) return value;
  throw unreadable(whole, `"${value}" is no label value`);
}

function unreadable(text: string, why: string): HelmError {
  return new HelmError(
    'helm/invalid-options',
    `unable to parse label selector ${JSON.stringify(text)}: ${why}`,
  );
}
