// SPDX-License-Identifier: Apache-2.0

/** Keys and quoted strings as BurntSushi/toml v1.6.0 writes them. */

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '\\"'],
  ['\\', '\\\\'],
  ['\b', '\\b'],
  ['\t', '\\t'],
  ['\n', '\\n'],
  ['\f', '\\f'],
  ['\r', '\\r'],
]);

export function quotedText(text: string): string {
  const escaped = text.replaceAll(
    /["\\\u0000-\u001f\u007f]/g,
    (char) => ESCAPES.get(char) ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `"${escaped}"`;
}

/** One part of a key, in quotes where it needs them. */
export function keyPart(part: string): string {
  return /^[A-Za-z0-9_-]+$/.test(part) ? part : quotedText(part);
}

export function keyText(key: readonly string[]): string {
  return key.map(keyPart).join('.');
}
