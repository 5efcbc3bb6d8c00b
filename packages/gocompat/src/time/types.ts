// SPDX-License-Identifier: Apache-2.0

/** `time.Time`, `time.Duration`, `time.Month` and `time.Weekday` as templates see them. Source: Go 1.26 time. */

import {
  type GoType,
  Int,
  int,
  int64,
  type Method,
  Typed,
  types,
  type Value,
} from '../value/value.ts';
import { formatDuration, roundDuration, roundToMultiple, truncateDuration } from './duration.ts';
import { formatInstant } from './format.ts';
import {
  type Calendar,
  calendarOf,
  daysOf,
  type Instant,
  MONTHS,
  NANOS_PER_SECOND,
  unixSeconds,
  WEEKDAYS,
  ZERO_UNIX_SECONDS,
} from './instant.ts';
import { offsetOfLocal } from './zone.ts';

/** `time.Time.String`. */
const STRING_LAYOUT = '2006-01-02 15:04:05.999999999 -0700 MST';
/** Go's layout of the same name. */
export const RFC3339_NANO = '2006-01-02T15:04:05.999999999Z07:00';

function method(
  result: GoType,
  call: (receiver: Typed, args: readonly Value[]) => Value,
  ...params: GoType[]
): Method {
  return { params, result, call };
}

function nanosOf(value: Value | undefined): bigint {
  const inner = value instanceof Typed ? (value.data as Value) : value;
  return inner instanceof Int ? inner.value : 0n;
}

function enumType(name: string, names: readonly string[], first: number): GoType {
  const base: GoType = { kind: 'int', name };
  return {
    ...base,
    methods: new Map([
      [
        'String',
        method(types.string, (receiver) => {
          const index = Number(nanosOf(receiver)) - first;
          return names[index] ?? `%!${name.slice(name.indexOf('.') + 1)}(${index + first})`;
        }),
      ],
    ]),
  };
}

const monthType: GoType = enumType('time.Month', MONTHS, 1);
const weekdayType: GoType = enumType('time.Weekday', WEEKDAYS, 0);

const durationMethods = new Map<string, Method>();
/** The type of a duration: an int64 of nanoseconds with methods. */
export const durationType: GoType = {
  kind: 'int64',
  name: 'time.Duration',
  methods: durationMethods,
};

/** A `time.Duration`. */
export function typedDuration(nanos: bigint): Typed {
  return new Typed(durationType, int64(nanos));
}

const seconds = (receiver: Typed, unit: number): number => {
  const nanos = nanosOf(receiver);
  const scale = BigInt(unit) * NANOS_PER_SECOND;
  return Number(nanos / scale) + Number(nanos % scale) / Number(scale);
};

durationMethods.set(
  'String',
  method(types.string, (receiver) => formatDuration(nanosOf(receiver))),
);
durationMethods.set(
  'Hours',
  method(types.float64, (receiver) => seconds(receiver, 3600)),
);
durationMethods.set(
  'Minutes',
  method(types.float64, (receiver) => seconds(receiver, 60)),
);
durationMethods.set(
  'Seconds',
  method(types.float64, (receiver) => seconds(receiver, 1)),
);
durationMethods.set(
  'Milliseconds',
  method(types.int64, (receiver) => int64(nanosOf(receiver) / 1_000_000n)),
);
durationMethods.set(
  'Microseconds',
  method(types.int64, (receiver) => int64(nanosOf(receiver) / 1_000n)),
);
durationMethods.set(
  'Nanoseconds',
  method(types.int64, (receiver) => int64(nanosOf(receiver))),
);
durationMethods.set(
  'Abs',
  method(durationType, (receiver) => {
    const nanos = nanosOf(receiver);
    return typedDuration(nanos < 0n ? -nanos : nanos);
  }),
);
durationMethods.set(
  'Round',
  method(
    durationType,
    (receiver, [unit]) => typedDuration(roundDuration(nanosOf(receiver), nanosOf(unit))),
    durationType,
  ),
);
durationMethods.set(
  'Truncate',
  method(
    durationType,
    (receiver, [unit]) => typedDuration(truncateDuration(nanosOf(receiver), nanosOf(unit))),
    durationType,
  ),
);

const timeMethods = new Map<string, Method>();
/** The type of an instant. Its data is an `Instant`. */
export const timeType: GoType = {
  kind: 'struct',
  name: 'time.Time',
  fields: [],
  methods: timeMethods,
};

/** A `time.Time`. */
export function typedTime(instant: Instant): Typed {
  return new Typed(timeType, instant);
}

/** The instant inside a `time.Time`. */
export function instantOf(value: Typed): Instant {
  return value.data as Instant;
}

const asTime = (value: Value | undefined): Instant =>
  value instanceof Typed
    ? instantOf(value)
    : { unixNano: ZERO_UNIX_SECONDS * NANOS_PER_SECOND, zone: 'UTC' };
const calendarField = (
  name: string,
  read: (calendar: Calendar) => Value,
  result: GoType = types.int,
) =>
  timeMethods.set(
    name,
    method(result, (receiver) => read(calendarOf(instantOf(receiver)))),
  );

