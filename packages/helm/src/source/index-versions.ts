// SPDX-License-Identifier: Apache-2.0

/** The versions of one chart in an index: which count, in which order, and which one is taken. Source: helm v3.22.0 pkg/repo/index.go. */

import { ChartError, readMetadata, validateMetadata } from '@helm-operator/chart';
import {
  type Constraints,
  newConstraint,
  newVersion,
  quote,
  type Value,
  type ValueMap,
  type Version,
} from '@helm-operator/gocompat';

/** One version of a chart as the index has it. */
export interface IndexVersion {
  readonly version: string;
  readonly urls: readonly string[];
  /** Hex digits, with or without `sha256:`; empty for none. */
  readonly digest: string;
  /** RFC 3339; empty for none. */
  readonly created: string;
}

/** The versions that Helm would use, and what it says of the others. */
export interface ReadVersions {
  readonly versions: readonly IndexVersion[];
  readonly skipped: readonly string[];
}

const TOLERATED = 'validation: more than one dependency with name or alias';

/** @param values entries of one chart, of the right shape @param source for the messages */
export function readVersions(
  chart: string,
  values: readonly Value[],
  source: string,
): ReadVersions {
  const versions: IndexVersion[] = [];
  const skipped: string[] = [];
  for (const value of values) {
    const reason = value instanceof Map ? faultOf(value) : 'empty entry';
    if (reason === undefined && value instanceof Map) versions.push(versionOf(value));
    else {
      const version = value instanceof Map ? ` ${quote(textAt(value, 'version'))}` : '';
      skipped.push(
        `skipping loading invalid entry for chart ${quote(chart)}${version} from ${source}: ${reason}`,
      );
    }
  }
  return { versions, skipped };
}

function faultOf(value: ValueMap): string | undefined {
  try {
    const raw = readMetadata(value);
    validateMetadata({ ...raw, apiVersion: raw.apiVersion === '' ? 'v1' : raw.apiVersion });
    return undefined;
  } catch (error) {
    if (!(error instanceof ChartError)) throw error;
    return error.message.startsWith(TOLERATED) ? undefined : error.message;
  }
}

function versionOf(value: ValueMap): IndexVersion {
  const urls = fieldOf(value, 'urls');
  return {
    version: textAt(value, 'version'),
    urls: Array.isArray(urls) ? urls.map(textOf) : [],
    digest: textAt(value, 'digest'),
    created: textAt(value, 'created'),
  };
}

const textAt = (value: ValueMap, field: string): string => textOf(fieldOf(value, field));

/** By its name, else by its name in any case: as Go reads JSON. */
function fieldOf(value: ValueMap, field: string): Value {
  const exact = value.get(field);
  if (exact !== undefined) return exact;
  for (const [key, held] of value) if (key.toLowerCase() === field) return held;
  return null;
}

/** As YAML's other scalars become text. */
function textOf(value: Value): string {
  if (typeof value === 'string') return value;
  return value === null ? '' : String(value);
}

/** The newest first; texts that are no version come last. Equal ones keep their order (in Helm it is any). */
export function sortVersions(versions: readonly IndexVersion[]): IndexVersion[] {
  const parsed = versions.map((entry) => ({ entry, version: tryVersion(entry.version) }));
  parsed.sort((a, b) => {
    if (a.version === undefined || b.version === undefined) {
      return Number(a.version === undefined) - Number(b.version === undefined);
    }
    return b.version.compare(a.version);
  });
  return parsed.map(({ entry }) => entry);
}

function tryVersion(text: string): Version | undefined {
  try {
    return newVersion(text);
  } catch {
    return undefined;
  }
}

/**
 * The version that Helm takes: the same text first, else the newest in the range; an empty range leaves prereleases out.
 *
 * @param versions sorted
 * @throws {Error} semver's: `wanted` is no range, even where a version has that very text
 */
export function chooseVersion(
  versions: readonly IndexVersion[],
  wanted: string,
): IndexVersion | undefined {
  const constraint: Constraints = newConstraint(wanted === '' ? '*' : wanted);
  const exact = wanted === '' ? undefined : versions.find(({ version }) => version === wanted);
  return (
    exact ??
    versions.find(({ version }) => {
      const parsed = tryVersion(version);
      return parsed !== undefined && constraint.check(parsed);
    })
  );
}
