// SPDX-License-Identifier: Apache-2.0

/** Formats of dates and durations. Source: santhosh-tekuri/jsonschema v6.0.3 format.go, Go 1.26 time.Parse */

import { quoteRune } from '../strconv/quote.ts';
import { byteLength, encodeUtf8 } from '../text/text.ts';

const LAYOUT = '2006-01-02';

/** Go's time package quotes by itself: bytes that are not ASCII in hexadecimal. */
function quote(text: string): string {
  const bytes = Array.from(encodeUtf8(text), (byte) => {
    if (byte < 0x20 || byte >= 0x80) return `\\x${byte.toString(16).padStart(2, '0')}`;
    const char = String.fromCharCode(byte);
    return char === '"' || char === '\\' ? `\\${char}` : char;
  });
  return `"${bytes.join('')}"`;
}

/** The error of time.Parse with the layout 2006-01-02; empty: a date. */
export function dateProblem(text: string): string {
  const parse = (rest: string, element: string): string =>
    `parsing time ${quote(text)} as ${quote(LAYOUT)}: cannot parse ${quote(rest)} as ${quote(element)}`;
  const outside = (what: string): string => `parsing time ${quote(text)}: ${what} out of range`;
  if (!/^\d{4}/.test(text)) return parse(text, '2006');
  if (text.charAt(4) !== '-') return parse(text.slice(4), '-');
  const afterYear = text.slice(5);
  if (!/^\d\d/.test(afterYear)) return parse(afterYear, '01');
  const month = Number(afterYear.slice(0, 2));
  if (month < 1 || month > 12) return outside('month');
  if (text.charAt(7) !== '-') return parse(text.slice(7), '-');
  const afterMonth = text.slice(8);
  if (!/^\d\d/.test(afterMonth)) return parse(afterMonth, '02');
  if (text.length > 10) {
    return `parsing time ${quote(text)}: extra text: ${quote(text.slice(10))}`;
  }
  const day = Number(afterMonth);
  return day < 1 || day > daysIn(Number(text.slice(0, 4)), month) ? outside('day') : '';
}

function daysIn(year: number, month: number): number {
  if (month !== 2) return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
}

/** One character for each byte, so that places count as in Go. */
function bytesAsText(text: string): string {
  return String.fromCharCode(...encodeUtf8(text.slice(0, MAX_TIME_LENGTH)));
}

/** No time is longer, but for the digits of its fraction. */
const MAX_TIME_LENGTH = 4096;

const ATOI = /^[-+]?\d+$/;

export function timeProblem(given: string): string {
  const text = bytesAsText(given);
  if (text.length < 9) return 'less than 9 characters long';
  if (text.charAt(2) !== ':' || text.charAt(5) !== ':') return 'missing colon in correct place';
  const parts = text.slice(0, 8).split(':');
  if (!parts.every((part) => ATOI.test(part))) return 'invalid hour/min/sec';
  const [hour = 0, minute = 0, second = 0] = parts.map(Number);
  if (hour < 0 || minute < 0 || second < 0) return 'non-positive hour/min/sec';
  if (hour > 23 || minute > 59 || second > 60) return 'hour/min/sec out of range';
  let rest = text.slice(8);
  if (rest.startsWith('.')) {
    const digits = /^\.(\d*)/.exec(rest)?.[1] ?? '';
    if (digits === '') return 'no digits in second fraction';
    rest = rest.slice(1 + digits.length);
  }
  if (rest === 'z' || rest === 'Z') return leapProblem(hour * 60 + minute, second);
  const offset = offsetMinutes(rest);
  if (typeof offset === 'string') return offset;
  const shifted = hour * 60 + minute + offset;
  return leapProblem(shifted < 0 ? shifted + 24 * 60 : shifted, second);
}

function leapProblem(minutes: number, second: number): string {
  const isLastMinute = Math.trunc(minutes / 60) === 23 && minutes % 60 === 59;
  return second >= 60 && !isLastMinute ? 'invalid leap second' : '';
}

/** What to add for UTC, or what is wrong. */
function offsetMinutes(text: string): number | string {
  if (text.length !== 6) return 'offset must be 6 characters long';
  const sign = text.charAt(0);
  if (sign !== '+' && sign !== '-') return 'offset must begin with plus/minus';
  if (text.charAt(3) !== ':') return 'missing colon in offset in correct place';
  const parts = [text.slice(1, 3), text.slice(4)];
  if (!parts.every((part) => ATOI.test(part))) return 'invalid hour/min in offset';
  const [hour = 0, minute = 0] = parts.map(Number);
  if (hour < 0 || minute < 0) return 'non-positive hour/min in offset';
  if (hour > 23 || minute > 59) return 'hour/min in offset out of range';
  return (sign === '+' ? -1 : 1) * (hour * 60 + minute);
}

export function dateTimeProblem(text: string): string {
  if (byteLength(text) < 20) return 'less than 20 characters long';
  if (!/[tT]/.test(text.charAt(10))) return '11th character must be t or T';
  const date = dateProblem(text.slice(0, 10));
  if (date !== '') return `invalid date element: ${date}`;
  const time = timeProblem(text.slice(11));
  return time === '' ? '' : `invalid time element: ${time}`;
}

const UNITS = ['YMD', 'HMS'];

export function durationProblem(text: string): string {
  if (!text.startsWith('P')) return 'must start with P';
  const rest = text.slice(1);
  if (rest === '') return 'nothing after P';
  if (rest.endsWith('W')) {
    const weeks = rest.slice(0, -1);
    if (weeks === '') return 'no number in week';
    return /^\d+$/.test(weeks) ? '' : 'invalid week';
  }
  for (const [index, part] of rest.split('T').entries()) {
    if (index !== 0 && part === '') return 'no time elements';
    const units = UNITS[index];
    if (units === undefined) return 'more than one T';
    const problem = elementsProblem(part, units);
    if (problem !== '') return problem;
  }
  return '';
}

function elementsProblem(text: string, all: string): string {
  let units = all;
  let rest = text;
  while (rest !== '') {
    const digits = /^\d*/.exec(rest)?.[0] ?? '';
    if (digits === '') return 'missing number';
    rest = rest.slice(digits.length);
    if (rest === '') return 'missing unit';
    const unit = rest.charAt(0);
    const index = units.indexOf(unit);
    if (index < 0) {
      const shown = quoteRune(unit.charCodeAt(0));
      return all.includes(unit) ? `unit ${shown} out of order` : `invalid unit ${shown}`;
    }
    units = units.slice(index + 1);
    rest = rest.slice(1);
  }
  return '';
}

export function periodProblem(text: string): string {
  const slash = text.indexOf('/');
  if (slash < 0) return 'missing slash';
  const start = text.slice(0, slash);
  const end = text.slice(slash + 1);
  if (start.startsWith('P')) {
    return (
      named('start duration', durationProblem(start)) ||
      named('end date-time', dateTimeProblem(end))
    );
  }
  const problem = named('start date-time', dateTimeProblem(start));
  if (problem !== '') return problem;
  return end.startsWith('P')
    ? named('end duration', durationProblem(end))
    : named('end date-time', dateTimeProblem(end));
}

function named(part: string, problem: string): string {
  return problem === '' ? '' : `invalid ${part}: ${problem}`;
}
