// SPDX-License-Identifier: Apache-2.0

/**
 * Dates and durations.
 *
 * Source:  Masterminds/sprig v3.3.0 date.go, over Go 1.26 time
 * Differs: `now` carries no reading of a monotonic clock, which Go prints as `m=+0.01` behind a time.
 */

import {
  addNanos,
  DurationError,
  difference,
  formatDuration,
  formatInstant,
  type Instant,
  Int,
  instantOf,
  loadZone,
  parseDuration,
  parseInstant,
  roundDuration,
  TimeParseError,
  Typed,
  timeType,
  typedTime,
  types,
  unixSeconds,
  type Value,
  type Zone,
  ZoneError,
} from '@helm-operator/gocompat';
import type { TemplateFunction } from '@helm-operator/gotemplate';
import { parseDecimal } from './cast.ts';
import { alias, define } from './define.ts';
import type { FunctionPorts } from './ports.ts';

const string = types.string;
const SECOND = 1_000_000_000n;
const MINUTE = 60n * SECOND;
const HOUR = 60n * MINUTE;
const DAY = 24n * HOUR;
const HTML_LAYOUT = '2006-01-02';

/** Go's `time.Time{}`. */
const ZERO_TIME: Instant = { unixNano: -62_135_596_800n * SECOND, zone: 'UTC' };

/** What `durationRound` prints, the longest first; a month has 30 days, a year 365. */
const ROUND_UNITS: readonly (readonly [nanos: bigint, unit: string])[] = [
  [365n * DAY, 'y'],
  [30n * DAY, 'mo'],
  [DAY, 'd'],
  [HOUR, 'h'],
  [MINUTE, 'm'],
  [SECOND, 's'],
];

function isTime(value: Value): value is Typed {
  return value instanceof Typed && value.type.name === timeType.name;
}

/** Go's `d, _ := time.ParseDuration(text)`. */
function durationOrZero(text: string): bigint {
  try {
    return parseDuration(text);
  } catch (error) {
    if (error instanceof DurationError) return 0n;
    throw error;
  }
}

/** Counts seconds as `time.Duration(n) * time.Second` does: it wraps. */
function duration(value: Value): string {
  let seconds = 0n;
  if (typeof value === 'string') seconds = parseDecimal(value);
  else if (value instanceof Int && value.kind === 'int64') seconds = value.value;
  return formatDuration(BigInt.asIntN(64, seconds * SECOND));
}

/** The dates of one rendering: its clock and its local zone. */
class Calendar {
  readonly #ports: FunctionPorts;

  constructor(ports: FunctionPorts) {
    this.#ports = ports;
  }

  now(): Instant {
    return { unixNano: this.#ports.now(), zone: this.#ports.localZone };
  }

  /** A date, or seconds since 1970 in one of `kinds`; everything else is now. */
  at(value: Value, kinds: readonly string[]): Instant {
    if (isTime(value)) return instantOf(value);
    if (value instanceof Int && kinds.includes(value.kind)) {
      return { unixNano: value.value * SECOND, zone: this.#ports.localZone };
    }
    return this.now();
  }

  format(layout: string, value: Value, zoneName: string): string {
    const { unixNano } = this.at(value, ['int64', 'int', 'int32']);
    return formatInstant({ unixNano, zone: this.#zone(zoneName) }, layout);
  }

  parse(layout: string, text: string): Instant {
    return parseInstant(layout, text, this.#ports.localZone);
  }

  ago(value: Value): string {
    const elapsed = difference(this.now(), this.at(value, ['int64', 'int']));
    return formatDuration(roundDuration(elapsed, SECOND));
  }

  roundedDuration(value: Value): string {
    const nanos = this.#nanosOf(value);
    const magnitude = nanos < 0n ? -nanos : nanos;
    for (const [size, unit] of ROUND_UNITS) {
      if (magnitude > size) return `${magnitude / size}${unit}`;
    }
    return '0s';
  }

  #nanosOf(value: Value): bigint {
    if (typeof value === 'string') return durationOrZero(value);
    if (value instanceof Int && value.kind === 'int64') return value.value;
    return isTime(value) ? difference(this.now(), instantOf(value)) : 0n;
  }

  #zone(name: string): Zone {
    if (name === 'Local') return this.#ports.localZone;
    try {
      return loadZone(name);
    } catch (error) {
      if (error instanceof ZoneError) return 'UTC';
      throw error;
    }
  }
}

function modified(by: string, date: Typed): Typed {
  return typedTime(addNanos(instantOf(date), parseDuration(by)));
}

function modifiedOrSame(by: string, date: Typed): Typed {
  try {
    return modified(by, date);
  } catch (error) {
    if (error instanceof DurationError) return date;
    throw error;
  }
}

function parsedOrZero(layout: string, text: string, calendar: Calendar): Instant {
  try {
    return calendar.parse(layout, text);
  } catch (error) {
    if (error instanceof TimeParseError) return ZERO_TIME;
    throw error;
  }
}

/** Functions that read the clock or the local zone. */
function calendarFunctions(calendar: Calendar): readonly TemplateFunction[] {
  const inZone = define('dateInZone', ['string', 'any', 'string'], string, (layout, date, zone) =>
    calendar.format(layout, date, zone),
  );
  return [
    define('now', [], timeType, () => typedTime(calendar.now())),
    define('ago', ['any'], string, (date) => calendar.ago(date)),
    define('date', ['string', 'any'], string, (layout, date) =>
      calendar.format(layout, date, 'Local'),
    ),
    inZone,
    ...alias(inZone, 'date_in_zone'),
    define('htmlDate', ['any'], string, (date) => calendar.format(HTML_LAYOUT, date, 'Local')),
    define('htmlDateInZone', ['any', 'string'], string, (date, zone) =>
      calendar.format(HTML_LAYOUT, date, zone),
    ),
    define('durationRound', ['any'], string, (value) => calendar.roundedDuration(value)),
    define('toDate', ['string', 'string'], timeType, (layout, text) =>
      typedTime(parsedOrZero(layout, text, calendar)),
    ),
    define('mustToDate', ['string', 'string'], timeType, (layout, text) =>
      typedTime(calendar.parse(layout, text)),
    ),
  ];
}

/** Sprig's functions over dates and durations. */
export function dateFunctions(ports: FunctionPorts): readonly TemplateFunction[] {
  const modify = define('dateModify', ['string', 'time'], timeType, modifiedOrSame);
  const mustModify = define('mustDateModify', ['string', 'time'], timeType, modified);
  return [
    ...calendarFunctions(new Calendar(ports)),
    modify,
    ...alias(modify, 'date_modify'),
    mustModify,
    ...alias(mustModify, 'must_date_modify'),
    define('duration', ['any'], string, duration),
    define('unixEpoch', ['time'], string, (date) => String(unixSeconds(instantOf(date)))),
  ];
}
