// SPDX-License-Identifier: Apache-2.0

/** TOML text as values: integers are int64, dates `time.Time`. Source: BurntSushi/toml v1.6.0; parsed by smol-toml. */

import { parse, TomlError as SyntaxProblem, TomlDate, type TomlValue } from 'smol-toml';
import { typedTime } from '../time/types.ts';
import type { Zone } from '../time/zone.ts';
import { int64, type Value, type ValueMap } from '../value/value.ts';
import { TomlError } from './errors.ts';

/** @throws {TomlError} `gocompat/toml` */
export function decodeToml(text: string): ValueMap {
  try {
    return convertTable(parse(text, { integersAsBigInt: true }));
  } catch (error) {
    if (!(error instanceof SyntaxProblem)) throw error;
    const reason = (error.message.split('\n')[0] ?? '').replace(/^Invalid TOML document: /, '');
    throw new TomlError(`toml: line ${error.line}: ${reason}`, { cause: error });
  }
}

type Parsed = TomlValue;

function convertTable(table: Readonly<Record<string, Parsed>>): ValueMap {
  return new Map(Object.entries(table).map(([key, value]) => [key, convert(value)]));
}

function convert(value: Parsed): Value {
  if (typeof value === 'bigint') return int64(value);
  if (value instanceof TomlDate) return convertDate(value);
  if (Array.isArray(value)) return value.map(convert);
  return typeof value === 'object' ? convertTable(value) : value;
}

/** Dates and times without a zone are local ones, named as BurntSushi names them. */
function convertDate(date: TomlDate): Value {
  const iso = date.toISOString();
  const offset = /([+-])([0-9]{2}):([0-9]{2})$/.exec(iso);
  let zone: Zone = 'UTC';
  if (date.isDateTime() && !date.isLocal()) {
    if (offset !== null) {
      const seconds = (Number(offset[2]) * 60 + Number(offset[3])) * 60;
      zone = { offsetSeconds: offset[1] === '-' ? -seconds : seconds, name: '' };
    }
  } else {
    const name = date.isDate() ? 'date-local' : date.isTime() ? 'time-local' : 'datetime-local';
    zone = { offsetSeconds: 0, name };
  }
  return typedTime({ unixNano: BigInt(date.getTime()) * 1_000_000n, zone });
}
