// SPDX-License-Identifier: Apache-2.0

import { compareBytes } from '../text/text.ts';
import { type GoType, Int, type StructField, Typed, type Value } from '../value/value.ts';

/** How JSON is written. */
export interface EncodeJsonOptions {
  /** Indentation of one level (`MarshalIndent`); absent: all on one line. */
  readonly indent?: string | undefined;
  /** Write `<`, `>` and `&` as `\u00XX`; default true, as `json.Marshal` does. */
  readonly escapeHtml?: boolean | undefined;
}

/** A value that has no JSON form; the message is Go's. */
export class JsonEncodeError extends Error {
  readonly code = 'gocompat/json-encode';
  readonly retry = 'terminal';
}

/**
 * Writes a value as JSON.
 *
 * Source: Go 1.26 encoding/json (Marshal, MarshalIndent): keys sorted by bytes, struct fields in declaration order.
 *
 * @throws {JsonEncodeError} `gocompat/json-encode`: NaN, an infinity or a function
 */
export function encodeJson(value: Value, options: EncodeJsonOptions = {}): string {
  const writer: Writer = {
    indent: options.indent,
    unsafe: options.escapeHtml === false ? PLAIN_UNSAFE : HTML_UNSAFE,
    level: 0,
    open: new Set(),
  };
  return write(writer, value, '\n');
}

interface Writer {
  readonly indent: string | undefined;
  /** Finds what cannot stand in a string as it is. */
  readonly unsafe: RegExp;
  /** Lists and maps inside each other right now. */
  level: number;
  /** Those of them that are deep enough to be watched. */
  readonly open: Set<Value>;
}

/** Deeper than this Go looks for values inside themselves. */
const UNWATCHED_LEVELS = 1000;

