// SPDX-License-Identifier: Apache-2.0

/** `time.ParseInLocation`. Source: Go 1.26 time/format.go (parse). */

import { decodeUtf8, encodeUtf8, isAscii } from '../text/text.ts';
import {
  daysIn,
  daysOf,
  type Instant,
  isLeap,
  MONTHS,
  NANOS_PER_SECOND,
  WEEKDAYS,
} from './instant.ts';
import { type LayoutPart, layoutParts } from './layout.ts';
import { quoteTime } from './quote-time.ts';
import { offsetOfLocal, offsetOfName, type Zone, zoneAt } from './zone.ts';

/** A text that does not fit its layout; the message is Go's. */
export class TimeParseError extends Error {
  readonly code = 'gocompat/time';
  readonly retry = 'terminal';
}

interface Fields {
  year: number;
  month: number;
  day: number;
  yearDay: number;
  hour: number;
  minute: number;
  second: number;
  nanosecond: number;
  isPm: boolean;
  isAm: boolean;
  zone: Zone | undefined;
  zoneOffset: number | undefined;
  zoneName: string;
}

class Mismatch extends Error {
  /** What is left of the text, where some was read already. */
  readonly left: string | undefined;
  constructor(left?: string) {
    super('a text that does not fit');
    this.left = left;
  }
}
class OutOfRange extends Error {}

/**
 * @param zone of texts that say none
 * @throws {TimeParseError} `gocompat/time`
 */
export function parseInstant(layout: string, text: string, zone: Zone): Instant {
  const fields: Fields = {
    year: 0,
    month: -1,
    day: -1,
    yearDay: -1,
    hour: 0,
    minute: 0,
    second: 0,
    nanosecond: 0,
    isPm: false,
    isAm: false,
    zone: undefined,
    zoneOffset: undefined,
    zoneName: '',
  };
  let rest = text;
  const parts = layoutParts(layout);
  for (const [index, part] of parts.entries()) {
    try {
      rest = take(part, rest, { fields, next: nextElement(parts, index) });
    } catch (error) {
      if (error instanceof OutOfRange) {
        throw new TimeParseError(`parsing time ${quoteTime(text)}: ${error.message} out of range`);
      }
      if (!(error instanceof Mismatch)) throw error;
      throw new TimeParseError(
        `parsing time ${quoteTime(text)} as ${quoteTime(layout)}: cannot parse ${quoteTime(error.left ?? rest)} as ${quoteTime(part.text)}`,
      );
    }
  }
  if (rest !== '')
    throw new TimeParseError(`parsing time ${quoteTime(text)}: extra text: ${quoteTime(rest)}`);
  return assemble(fields, text, zone);
}

function nextElement(parts: readonly LayoutPart[], index: number): LayoutPart | undefined {
  return parts.slice(index + 1).find(({ kind }) => kind !== 'literal');
}

interface TakeContext {
  readonly fields: Fields;
  readonly next: LayoutPart | undefined;
}

/** Reads one part from the front of a text and returns what is left. */
function take(part: LayoutPart, text: string, { fields, next }: TakeContext): string {
  if (part.kind === 'literal') return skip(part.text, text);
  if (part.kind === 'fraction') return takeFraction(part, text, fields);
  return takeElement(part.text, text, fields, next);
}

/** Blanks in the layout stand for any number of blanks. */
function skip(prefix: string, text: string): string {
  let rest = text;
  let wanted = prefix;
  while (wanted !== '') {
    if (wanted.startsWith(' ')) {
      if (rest !== '' && !rest.startsWith(' ')) throw new Mismatch(rest);
      wanted = wanted.replace(/^ +/, '');
      rest = rest.replace(/^ +/, '');
      continue;
    }
    const [here, there] = [rest.codePointAt(0), wanted.codePointAt(0)];
    if (here !== there) throw new Mismatch(withoutSameBytes(rest, wanted));
    const width = (there ?? 0) > 0xffff ? 2 : 1;
    wanted = wanted.slice(width);
    rest = rest.slice(width);
  }
  return rest;
}

