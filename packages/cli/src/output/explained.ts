// SPDX-License-Identifier: Apache-2.0

/** Values with where they came from and what they overrode. */

import {
  type Chart,
  type ExplainedValue,
  explainValues,
  type Profile,
  processDependencies,
  type ValuesLayer,
  valuePath,
} from '@helm-operator/chart';
import { encodeJson, int, type Value, type ValueMap } from '@helm-operator/gocompat';
import { UsageError } from '../context.ts';

/** A chart and what the user says to it. */
export interface ExplainInput {
  readonly chart: Chart;
  readonly values: ValueMap;
  readonly layers: readonly ValuesLayer[];
  readonly profile: Profile;
}

/**
 * @param path `image.tag`, with or without `.Values.` before; `\.` is a dot of a key; empty: all
 * @throws {UsageError} no value has that path
 */
export function explainPath(
  path: string,
  { chart, values, layers, profile }: ExplainInput,
): readonly ExplainedValue[] {
  const prefix = valuePath(path);
  const enabled = processDependencies(chart, values, { profile });
  const found = explainValues(enabled, layers, prefix, { profile });
  if (found.length === 0) throw new UsageError(`no value has the path ${path}`);
  return found;
}

function printPath(path: readonly string[]): string {
  return path.map((part) => part.replace(/[\\.]/g, '\\$&')).join('.');
}

function printOrigin({ origin, line }: Pick<ExplainedValue, 'origin' | 'line'>): string {
  return line === undefined ? origin : `${origin}, line ${line}`;
}

const HIDDEN = '(hidden)';

/** A block for each value: what it is, where it came from, what gave way. */
export function printExplained(values: readonly ExplainedValue[]): string {
  return values
    .map((explained) => {
      const { path, value, overridden } = explained;
      const shown = explained.isSecret ? HIDDEN : encodeJson(value);
      const lines = overridden.map((source) => {
        const said = source.isSecret ? HIDDEN : encodeJson(source.value ?? null);
        return `  overrides ${printOrigin(source)}: ${said}\n`;
      });
      return `${printPath(path)}: ${shown}\n  from ${printOrigin(explained)}\n${lines.join('')}`;
    })
    .join('');
}

/** The same as data. */
export function explainedValue(values: readonly ExplainedValue[]): Value {
  return values.map(
    (explained) =>
      new Map<string, Value>([
        ['path', printPath(explained.path)],
        ['value', explained.isSecret ? HIDDEN : explained.value],
        ...originMembers(explained),
        [
          'overrides',
          explained.overridden.map(
            (source) =>
              new Map<string, Value>([
                ['value', source.isSecret ? HIDDEN : (source.value ?? null)],
                ...originMembers(source),
              ]),
          ),
        ],
      ]),
  );
}

function originMembers({
  origin,
  line,
}: Pick<ExplainedValue, 'origin' | 'line'>): readonly (readonly [string, Value])[] {
  return [['origin', origin], ...(line === undefined ? [] : [['line', int(line)] as const])];
}
