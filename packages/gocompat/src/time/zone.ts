// SPDX-License-Identifier: Apache-2.0

/** Time zones by IANA name, through Intl; a fixed offset is a zone, too. */

import { ZoneError } from './zone-error.ts';
import { abbreviationOf, isZoneName, offsetsOfName } from './zone-names.ts';

/** A zone: an IANA name (`UTC`, `Europe/Berlin`) or a fixed offset with the abbreviation it prints. */
export type Zone = string | { readonly offsetSeconds: number; readonly name: string };

export interface ZoneMoment {
  readonly offsetSeconds: number;
  /** What `MST` in a layout prints. */
  readonly name: string;
}

const formatters = new Map<string, Intl.DateTimeFormat>();

/** `time.LoadLocation`. @throws {ZoneError} `gocompat/zone` */
export function loadZone(name: string): Zone {
  if (name === '' || name === 'UTC') return 'UTC';
  // `Local` is UTC: a rendering must not depend on the machine.
  if (name === 'Local') return 'UTC';
  if (/^[/\\]|\.\./.test(name)) throw new ZoneError('time: invalid location name');
  if (!isZoneName(name)) throw new ZoneError(`unknown time zone ${name}`);
  formatterOf(name);
  return name;
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
  return { offsetSeconds, name: abbreviationOf(zone, unixSeconds, offsetSeconds) };
}

/** The offset that a wall clock time has in a zone. Source: Go 1.26 time/time.go (Date). */
export function offsetOfLocal(zone: Zone, localSeconds: number): number {
  if (typeof zone !== 'string') return zone.offsetSeconds;
  const guess = zoneAt(zone, localSeconds).offsetSeconds;
  return guess === 0 ? 0 : zoneAt(zone, localSeconds - guess).offsetSeconds;
}

/**
 * The offset an abbreviation has in a zone: one in use at that time if there is one.
 *
 * Source: Go 1.26 time/zoneinfo.go (lookupName)
 * @returns `undefined` when the zone never used it
 */
export function offsetOfName(zone: Zone, name: string, localSeconds: number): number | undefined {
  if (typeof zone !== 'string') return zone.name === name ? zone.offsetSeconds : undefined;
  if (zone === 'UTC') return name === 'UTC' ? 0 : undefined;
  const offsets = offsetsOfName(zone, name);
  const isInUse = (offset: number) => zoneAt(zone, localSeconds - offset).name === name;
  const found = offsets.find(isInUse);
  return found === undefined ? offsets[0] : zoneAt(zone, localSeconds - found).offsetSeconds;
}
