// SPDX-License-Identifier: Apache-2.0

/**
 * Semantic versions as Masterminds reads, prints and compares them.
 *
 * Source: github.com/Masterminds/semver/v3 v3.5.0 version.go
 */

import { parseUint } from '../strconv/parse.ts';
import { byteLength } from '../text/text.ts';
import { SemverError } from './errors.ts';

const MAX_BYTES = 256;
const MAX_UINT64 = 0xffffffffffffffffn;

/** A version; `original` is the text it was read from. */
export class Version {
  readonly major: bigint;
  readonly minor: bigint;
  readonly patch: bigint;
  /** Without the `-`; empty: a release. */
  readonly prerelease: string;
  /** Without the `+`. */
  readonly metadata: string;
  readonly original: string;

  constructor(
    core: readonly [major: bigint, minor: bigint, patch: bigint],
    prerelease: string,
    metadata: string,
    original?: string,
  ) {
    [this.major, this.minor, this.patch] = core;
    this.prerelease = prerelease;
    this.metadata = metadata;
    this.original = original ?? this.toString();
  }

  /** Normalised: three numbers, no `v`. */
  toString(): string {
    const prerelease = this.prerelease === '' ? '' : `-${this.prerelease}`;
    const metadata = this.metadata === '' ? '' : `+${this.metadata}`;
    return `${this.major}.${this.minor}.${this.patch}${prerelease}${metadata}`;
  }

  /** -1, 0 or 1; metadata does not count. */
  compare(other: Version): number {
    return (
      compareNumbers(this.major, other.major) ||
      compareNumbers(this.minor, other.minor) ||
      compareNumbers(this.patch, other.patch) ||
      compareReleases(this.prerelease, other.prerelease)
    );
  }

  /** The release of a prerelease, or the next patch. @throws {SemverError} on overflow */
  incPatch(): Version {
    const isRelease = this.prerelease === '';
    const patch = isRelease ? next(this.patch, 'patch') : this.patch;
    return this.#with([this.major, this.minor, patch], '', '');
  }

  /** @throws {SemverError} on overflow */
  incMinor(): Version {
    return this.#with([this.major, next(this.minor, 'minor'), 0n], '', '');
  }

  /** @throws {SemverError} on overflow */
  incMajor(): Version {
    return this.#with([next(this.major, 'major'), 0n, 0n], '', '');
  }

  /** @throws {SemverError} for identifiers that are none */
  setPrerelease(prerelease: string): Version {
    if (prerelease !== '') checkPrerelease(prerelease);
    return this.#with([this.major, this.minor, this.patch], prerelease, this.metadata);
  }

  /** @throws {SemverError} for identifiers that are none */
  setMetadata(metadata: string): Version {
    if (metadata !== '') checkMetadata(metadata);
    return this.#with([this.major, this.minor, this.patch], this.prerelease, metadata);
  }

  #with(core: readonly [bigint, bigint, bigint], prerelease: string, metadata: string): Version {
    const plain = new Version(core, prerelease, metadata);
    const prefix = this.original.startsWith('v') ? 'v' : '';
    return new Version(core, prerelease, metadata, prefix + plain.original);
  }
}

function next(part: bigint, name: string): bigint {
  if (part === MAX_UINT64) {
    throw new SemverError(`${name} version increment would overflow uint64`);
  }
  return part + 1n;
}