calendarField('Year', ({ year }) => int(year));
calendarField('Month', ({ month }) => new Typed(monthType, int(month)), monthType);
calendarField('Day', ({ day }) => int(day));
calendarField('Hour', ({ hour }) => int(hour));
calendarField('Minute', ({ minute }) => int(minute));
calendarField('Second', ({ second }) => int(second));
calendarField('Nanosecond', ({ nanosecond }) => int(nanosecond));
calendarField('Weekday', ({ weekday }) => new Typed(weekdayType, int(weekday)), weekdayType);
calendarField('YearDay', ({ yearDay }) => int(yearDay));
timeMethods.set(
  'Format',
  method(
    types.string,
    (receiver, [layout]) => formatInstant(instantOf(receiver), String(layout)),
    types.string,
  ),
);
timeMethods.set(
  'String',
  method(types.string, (receiver) => formatInstant(instantOf(receiver), STRING_LAYOUT)),
);
timeMethods.set(
  'MarshalJSON',
  method(types.bytes, (receiver) => `"${formatInstant(instantOf(receiver), RFC3339_NANO)}"`),
);
timeMethods.set(
  'Unix',
  method(types.int64, (receiver) => int64(unixSeconds(instantOf(receiver)))),
);
timeMethods.set(
  'UnixNano',
  method(types.int64, (receiver) => int64(instantOf(receiver).unixNano)),
);
timeMethods.set(
  'UnixMilli',
  method(types.int64, (receiver) => int64(floor(instantOf(receiver).unixNano, 1_000_000n))),
);
timeMethods.set(
  'UnixMicro',
  method(types.int64, (receiver) => int64(floor(instantOf(receiver).unixNano, 1_000n))),
);
timeMethods.set(
  'IsZero',
  method(
    types.bool,
    (receiver) => instantOf(receiver).unixNano === ZERO_UNIX_SECONDS * NANOS_PER_SECOND,
  ),
);
timeMethods.set(
  'UTC',
  method(timeType, (receiver) => typedTime({ ...instantOf(receiver), zone: 'UTC' })),
);
timeMethods.set(
  'Add',
  method(
    timeType,
    (receiver, [duration]) => typedTime(addNanos(instantOf(receiver), nanosOf(duration))),
    durationType,
  ),
);
timeMethods.set(
  'Sub',
  method(
    durationType,
    (receiver, [other]) => typedDuration(difference(instantOf(receiver), asTime(other))),
    timeType,
  ),
);
timeMethods.set(
  'AddDate',
  method(
    timeType,
    (receiver, [years, months, days]) =>
      typedTime(
        addDate(instantOf(receiver), {
          years: Number(nanosOf(years)),
          months: Number(nanosOf(months)),
          days: Number(nanosOf(days)),
        }),
      ),
    types.int,
    types.int,
    types.int,
  ),
);
timeMethods.set(
  'Before',
  method(
    types.bool,
    (receiver, [other]) => instantOf(receiver).unixNano < asTime(other).unixNano,
    timeType,
  ),
);
timeMethods.set(
  'After',
  method(
    types.bool,
    (receiver, [other]) => instantOf(receiver).unixNano > asTime(other).unixNano,
    timeType,
  ),
);
timeMethods.set(
  'Equal',
  method(
    types.bool,
    (receiver, [other]) => instantOf(receiver).unixNano === asTime(other).unixNano,
    timeType,
  ),
);
timeMethods.set(
  'Truncate',
  method(
    timeType,
    (receiver, [unit]) =>
      typedTime(toMultiple(instantOf(receiver), nanosOf(unit), truncateDuration)),
    durationType,
  ),
);
timeMethods.set(
  'Round',
  method(
    timeType,
    (receiver, [unit]) =>
      typedTime(toMultiple(instantOf(receiver), nanosOf(unit), roundToMultiple)),
    durationType,
  ),
);

function floor(value: bigint, unit: bigint): bigint {
  return value % unit < 0n ? value / unit - 1n : value / unit;
}

/** `Time.Add`. */
export function addNanos(instant: Instant, nanos: bigint): Instant {
  return { ...instant, unixNano: instant.unixNano + nanos };
}

const MAX_INT64 = 2n ** 63n - 1n;

/** `Time.Sub`, kept inside an int64. */
export function difference(a: Instant, b: Instant): bigint {
  const nanos = a.unixNano - b.unixNano;
  if (nanos > MAX_INT64) return MAX_INT64;
  return nanos < -MAX_INT64 - 1n ? -MAX_INT64 - 1n : nanos;
}

/** Multiples count from Go's zero time. */
function toMultiple(
  instant: Instant,
  unit: bigint,
  round: (nanos: bigint, unit: bigint) => bigint,
): Instant {
  const zero = ZERO_UNIX_SECONDS * NANOS_PER_SECOND;
  return unit <= 0n
    ? instant
    : { ...instant, unixNano: round(instant.unixNano - zero, unit) + zero };
}

/** `Time.AddDate`: calendar arithmetic, days that overflow go on into the next month. */
export function addDate(
  instant: Instant,
  by: { years: number; months: number; days: number },
): Instant {
  const { year, month, day, hour, minute, second, nanosecond } = calendarOf(instant);
  const local =
    daysOf(year + by.years, month + by.months, 1) * 86_400 +
    (day - 1 + by.days) * 86_400 +
    hour * 3600 +
    minute * 60 +
    second;
  const unix = local - offsetOfLocal(instant.zone, local);
  return { ...instant, unixNano: BigInt(unix) * NANOS_PER_SECOND + BigInt(nanosecond) };
}
