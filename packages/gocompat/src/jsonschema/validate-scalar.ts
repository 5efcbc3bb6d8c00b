// SPDX-License-Identifier: Apache-2.0
import { runes } from '../text/text.ts';
import type { Checker } from './checker.ts';
import type { Numeral } from './numeral.ts';
import { sizeMessage } from './validate-object.ts';
import { singleQuoted } from './violation.ts';

/** Keywords for strings. */
export function validateString(check: Checker, text: string): void {
  const { minLength, maxLength, pattern } = check.schema;
  if (minLength !== undefined || maxLength !== undefined) {
    const length = runes(text).length;
    if (minLength !== undefined && length < minLength) {
      check.report(sizeMessage('minLength', length, minLength));
    }
    if (maxLength !== undefined && length > maxLength) {
      check.report(sizeMessage('maxLength', length, maxLength));
    }
  }
  if (pattern !== undefined && !pattern.matches(text)) {
    check.report(`${singleQuoted(text)} does not match pattern ${singleQuoted(pattern.text)}`);
  }
}

/** Keywords for numbers. */
export function validateNumber(check: Checker, number: Numeral): void {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = check.schema;
  const report = (keyword: string, want: Numeral): void => {
    check.report(`${keyword}: got ${number}, want ${want}`);
  };
  if (minimum !== undefined && number.compare(minimum) < 0) report('minimum', minimum);
  if (maximum !== undefined && number.compare(maximum) > 0) report('maximum', maximum);
  if (exclusiveMinimum !== undefined && number.compare(exclusiveMinimum) <= 0) {
    report('exclusiveMinimum', exclusiveMinimum);
  }
  if (exclusiveMaximum !== undefined && number.compare(exclusiveMaximum) >= 0) {
    report('exclusiveMaximum', exclusiveMaximum);
  }
  if (multipleOf !== undefined && !number.isMultipleOf(multipleOf))
    report('multipleOf', multipleOf);
}
