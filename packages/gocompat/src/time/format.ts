// SPDX-License-Identifier: Apache-2.0

import { type Calendar, calendarOf, type Instant, MONTHS, WEEKDAYS } from './instant.ts';
import { type LayoutPart, layoutParts } from './layout.ts';

/** `time.Time.Format`. Source: Go 1.26 time/format.go. */
export function formatInstant(instant: Instant, layout: string): string {
  const calendar = calendarOf(instant);
  return layoutParts(layout)
    .map((part) => printPart(part, calendar))
    .join('');
}

function printPart(part: LayoutPart, calendar: Calendar): string {
  if (part.kind === 'literal') return part.text;
  if (part.kind === 'element') return printElement(part.text, calendar);
  const digits = String(calendar.nanosecond).padStart(9, '0').slice(0, part.digits);
  if (!part.isTrimmed) return part.text.charAt(0) + digits.padEnd(part.digits, '0');
  const trimmed = digits.replace(/0+$/, '');
  return trimmed === '' ? '' : part.text.charAt(0) + trimmed;
}

const two = (value: number) => String(value).padStart(2, '0');
const blank = (value: number, width: number) => String(value).padStart(width, ' ');

function printElement(element: string, calendar: Calendar): string {
  const { year, month, day, hour, minute, second } = calendar;
  const hour12 = hour % 12 === 0 ? 12 : hour % 12;
  switch (element) {
    case '2006':
      return year < 0 ? `-${String(-year).padStart(4, '0')}` : String(year).padStart(4, '0');
    case '06':
      return two(Math.abs(year % 100));
    case 'January':
      return MONTHS[month - 1] ?? '';
    case 'Jan':
      return (MONTHS[month - 1] ?? '').slice(0, 3);
    case '01':
      return two(month);
    case '1':
      return String(month);
    case 'Monday':
      return WEEKDAYS[calendar.weekday] ?? '';
    case 'Mon':
      return (WEEKDAYS[calendar.weekday] ?? '').slice(0, 3);
    case '02':
      return two(day);
    case '_2':
      return blank(day, 2);
    case '2':
      return String(day);
    case '__2':
      return blank(calendar.yearDay, 3);
    case '002':
      return String(calendar.yearDay).padStart(3, '0');
    case '15':
      return two(hour);
    case '03':
      return two(hour12);
    case '3':
      return String(hour12);
    case '04':
      return two(minute);
    case '4':
      return String(minute);
    case '05':
      return two(second);
    case '5':
      return String(second);
    case 'PM':
      return hour >= 12 ? 'PM' : 'AM';
    case 'pm':
      return hour >= 12 ? 'pm' : 'am';
    case 'MST':
      return calendar.zoneName === '' ? numericZone(calendar.offsetSeconds) : calendar.zoneName;
    default:
      return printOffset(element, calendar.offsetSeconds);
  }
}

function numericZone(offsetSeconds: number): string {
  const minutes = Math.trunc(Math.abs(offsetSeconds) / 60);
  const hours = two(Math.floor(minutes / 60));
  return `${offsetSeconds < 0 ? '-' : '+'}${hours}${two(minutes % 60)}`;
}

function printOffset(element: string, offsetSeconds: number): string {
  if (element.startsWith('Z') && offsetSeconds === 0) return 'Z';
  const magnitude = Math.abs(offsetSeconds);
  const colon = element.includes(':') ? ':' : '';
  const digits = element.replaceAll(/[^0-9]/g, '').length;
  let text = (offsetSeconds < 0 ? '-' : '+') + two(Math.floor(magnitude / 3600));
  if (digits >= 4) text += colon + two(Math.floor((magnitude % 3600) / 60));
  if (digits >= 6) text += colon + two(magnitude % 60);
  return text;
}
