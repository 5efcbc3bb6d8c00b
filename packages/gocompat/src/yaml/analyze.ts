// SPDX-License-Identifier: Apache-2.0

/**
 * Which styles a scalar's text allows, in block context.
 *
 * Source: go.yaml.in/yaml/v2 v2.4.4 and v3 v3.0.5 emitterc.go yaml_emitter_analyze_scalar
 */

import { isBlankOrEnd, isBreak, SPACE, TAB } from './chars.ts';

export const PLAIN_ALLOWED = 1;
export const SINGLE_QUOTED_ALLOWED = 2;
export const BLOCK_ALLOWED = 4;
export const MULTILINE = 8;

const ALL_ALLOWED = PLAIN_ALLOWED | SINGLE_QUOTED_ALLOWED | BLOCK_ALLOWED;
const FIRST_INDICATORS = new Set([...'#,[]{}&*!|>\'"%@`'].map((char) => char.charCodeAt(0)));

/** Whether libyaml writes a code point as it is. Code points above U+FFFF it does not know. */
export function isPrintable(code: number): boolean {
  if (code < 0x7f) return code >= 0x20 || code === 0x0a;
  if (code < 0xa0) return false;
  if (code >= 0xd800 && code < 0xe000) return false;
  return code !== 0xfeff && code < 0xfffe;
}

/**
 * The styles a text allows, as bits.
 *
 * @param tabsAllowBlock go-yaml v3: tabs forbid no block style
 */
export function analyzeScalar(text: string, tabsAllowBlock: boolean): number {
  if (text === '') return PLAIN_ALLOWED | SINGLE_QUOTED_ALLOWED;
  if (isSimpleWord(text)) return ALL_ALLOWED;
  let allowed = startsLikeMarkup(text) ? ALL_ALLOWED & ~PLAIN_ALLOWED : ALL_ALLOWED;
  let wasSpace = false;
  let wasBreak = false;
  let wasWhitespace = true;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x3a) {
      if (isLastOrBlank(text, i + 1)) allowed &= ~PLAIN_ALLOWED;
    } else if (code === 0x23) {
      if (wasWhitespace) allowed &= ~PLAIN_ALLOWED;
    } else if (code === SPACE) {
      if (i === 0 || i === text.length - 1) allowed &= ~PLAIN_ALLOWED;
      if (i === text.length - 1) allowed &= ~BLOCK_ALLOWED;
      if (wasBreak) allowed &= ~(PLAIN_ALLOWED | SINGLE_QUOTED_ALLOWED);
    } else if (!isPrintable(code)) {
      allowed &= ~(PLAIN_ALLOWED | SINGLE_QUOTED_ALLOWED);
      if (code !== TAB || !tabsAllowBlock) allowed &= ~BLOCK_ALLOWED;
    }
    if (isBreak(code)) {
      allowed = (allowed & ~PLAIN_ALLOWED) | MULTILINE;
      if (wasSpace) allowed &= MULTILINE;
      wasBreak = true;
    } else {
      wasBreak = false;
    }
    wasSpace = code === SPACE;
    wasWhitespace = isBlankOrEnd(code);
  }
  return allowed;
}

/** Letters, digits and a few marks that never matter, first a letter: most keys and many values. */
function isSimpleWord(text: string): boolean {
  const first = text.charCodeAt(0) | 0x20;
  if (first < 0x61 || first > 0x7a) return false;
  for (let i = 1; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const lower = code | 0x20;
    if (lower >= 0x61 && lower <= 0x7a) continue;
    // From '-' to '9': - . / and digits.
    if ((code >= 0x2d && code <= 0x39) || code === 0x5f) continue;
    return false;
  }
  return true;
}

function startsLikeMarkup(text: string): boolean {
  const first = text.charCodeAt(0);
  if (FIRST_INDICATORS.has(first)) return true;
  if (first === 0x3f || first === 0x2d) {
    if (isLastOrBlank(text, 1)) return true;
  }
  return text.startsWith('---') || text.startsWith('...');
}

function isLastOrBlank(text: string, index: number): boolean {
  if (index >= text.length) return true;
  const code = text.charCodeAt(index);
  return code === SPACE || code === TAB;
}