/** Go compares bytes: different characters may begin with the same ones. */
function withoutSameBytes(text: string, wanted: string): string {
  if (isAscii(text)) return text;
  const [bytes, others] = [encodeUtf8(text), encodeUtf8(wanted)];
  let same = 0;
  while (same < bytes.length && bytes[same] === others[same]) same++;
  return decodeUtf8(bytes.subarray(same));
}

function takeFraction(
  part: Extract<LayoutPart, { kind: 'fraction' }>,
  text: string,
  fields: Fields,
): string {
  if (part.isTrimmed) {
    const match = /^[.,]([0-9]+)/.exec(text);
    if (match === null) return text;
    fields.nanosecond = nanosOf(match[1] ?? '');
    return text.slice(match[0].length);
  }
  const piece = text.slice(0, part.digits + 1);
  if (!/^[.,][0-9]+$/.test(piece) || piece.length !== part.digits + 1) throw new Mismatch();
  fields.nanosecond = nanosOf(piece.slice(1));
  return text.slice(piece.length);
}

function nanosOf(digits: string): number {
  return Number(digits.slice(0, 9).padEnd(9, '0'));
}

function digits(text: string, pattern: RegExp): [value: number, rest: string] {
  const match = pattern.exec(text);
  if (match === null) throw new Mismatch();
  return [Number(match[0].trim()), text.slice(match[0].length)];
}

const ONE_OR_TWO = /^[0-9]{1,2}/;
const TWO = /^[0-9]{2}/;

function takeElement(
  element: string,
  text: string,
  fields: Fields,
  next: LayoutPart | undefined,
): string {
  switch (element) {
    case '2006': {
      const [value, rest] = digits(text, /^[0-9]{4}/);
      fields.year = value;
      return rest;
    }
    case '06': {
      // Go reads a sign here.
      const [value, rest] = digits(text, /^[0-9+-][0-9]/);
      fields.year = value >= 69 ? value + 1900 : value + 2000;
      return rest;
    }
    case 'January':
    case 'Jan':
      return takeName(MONTHS, element === 'Jan' ? 3 : undefined, text, (index) => {
        fields.month = index + 1;
      });
    case 'Monday':
    case 'Mon':
      return takeName(WEEKDAYS, element === 'Mon' ? 3 : undefined, text, () => undefined);
    case '1':
    case '01': {
      const [value, rest] = digits(text, element === '1' ? ONE_OR_TWO : TWO);
      if (value < 1 || value > 12) throw new OutOfRange('month');
      fields.month = value;
      return rest;
    }
    case '2':
    case '_2':
    case '02': {
      const [value, rest] = digits(
        text,
        element === '02' ? TWO : element === '_2' ? /^ ?[0-9]{1,2}/ : ONE_OR_TWO,
      );
      fields.day = value;
      return rest;
    }
    case '002':
    case '__2': {
      const [value, rest] = digits(text, element === '002' ? /^[0-9]{3}/ : /^ {0,2}[0-9]{1,3}/);
      fields.yearDay = value;
      return rest;
    }
    default:
      return takeClock(element, text, fields, next);
  }
}

function takeName(
  names: readonly string[],
  length: number | undefined,
  text: string,
  found: (index: number) => void,
): string {
  for (const [index, name] of names.entries()) {
    const wanted = name.slice(0, length);
    if (text.slice(0, wanted.length).toLowerCase() === wanted.toLowerCase()) {
      found(index);
      return text.slice(wanted.length);
    }
  }
  throw new Mismatch();
}

