// SPDX-License-Identifier: Apache-2.0

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * The texts of an object's values, by key, without looking into them: what a record does not change is written back as it was.
 *
 * @param json a valid JSON object
 */
export function jsonFields(json: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  let at = skipSpace(json, 0);
  if (json[at] !== '{') throw new SyntaxError('a JSON object was expected');
  at = skipSpace(json, at + 1);
  while (at < json.length && json[at] !== '}') {
    const keyEnd = endOfString(json, at);
    const key: unknown = JSON.parse(json.slice(at, keyEnd));
    const start = skipSpace(json, skipSpace(json, keyEnd) + 1);
    const end = endOfValue(json, start);
    fields.set(String(key), json.slice(start, end));
    at = skipSpace(json, end);
    if (json[at] === ',') at = skipSpace(json, at + 1);
  }
  return fields;
}

function skipSpace(json: string, from: number): number {
  let at = from;
  while (at < json.length && json.charCodeAt(at) <= 0x20) at++;
  return at;
}

/** @returns the position behind the closing quote of the string that starts at `from` */
function endOfString(json: string, from: number): number {
  let at = from + 1;
  for (;;) {
    at = json.indexOf('"', at);
    if (at < 0) throw new SyntaxError('a JSON string has no end');
    let escapes = 0;
    while (json.charCodeAt(at - 1 - escapes) === BACKSLASH) escapes++;
    at++;
    if (escapes % 2 === 0) return at;
  }
}

function endOfValue(json: string, from: number): number {
  const first = json[from];
  if (first === '"') return endOfString(json, from);
  if (first !== '{' && first !== '[') return endOfScalar(json, from);
  let depth = 0;
  let at = from;
  while (at < json.length) {
    const code = json.charCodeAt(at);
    if (code === QUOTE) {
      at = endOfString(json, at);
      continue;
    }
    if (code === 0x7b || code === 0x5b) depth++;
    if (code === 0x7d || code === 0x5d) depth--;
    at++;
    if (depth === 0) return at;
  }
  throw new SyntaxError('a JSON value has no end');
}

function endOfScalar(json: string, from: number): number {
  let at = from;
  while (at < json.length && !',}] \n\r\t'.includes(json[at] ?? ',')) at++;
  return at;
}
