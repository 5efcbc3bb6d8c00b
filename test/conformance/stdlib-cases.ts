// SPDX-License-Identifier: Apache-2.0

/** What ours makes of questions about Go's standard library, TOML and globs: twin of `test/tools/oracle/stdlib.go`. */

import {
  atoi,
  canBackquote,
  compileGlob,
  compileRegexp,
  decodeJson,
  decodeToml,
  deepEqual,
  encodeJson,
  encodeToml,
  type FloatFormat,
  formatDuration,
  formatFloat,
  formatInstant,
  type Instant,
  isPrintable,
  loadZone,
  matchPath,
  parseBool,
  parseDuration,
  parseFloat as parseGoFloat,
  parseInt as parseGoInt,
  parseInstant,
  parseUint,
  quote,
  quoteMeta,
  quoteToAscii,
  roundDuration,
  sprint,
  sprintf,
  sprintln,
  Typed,
  truncateDuration,
  types,
  unixSeconds,
  unquote,
  type Value,
} from '@helm-operator/gocompat';
import { packedText, unpackList, unpackText } from './packed.ts';

/** The texts of a question that are held apart by NULs. */
function parts(text: string, count: number): string[] {
  const all = text.split('\0');
  const found = [...all.slice(0, count - 1), all.slice(count - 1).join('\0')];
  return [...found, ...Array<string>(count).fill('')].slice(0, count);
}

function parseIntegerOf(read: typeof parseGoInt): (text: string) => string {
  return (text) => {
    const [digits = '', base = '10', bits = '64'] = parts(text, 3);
    return read(digits, Number(base), Number(bits) || 64).toString();
  };
}

function formatFloatOf(text: string): string {
  const [number = '', verb = '', precision = '', bits = ''] = parts(text, 4);
  const width = bits === '32' ? 32 : 64;
  return formatFloat(parseGoFloat(number, width), verb as FloatFormat, Number(precision), width);
}

function show(instant: Instant): string {
  const text = formatInstant(instant, '2006-01-02T15:04:05.999999999Z07:00:00 MST');
  return `${text} ${unixSeconds(instant)}`;
}

function strings(list: readonly string[] | undefined): Value {
  return new Typed(types.strings, list === undefined ? null : [...list]);
}

function askRegexp(text: string): string {
  const [pattern = '', subject = '', replacement = '', limit = ''] = parts(text, 4);
  const expression = compileRegexp(pattern);
  const count = Number(limit);
  const all = count === 0 ? [] : expression.findAllString(subject, count);
  const found: Value[] = [
    expression.matchString(subject),
    expression.findString(subject),
    strings(expression.findStringSubmatch(subject)),
    strings(all),
    strings(expression.split(subject, count)),
    expression.replaceAllString(subject, replacement),
    expression.replaceAllLiteralString(subject, replacement),
  ];
  return sprintf('%q', [found]);
}

function formatTime(text: string): string {
  const [seconds = '', nanos = '', zone = '', layout = ''] = parts(text, 4);
  const unixNano = BigInt(seconds) * 1_000_000_000n + BigInt(nanos);
  return formatInstant({ unixNano, zone: loadZone(zone) }, layout);
}

function parseTime(text: string): string {
  const [layout = '', value = '', zone = ''] = parts(text, 3);
  return show(parseInstant(layout, value, loadZone(zone)));
}

function roundOf(text: string): string {
  const [duration = '', multiple = ''] = parts(text, 2);
  const [nanos, by] = [BigInt(duration), BigInt(multiple)];
  const both = [roundDuration(nanos, by), truncateDuration(nanos, by)];
  return both.map(formatDuration).join(' ');
}

function matchGlob(text: string): string {
  const [separators = '', pattern = '', subject = ''] = parts(text, 3);
  const matches = compileGlob(pattern, separators);
  if (matches === undefined) throw new UnreadableGlobError('unreadable');
  return String(matches(subject));
}

/** Stands for gobwas' errors, whose texts no chart sees. */
class UnreadableGlobError extends Error {
  readonly code = 'gocompat/unreadable';
  readonly retry = 'terminal';
}

function equalOf(text: string): string {
  const [a = null, b = null] = unpackList(text);
  return String(deepEqual(a, b));
}

/** Ours, by question. */
export const STDLIB_ANSWERS: readonly (readonly [string, (text: string) => string])[] = [
  [
    'fmt.sprintf',
    (text) => {
      const [format = '', values = ''] = parts(text, 2);
      return sprintf(format, unpackList(values));
    },
  ],
  ['fmt.sprint', (text) => sprint(unpackList(text))],
  ['fmt.sprintln', (text) => sprintln(unpackList(text))],
  ['deepequal', equalOf],
  ['strconv.parseint', parseIntegerOf(parseGoInt)],
  ['strconv.parseuint', parseIntegerOf(parseUint)],
  ['strconv.atoi', (text) => atoi(text).toString()],
  [
    'strconv.parsefloat',
    (text) => {
      const [number = '', bits = ''] = parts(text, 2);
      return formatFloat(parseGoFloat(number, bits === '32' ? 32 : 64), 'x', -1);
    },
  ],
  ['strconv.parsebool', (text) => String(parseBool(text))],
  ['strconv.formatfloat', formatFloatOf],
  ['strconv.quote', quote],
  ['strconv.quotetoascii', quoteToAscii],
  ['strconv.unquote', unquote],
  ['strconv.canbackquote', (text) => String(canBackquote(text))],
  [
    'strconv.isprint',
    (text) =>
      text
        .split(' ')
        .map((code) => (isPrintable(Number(code)) ? 't' : 'f'))
        .join(''),
  ],
  ['time.parse', parseTime],
  ['time.format', formatTime],
  ['duration.parse', (text) => parseDuration(text).toString()],
  ['duration.format', (text) => formatDuration(BigInt(text))],
  ['duration.round', roundOf],
  ['regexp', askRegexp],
  ['regexp.quotemeta', quoteMeta],
  ['json.decode', (text) => packedText(decodeJson(text))],
  ['json.decode-kubernetes', (text) => packedText(decodeJson(text, { numbers: 'int64orFloat64' }))],
  ['json.encode', (text) => encodeJson(unpackText(text))],
  ['json.indent', (text) => encodeJson(unpackText(text), { indent: '  ' })],
  ['toml.decode', (text) => packedText(decodeToml(text))],
  ['toml.encode', (text) => encodeToml(unpackText(text))],
  [
    'path.match',
    (text) => {
      const [pattern = '', name = ''] = parts(text, 2);
      return String(matchPath(pattern, name));
    },
  ],
  ['glob', matchGlob],
];