function takeClock(
  element: string,
  text: string,
  fields: Fields,
  next: LayoutPart | undefined,
): string {
  const number = (pattern: RegExp, limit: number, name: string): [number, string] => {
    const [value, rest] = digits(text, pattern);
    if (value > limit) throw new OutOfRange(name);
    return [value, rest];
  };
  switch (element) {
    case '15': {
      const [value, rest] = number(ONE_OR_TWO, 23, 'hour');
      fields.hour = value;
      return rest;
    }
    case '3':
    case '03': {
      const [value, rest] = number(element === '3' ? ONE_OR_TWO : TWO, 12, 'hour');
      fields.hour = value;
      return rest;
    }
    case '4':
    case '04': {
      const [value, rest] = number(element === '4' ? ONE_OR_TWO : TWO, 59, 'minute');
      fields.minute = value;
      return rest;
    }
    case '5':
    case '05': {
      const [value, rest] = number(element === '5' ? ONE_OR_TWO : TWO, 59, 'second');
      fields.second = value;
      return takeHiddenFraction(rest, fields, next);
    }
    case 'PM':
    case 'pm': {
      const half = text.slice(0, 2);
      const isUpper = element === 'PM';
      if (half === (isUpper ? 'PM' : 'pm')) fields.isPm = true;
      else if (half === (isUpper ? 'AM' : 'am')) fields.isAm = true;
      else throw new Mismatch();
      return text.slice(2);
    }
    case 'MST':
      return takeZoneName(text, fields);
    default:
      return takeOffset(element, text, fields);
  }
}

/** A fraction behind the seconds is read even when the layout has none. */
function takeHiddenFraction(text: string, fields: Fields, next: LayoutPart | undefined): string {
  if (next?.kind === 'fraction') return text;
  const match = /^[.,]([0-9]+)/.exec(text);
  if (match === null) return text;
  fields.nanosecond = nanosOf(match[1] ?? '');
  return text.slice(match[0].length);
}

function takeZoneName(text: string, fields: Fields): string {
  if (text.startsWith('UTC')) {
    fields.zone = 'UTC';
    return text.slice(3);
  }
  const name = zoneNameAt(text);
  if (name === '') throw new Mismatch();
  fields.zoneName = name;
  return text.slice(name.length);
}

/** The abbreviation a text begins with; empty where it has none. Source: Go 1.26 time/format.go (parseTimeZone). */
function zoneNameAt(text: string): string {
  if (text.length < 3) return '';
  if (/^(?:ChST|MeST)/.test(text)) return text.slice(0, 4);
  if (text.startsWith('GMT')) return `GMT${signedHoursAt(text.slice(3))}`;
  if (/^[+-]/.test(text)) return signedHoursAt(text);
  const letters = /^[A-Z]{0,6}/.exec(text)?.[0] ?? '';
  const isName =
    letters.length === 3 ||
    (letters.length === 4 && (letters.endsWith('T') || letters === 'WITA')) ||
    (letters.length === 5 && letters.endsWith('T'));
  return isName ? letters : '';
}

function signedHoursAt(text: string): string {
  const [all = '', hours] = /^[+-]([0-9]+)/.exec(text) ?? [];
  return hours === undefined || Number(hours) > 23 ? '' : all;
}

function takeOffset(element: string, text: string, fields: Fields): string {
  if (element.startsWith('Z') && text.startsWith('Z')) {
    fields.zone = 'UTC';
    return text.slice(1);
  }
  const colon = element.includes(':') ? ':' : '';
  const count = element.replaceAll(/[^0-9]/g, '').length / 2;
  const any = '([\\x00-\\x7f])([\\s\\S]{2})';
  const more = `${colon}([\\s\\S]{2})`;
  const match = new RegExp(`^${any}${more.repeat(count - 1)}`).exec(text);
  if (match === null) throw new Mismatch();
  const [all, sign, ...numbers] = match;
  const [hours = 0, minutes = 0, seconds = 0] = twoDigitNumbers(numbers);
  // Go names the smallest unit that is out of range, and looks at the sign last.
  if (seconds > 60) throw new OutOfRange('time zone offset second');
  if (minutes > 60) throw new OutOfRange('time zone offset minute');
  if (hours > 24) throw new OutOfRange('time zone offset hour');
  if (!/[+-]/.test(sign ?? '') || !numbers.every(isTwoDigits)) throw new Mismatch();
  const magnitude = hours * 3600 + minutes * 60 + seconds;
  fields.zoneOffset = sign === '-' ? -magnitude : magnitude;
  return text.slice(all.length);
}

