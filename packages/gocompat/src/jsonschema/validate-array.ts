// SPDX-License-Identifier: Apache-2.0

import type { Checker } from './checker.ts';
import type { Json } from './document.ts';
import { duplicates } from './equal.ts';
import { grouped } from './numeral.ts';
import { sizeMessage } from './validate-object.ts';
import type { Violation } from './violation.ts';

/** Keywords for arrays. */
export function validateArray(check: Checker, items: readonly Json[]): void {
  const { schema } = check;
  const { minItems, maxItems } = schema;
  if (minItems !== undefined && items.length < minItems) {
    check.report(sizeMessage('minItems', items.length, minItems));
  }
  if (maxItems !== undefined && items.length > maxItems) {
    check.report(sizeMessage('maxItems', items.length, maxItems));
  }
  const same = schema.uniqueItems === true ? duplicates(items) : undefined;
  if (same !== undefined) {
    const [first, second] = same.map((index) => grouped(String(index)));
    check.report(`items at ${first} and ${second} are equal`);
  }
  validateItems(check, items);
  if (schema.contains !== undefined) validateContains(check, items);
}

function validateItems(check: Checker, items: readonly Json[]): void {
  const { schema } = check;
  const prefix = schema.prefixItems ?? [];
  const evaluated = Math.min(prefix.length, items.length);
  for (const [index, one] of prefix.slice(0, evaluated).entries()) {
    check.add(check.child(one, items[index] ?? null, String(index)));
  }
  const rest = schema.items ?? schema.additionalItems;
  if (rest === undefined || rest === true) return;
  if (rest === false) {
    const count = items.length - evaluated;
    if (count > 0) check.report(`last ${grouped(String(count))} additionalItem(s) not allowed`);
    return;
  }
  for (let i = evaluated; i < items.length; i++) {
    check.add(check.child(rest, items[i] ?? null, String(i)));
  }
}

function validateContains(check: Checker, items: readonly Json[]): void {
  const { contains, minContains, maxContains, version } = check.schema;
  if (contains === undefined) return;
  const violations: Violation[] = [];
  const matched: number[] = [];
  for (const [index, item] of items.entries()) {
    const violation = check.child(contains, item, String(index));
    if (violation !== undefined) {
      violations.push(violation);
      continue;
    }
    matched.push(index);
    if (version >= 2020) check.unevaluated.items.delete(index);
  }
  if (minContains === undefined) {
    if (matched.length === 0) check.report('no items match contains schema', violations);
  } else if (matched.length < minContains) {
    const found = matched.length === 0 ? 'none matched' : matchedText(matched);
    check.report(`min ${containsText(minContains)} but ${found}`, violations);
  }
  if (maxContains !== undefined && matched.length > maxContains) {
    check.report(`max ${containsText(maxContains)} but ${matchedText(matched)}`);
  }
}

function containsText(count: number): string {
  return `${grouped(String(count))} items required to match contains schema,`;
}

function matchedText(matched: readonly number[]): string {
  return `matched ${grouped(String(matched.length))} items at ${matched.join(' ')}`;
}