const HTML_UNSAFE = /["\\\u0000-\u001f<>&\u2028\u2029\ud800-\udfff]/;
const PLAIN_UNSAFE = /["\\\u0000-\u001f\u2028\u2029\ud800-\udfff]/;

/** @param lineBreak a line break and the indentation of the level that the value stands on */
function write(writer: Writer, value: Value, lineBreak: string): string {
  if (value === null) return 'null';
  switch (typeof value) {
    case 'boolean':
      return value ? 'true' : 'false';
    case 'string':
      return writeString(writer, value);
    case 'number':
      return writeFloat(value);
    default:
  }
  if (value instanceof Int) return value.value.toString();
  if (value instanceof Typed) return writeTyped(writer, value, lineBreak);
  writer.level++;
  if (writer.level > UNWATCHED_LEVELS) watch(writer, value);
  const text = Array.isArray(value)
    ? writeList(writer, value, lineBreak)
    : writeMap(writer, value, lineBreak);
  if (writer.level > UNWATCHED_LEVELS) writer.open.delete(value);
  writer.level--;
  return text;
}

function watch({ open }: Writer, value: Value): void {
  if (open.has(value)) {
    const type = Array.isArray(value) ? '[]interface {}' : 'map[string]interface {}';
    throw new JsonEncodeError(`json: unsupported value: encountered a cycle via ${type}`);
  }
  open.add(value);
}

function writeList(writer: Writer, items: readonly Value[], lineBreak: string): string {
  if (items.length === 0) return '[]';
  const inner = lineBreak + (writer.indent ?? '');
  const parts = items.map((item) => write(writer, item, inner));
  return writer.indent === undefined
    ? `[${parts.join(',')}]`
    : `[${inner}${parts.join(`,${inner}`)}${lineBreak}]`;
}

function writeMap(writer: Writer, map: ReadonlyMap<string, Value>, lineBreak: string): string {
  const keys = [...map.keys()].sort(compareBytes);
  return writeMembers(
    writer,
    keys.map((key) => [key, map.get(key) ?? null]),
    lineBreak,
  );
}

type Member = readonly [name: string, value: Value];

function writeMembers(writer: Writer, members: readonly Member[], lineBreak: string): string {
  if (members.length === 0) return '{}';
  const inner = lineBreak + (writer.indent ?? '');
  const colon = writer.indent === undefined ? ':' : ': ';
  const parts = members.map(
    ([name, value]) => writeString(writer, name) + colon + write(writer, value, inner),
  );
  return writer.indent === undefined
    ? `{${parts.join(',')}}`
    : `{${inner}${parts.join(`,${inner}`)}${lineBreak}}`;
}

function writeTyped(writer: Writer, { type, data }: Typed, lineBreak: string): string {
  const marshal = type.methods?.get('MarshalJSON');
  if (marshal !== undefined) return String(marshal.call(new Typed(type, data), []));
  switch (type.kind) {
    case 'slice':
    case 'array':
      if (data === null) return 'null';
      if (data instanceof Uint8Array) return `"${base64(data)}"`;
      return writeList(writer, data as Value[], lineBreak);
    case 'map':
      return data === null ? 'null' : writeMap(writer, data as Map<string, Value>, lineBreak);
    case 'ptr':
      return data === null ? 'null' : write(writer, data as Value, lineBreak);
    case 'struct':
      return writeMembers(writer, membersOf(type, data as ReadonlyMap<string, Value>), lineBreak);
    case 'func':
      throw new JsonEncodeError(`json: unsupported type: ${type.name}`);
    default:
      return write(writer, data as Value, lineBreak);
  }
}

function membersOf(type: GoType, data: ReadonlyMap<string, Value>): Member[] {
  return (type.fields ?? []).flatMap((field): Member[] => {
    const value = data.get(field.name) ?? null;
    if (field.json === '-') return [];
    if (field.embedded === true && field.json === undefined) return embeddedMembers(value);
    if (field.omitEmpty === true && isEmpty(value)) return [];
    return [[field.json ?? field.name, nilAs(field, value)]];
  });
}

function embeddedMembers(value: Value): Member[] {
  const inner = value instanceof Typed && value.type.kind === 'ptr' ? (value.data as Value) : value;
  return inner instanceof Typed && inner.type.kind === 'struct'
    ? membersOf(inner.type, inner.data as ReadonlyMap<string, Value>)
    : [];
}

/** A field without a value prints the zero value of its type. */
function nilAs(field: StructField, value: Value): Value {
  if (value !== null) return value;
  switch (field.type.kind) {
    case 'string':
      return '';
    case 'bool':
      return false;
    default:
      return null;
  }
}

function isEmpty(value: Value): boolean {
  if (value === null || value === false || value === 0 || value === '') return true;
  if (value instanceof Int) return value.value === 0n;
  if (Array.isArray(value)) return value.length === 0;
  if (value instanceof Map) return value.size === 0;
  if (!(value instanceof Typed)) return false;
  const { data, type } = value;
  if (data === null) return true;
  if (type.kind === 'struct') return false;
  if (data instanceof Map) return data.size === 0;
  if (Array.isArray(data) || data instanceof Uint8Array) return data.length === 0;
  return type.kind !== 'ptr' && isEmpty(data as Value);
}

function writeFloat(value: number): string {
  if (!Number.isFinite(value)) {
    const name = Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
    throw new JsonEncodeError(`json: unsupported value: ${name}`);
  }
  if (Object.is(value, -0)) return '-0';
  const magnitude = Math.abs(value);
  if (magnitude !== 0 && (magnitude < 1e-6 || magnitude >= 1e21)) {
    return value.toExponential();
  }
  return String(value);
}

function writeString(writer: Writer, text: string): string {
  return writer.unsafe.test(text) ? escapeString(writer, text) : `"${text}"`;
}

const SHORT_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '\\"'],
  ['\\', '\\\\'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);

/** What Go escapes and `JSON.stringify` does not; the engine's own is several times as fast as a function called for each character. */
const HTML_ONLY = /[<>&\u2028\u2029]/g;
const LINES_ONLY = /[\u2028\u2029]/g;

function escapeString(writer: Writer, text: string): string {
  if (!text.isWellFormed()) return escapeEach(writer, text);
  const only = writer.unsafe === HTML_UNSAFE ? HTML_ONLY : LINES_ONLY;
  return JSON.stringify(text).replaceAll(only, unicodeEscape);
}

function unicodeEscape(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** Half a pair has no UTF-8. */
function escapeEach(writer: Writer, text: string): string {
  const global = new RegExp(`(?:[\\ud800-\\udbff][\\udc00-\\udfff])|${writer.unsafe.source}`, 'g');
  const escaped = text.replaceAll(global, (char) => {
    if (char.length === 2) return char;
    const short = SHORT_ESCAPES.get(char);
    if (short !== undefined) return short;
    const code = char.charCodeAt(0);
    return code >= 0xd800 && code <= 0xdfff ? '\\ufffd' : unicodeEscape(char);
  });
  return `"${escaped}"`;
}

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

function base64(bytes: Uint8Array): string {
  let out = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const group = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    const left = bytes.length - i;
    out += BASE64.charAt(group >> 18) + BASE64.charAt((group >> 12) & 63);
    out += left > 1 ? BASE64.charAt((group >> 6) & 63) : '=';
    out += left > 2 ? BASE64.charAt(group & 63) : '=';
  }
  return out;
}
