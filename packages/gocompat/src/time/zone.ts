// SPDX-License-Identifier: Apache-2.0

/** Time zones by IANA name, through Intl; a fixed offset is a zone, too. */

/** A zone: an IANA name (`UTC`, `Europe/Berlin`) or a fixed offset with the abbreviation it prints. */
export type Zone = string | { readonly offsetSeconds: number; readonly name: string };

export interface ZoneMoment {
  readonly offsetSeconds: number;
  /** What `MST` in a layout prints. */
  readonly name: string;
}

/** A zone that is not known; the message is Go's. */
export class ZoneError extends Error {
  readonly code = 'gocompat/zone';
  readonly retry = 'terminal';
}

const formatters = new Map<string, Intl.DateTimeFormat>();

/** `time.LoadLocation`. @throws {ZoneError} `gocompat/zone` */
export function loadZone(name: string): Zone {
  if (name === '' || name === 'UTC') return 'UTC';
  try {
    formatterOf(name);
    return name;
  } catch (cause) {
    throw new ZoneError(`unknown time zone ${name}`, { cause });
  }
}

function formatterOf(name: string): Intl.DateTimeFormat {
  const hit = formatters.get(name);
  if (hit !== undefined) return hit;
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone: name,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
    era: 'short',
  });
  formatters.set(name, made);
  return made;
}

/** Offset and abbreviation of a zone at an instant, in seconds since 1970. */
export function zoneAt(zone: Zone, unixSeconds: number): ZoneMoment {
  if (typeof zone !== 'string') return zone;
  if (zone === 'UTC') return { offsetSeconds: 0, name: 'UTC' };
  const date = new Date(unixSeconds * 1000);
  const parts = new Map(
    formatterOf(zone)
      .formatToParts(date)
      .map(({ type, value }) => [type, value]),
  );
  const field = (name: Intl.DateTimeFormatPartTypes) => Number(parts.get(name));
  const year = parts.get('era') === 'BC' ? 1 - field('year') : field('year');
  const local = Date.UTC(
    2000,
    field('month') - 1,
    field('day'),
    field('hour'),
    field('minute'),
    field('second'),
  );
  const shifted = new Date(local);
  shifted.setUTCFullYear(year, field('month') - 1, field('day'));
  const offsetSeconds = Math.round(shifted.getTime() / 1000) - unixSeconds;
  return { offsetSeconds, name: abbreviation(zone, date, offsetSeconds) };
}

function abbreviation(zone: string, date: Date, offsetSeconds: number): string {
  for (const locale of ['en-US', 'en-GB', 'en-AU']) {
    const name = new Intl.DateTimeFormat(locale, { timeZone: zone, timeZoneName: 'short' })
      .formatToParts(date)
      .find(({ type }) => type === 'timeZoneName')?.value;
    if (name !== undefined && !/^(?:GMT|UTC)[+-]/.test(name)) return name;
  }
  const minutes = Math.round(Math.abs(offsetSeconds) / 60);
  const hours = String(Math.floor(minutes / 60)).padStart(2, '0');
  const rest = minutes % 60 === 0 ? '' : String(minutes % 60).padStart(2, '0');
  return `${offsetSeconds < 0 ? '-' : '+'}${hours}${rest}`;
}

/** The offset that a wall clock time has in a zone; of two, the earlier instant, as Go guesses. */
export function offsetOfLocal(zone: Zone, localSeconds: number): number {
  if (typeof zone !== 'string') return zone.offsetSeconds;
  const first = zoneAt(zone, localSeconds).offsetSeconds;
  const unix = localSeconds - first;
  const second = zoneAt(zone, unix).offsetSeconds;
  if (second === first) return first;
  const before = zoneAt(zone, localSeconds - second).offsetSeconds;
  return before === second ? second : first;
}
