// SPDX-License-Identifier: Apache-2.0

/** An instant with its zone, and its calendar. Source: Go 1.26 time/time.go. */

import { type Zone, zoneAt } from './zone.ts';

export const NANOS_PER_SECOND = 1_000_000_000n;

/** What a `time.Time` holds: nanoseconds since 1970 and the zone it is shown in. */
export interface Instant {
  readonly unixNano: bigint;
  readonly zone: Zone;
}

/** Go's zero time, the first of January of the year 1. */
export const ZERO_UNIX_SECONDS = -62_135_596_800n;

/** An instant as a calendar and a clock show it in its zone. */
export interface Calendar {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly nanosecond: number;
  /** 0 is Sunday. */
  readonly weekday: number;
  /** 1 to 366. */
  readonly yearDay: number;
  readonly offsetSeconds: number;
  readonly zoneName: string;
}

function floorDivide(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return a % b < 0n ? quotient - 1n : quotient;
}

/** Whole seconds since 1970, rounded down. */
export function unixSeconds({ unixNano }: Instant): bigint {
  return floorDivide(unixNano, NANOS_PER_SECOND);
}

/** Year, month, day, clock and weekday of an instant, in its zone. */
export function calendarOf(instant: Instant): Calendar {
  const seconds = unixSeconds(instant);
  const nanosecond = Number(instant.unixNano - seconds * NANOS_PER_SECOND);
  const { offsetSeconds, name } = zoneAt(instant.zone, Number(seconds));
  const local = seconds + BigInt(offsetSeconds);
  const days = floorDivide(local, 86_400n);
  const ofDay = Number(local - days * 86_400n);
  const { year, month, day } = civilOf(Number(days));
  const yearDay = Number(days) - daysOf(year, 1, 1) + 1;
  return {
    year,
    month,
    day,
    hour: Math.floor(ofDay / 3600),
    minute: Math.floor((ofDay % 3600) / 60),
    second: ofDay % 60,
    nanosecond,
    weekday: (((Number(days) + 4) % 7) + 7) % 7,
    yearDay,
    offsetSeconds,
    zoneName: name,
  };
}

/** Days since 1970 of a date of the proleptic Gregorian calendar; months and days may overflow. */
export function daysOf(year: number, month: number, day: number): number {
  const months = month - 1;
  const y = year + Math.floor(months / 12);
  const m = (((months % 12) + 12) % 12) + 1;
  const shifted = m <= 2 ? y - 1 : y;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (m + (m > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra =
    yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

function civilOf(days: number): { year: number; month: number; day: number } {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day };
}

/** Whether a year has a 29th of February. */
export function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/** Days of a month. */
export function daysIn(month: number, year: number): number {
  return month === 2 && isLeap(year)
    ? 29
    : ([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 31);
}

export const MONTHS: readonly string[] = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
export const WEEKDAYS: readonly string[] = [
  'Sunday',
  'Monday',
  'Tuesday',
  'Wednesday',
  'Thursday',
  'Friday',
  'Saturday',
];