const LOOSE =
  /^v?([0-9]+)(?:\.([0-9]+))?(?:\.([0-9]+))?(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?$/;

/**
 * Reads a version generously: a `v` before it, missing parts and leading zeros in the numbers are allowed.
 *
 * @throws {SemverError} `gocompat/semver`: Go's text
 */
export function newVersion(text: string): Version {
  checkLength(text);
  const match = LOOSE.exec(text);
  if (match === null) throw new SemverError('invalid semantic version');
  const [, major = '', minor = '0', patch = '0', prerelease = '', metadata = ''] = match;
  const core = [looseNumber(major), looseNumber(minor), looseNumber(patch)] as const;
  if (prerelease !== '') checkPrerelease(prerelease);
  if (metadata !== '') checkMetadata(metadata);
  return new Version(core, prerelease, metadata, text);
}

/**
 * Reads a version to the letter: three numbers, no `v`, no leading zeros.
 *
 * @throws {SemverError} `gocompat/semver`: Go's text
 */
export function strictNewVersion(text: string): Version {
  if (text === '') throw new SemverError('version string empty');
  checkLength(text);
  const [major, minor, ...others] = text.split('.');
  if (major === undefined || minor === undefined || others.length === 0) {
    throw new SemverError('invalid semantic version');
  }
  const [beforeMetadata, metadata] = cut(others.join('.'), '+');
  if (metadata !== undefined) checkMetadata(metadata);
  const [patch, prerelease] = cut(beforeMetadata, '-');
  if (prerelease !== undefined) checkPrerelease(prerelease);
  for (const part of [major, minor, patch]) {
    if (!isNumeric(part)) throw new SemverError('invalid characters in version');
    if (hasLeadingZero(part)) throw new SemverError('version segment starts with 0');
  }
  const core = [strictNumber(major), strictNumber(minor), strictNumber(patch)] as const;
  return new Version(core, prerelease ?? '', metadata ?? '', text);
}

function checkLength(text: string): void {
  if (byteLength(text) > MAX_BYTES) {
    throw new SemverError(`version string is too long (max ${MAX_BYTES} bytes)`);
  }
}

function cut(text: string, separator: string): [before: string, after: string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

function looseNumber(text: string): bigint {
  try {
    return parseUint(text, 10, 64);
  } catch (error) {
    throw new SemverError(`error parsing version segment: ${messageOf(error)}`, { cause: error });
  }
}

function strictNumber(text: string): bigint {
  try {
    return parseUint(text, 10, 64);
  } catch (error) {
    throw new SemverError(messageOf(error), { cause: error });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function isNumeric(text: string): boolean {
  return /^[0-9]*$/.test(text);
}

function hasLeadingZero(text: string): boolean {
  return text.length > 1 && text.startsWith('0');
}

const IDENTIFIER = /^[0-9A-Za-z-]+$/;

function checkPrerelease(prerelease: string): void {
  for (const part of prerelease.split('.')) {
    if (!IDENTIFIER.test(part)) throw new SemverError('invalid prerelease string');
    if (isNumeric(part) && hasLeadingZero(part)) {
      throw new SemverError('version segment starts with 0');
    }
  }
}

function checkMetadata(metadata: string): void {
  if (metadata.split('.').every((part) => IDENTIFIER.test(part))) return;
  throw new SemverError('invalid metadata string');
}

function compareNumbers(a: bigint, b: bigint): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function compareReleases(a: string, b: string): number {
  if (a === b) return 0;
  if (a === '') return 1;
  if (b === '') return -1;
  return comparePrereleases(a, b);
}

/** Compares the parts between dots; numbers come before words, fewer parts before more. */
export function comparePrereleases(a: string, b: string): number {
  const left = a.split('.');
  const right = b.split('.');
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const order = compareParts(left[i] ?? '', right[i] ?? '');
    if (order !== 0) return order;
  }
  return 0;
}

function compareParts(a: string, b: string): number {
  if (a === b) return 0;
  if (a === '') return -1;
  if (b === '') return 1;
  const left = numberOf(a);
  const right = numberOf(b);
  if (left === undefined && right === undefined) return a > b ? 1 : -1;
  if (right === undefined) return -1;
  if (left === undefined) return 1;
  return left > right ? 1 : -1;
}

/** A uint64, or `undefined`: longer numbers compare as words. */
function numberOf(part: string): bigint | undefined {
  if (part === '' || !isNumeric(part)) return undefined;
  const number = BigInt(part);
  return number <= MAX_UINT64 ? number : undefined;
}