function isTwoDigits(text: string): boolean {
  return /^[0-9]{2}$/.test(text);
}

/** Up to the first text that is no number. */
function twoDigitNumbers(texts: readonly string[]): number[] {
  const bad = texts.findIndex((text) => !isTwoDigits(text));
  return texts.slice(0, bad < 0 ? texts.length : bad).map(Number);
}

function assemble(fields: Fields, text: string, zone: Zone): Instant {
  const outOfRange = (what: string) =>
    new TimeParseError(`parsing time ${quoteTime(text)}: ${what} out of range`);
  let { hour, month, day } = fields;
  if (fields.isPm && hour < 12) hour += 12;
  else if (fields.isAm && hour === 12) hour = 0;
  if (fields.yearDay >= 0) {
    const limit = isLeap(fields.year) ? 366 : 365;
    if (fields.yearDay < 1 || fields.yearDay > limit) throw outOfRange('day-of-year');
    const found = monthOfYearDay(fields.year, fields.yearDay);
    if (month >= 0 && month !== found.month) {
      throw new TimeParseError(`parsing time ${quoteTime(text)}: day-of-year does not match month`);
    }
    if (day >= 0 && day !== found.day) {
      throw new TimeParseError(`parsing time ${quoteTime(text)}: day-of-year does not match day`);
    }
    ({ month, day } = found);
  } else {
    if (month < 0) month = 1;
    if (day < 0) day = 1;
  }
  if (day < 1 || day > daysIn(month, fields.year)) throw outOfRange('day');
  const local =
    daysOf(fields.year, month, day) * 86_400 + hour * 3600 + fields.minute * 60 + fields.second;
  return inZone(local, fields, zone);
}

function monthOfYearDay(year: number, yearDay: number): { month: number; day: number } {
  let month = 1;
  let day = yearDay;
  while (day > daysIn(month, year)) day -= daysIn(month++, year);
  return { month, day };
}

function inZone(local: number, fields: Fields, zone: Zone): Instant {
  const at = (seconds: number, shown: Zone): Instant => ({
    unixNano: BigInt(seconds) * NANOS_PER_SECOND + BigInt(fields.nanosecond),
    zone: shown,
  });
  if (fields.zone !== undefined) return at(local, fields.zone);
  if (fields.zoneOffset !== undefined) {
    const unix = local - fields.zoneOffset;
    const there = zoneAt(zone, unix);
    const isLocal =
      there.offsetSeconds === fields.zoneOffset &&
      (fields.zoneName === '' || there.name === fields.zoneName);
    return at(unix, isLocal ? zone : { offsetSeconds: fields.zoneOffset, name: fields.zoneName });
  }
  if (fields.zoneName !== '') return inNamedZone(local, fields.zoneName, { zone, at });
  return at(local - offsetOfLocal(zone, local), zone);
}

interface NamedZoneContext {
  readonly zone: Zone;
  readonly at: (seconds: number, shown: Zone) => Instant;
}

/** An abbreviation of the zone has the zone's offset; of others only those of `GMT+5` are known, and they move nothing, as in Go. */
function inNamedZone(local: number, name: string, { zone, at }: NamedZoneContext): Instant {
  const offset = offsetOfName(zone, name, local);
  if (offset !== undefined) return at(local - offset, zone);
  const hours = name.startsWith('GMT') ? Number(name.slice(3)) : 0;
  return at(local, { offsetSeconds: hours * 3600, name });
}
