// SPDX-License-Identifier: Apache-2.0

/** Rendered files → documents. All in linear time: a chart may render megabytes of blanks. */

import type { Profile } from '../profile.ts';

/** Go's `unicode.IsSpace`: no byte order mark. */
function isSpace(code: number): boolean {
  if (code <= 0x20) return code === 0x20 || (code >= 0x09 && code <= 0x0d);
  if (code < 0x1680) return code === 0x85 || code === 0xa0;
  return (
    code === 0x1680 ||
    (code >= 0x2000 && code <= 0x200a) ||
    code === 0x2028 ||
    code === 0x2029 ||
    code === 0x202f ||
    code === 0x205f ||
    code === 0x3000
  );
}

/** `\s` of Go's regular expressions. */
function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0c || code === 0x0d;
}

/** Go's `strings.TrimSpace`. */
export function trimSpace(text: string): string {
  let end = text.length;
  while (end > 0 && isSpace(text.charCodeAt(end - 1))) end--;
  return trimLeft(text.slice(0, end));
}

function trimLeft(text: string): string {
  let at = 0;
  while (at < text.length && isSpace(text.charCodeAt(at))) at++;
  return text.slice(at);
}

/**
 * Splits a rendered file into its documents, in order.
 *
 * Source: helm v3.22.0 pkg/releaseutil/manifest.go (SplitManifests); helm4: v4.2.1 pkg/release/v1/util/manifest.go
 * Differs: none, but that 4.2.4 keeps the line break at a document's end; the profile is 4.2.1.
 */
export function splitManifests(text: string, profile: Profile = 'helm3'): string[] {
  if (profile === 'helm4') {
    return splitAtSeparators(trimLeft(text))
      .filter((document) => trimSpace(document) !== '')
      .map(trimLeft);
  }
  return splitAtSeparators(trimSpace(text))
    .filter((document) => document !== '')
    .map(trimSpace);
}

const SEPARATOR = '---';

/**
 * Go's `(?:^|\s*\n)---\s*`: three dashes at the beginning of a line, whatever follows them, with all blanks around. A line break
 * that one separator has taken is not there for the next.
 */
function splitAtSeparators(text: string): string[] {
  const parts: string[] = [];
  let from = 0;
  for (let at = text.indexOf(SEPARATOR); at >= 0; at = text.indexOf(SEPARATOR, at + 1)) {
    const isFirstLine = at === 0;
    if (at < from || !(isFirstLine || (at > from && text[at - 1] === '\n'))) continue;
    let end = at;
    while (end > from && isBlank(text.charCodeAt(end - 1))) end--;
    parts.push(text.slice(from, end));
    from = at + SEPARATOR.length;
    while (from < text.length && isBlank(text.charCodeAt(from))) from++;
  }
  parts.push(text.slice(from));
  return parts;
}
