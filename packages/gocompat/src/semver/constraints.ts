// SPDX-License-Identifier: Apache-2.0

/**
 * Version constraints as Masterminds checks them.
 *
 * Source: github.com/Masterminds/semver/v3 v3.5.0 constraints.go
 */

import { quote } from '../strconv/quote.ts';
import { byteLength } from '../text/text.ts';
import { type ConstraintText, readGroup, rewriteRanges } from './constraint-text.ts';
import { SemverError } from './errors.ts';
import { comparePrereleases, newVersion, type Version } from './version.ts';

const MAX_BYTES = 512;
const MAX_GROUPS = 32;

/** One operator with its version; parts left open are 0 there, and `dirty`. */
interface Constraint {
  readonly version: Version;
  readonly text: string;
  readonly operator: string;
  readonly isDirty: boolean;
  readonly isMinorDirty: boolean;
  readonly isPatchDirty: boolean;
}

interface Group {
  readonly constraints: readonly Constraint[];
  /** Prereleases can only match where a constraint of the group names one. */
  readonly hasPrerelease: boolean;
}

/** Groups of constraints; a version must meet all of one group. */
export class Constraints {
  readonly #groups: readonly Group[];

  constructor(groups: readonly Group[]) {
    this.#groups = groups;
  }

  check(version: Version): boolean {
    return this.#groups.some((group) =>
      group.constraints.every((constraint) => violation(version, constraint, group) === ''),
    );
  }

  /** Why a version does not match, in Masterminds' words; empty where it does. */
  validate(version: Version): readonly string[] {
    const problems: string[] = [];
    let isPrereleaseNamed = false;
    for (const group of this.#groups) {
      let matches = true;
      for (const constraint of group.constraints) {
        const problem = violation(version, constraint, group);
        if (problem === '') continue;
        matches = false;
        if (!group.hasPrerelease && version.prerelease !== '') {
          if (isPrereleaseNamed) continue;
          isPrereleaseNamed = true;
        }
        problems.push(problem);
      }
      if (matches) return [];
    }
    return problems;
  }

  toString(): string {
    return this.#groups
      .map(({ constraints }) => constraints.map((one) => one.operator + one.text).join(' '))
      .join(' || ');
  }
}

/**
 * Reads constraints: groups separated by `||`, inside them commas or spaces; ranges `A - B`; wildcards.
 *
 * @throws {SemverError} `gocompat/semver`: `improper constraint: "…"` and others, as Go
 */
export function newConstraint(text: string): Constraints {
  if (byteLength(text) > MAX_BYTES) {
    throw new SemverError(`constraint string is too long (max ${MAX_BYTES} bytes)`);
  }
  const groups = rewriteRanges(text).split('||');
  if (groups.length > MAX_GROUPS) {
    throw new SemverError(`too many constraint groups (max ${MAX_GROUPS})`);
  }
  return new Constraints(groups.map(parseGroup));
}

function parseGroup(text: string): Group {
  const texts = readGroup(text);
  if (texts === undefined) throw new SemverError(`improper constraint: ${quote(text)}`);
  const constraints = texts.map(parseConstraint);
  const hasPrerelease = constraints.some(({ version }) => version.prerelease !== '');
  return { constraints, hasPrerelease };
}

function parseConstraint({ operator, pattern }: ConstraintText): Constraint {
  const { major, minor, patch, prerelease } = pattern;
  const isMajorOpen = isOpen(major);
  const isMinorDirty = !isMajorOpen && isOpen(minor);
  const isPatchDirty = !isMajorOpen && !isMinorDirty && isOpen(patch);
  const isDirty = isMajorOpen || isMinorDirty || isPatchDirty;
  const core = isMajorOpen ? '0.0' : `${major}.${isMinorDirty ? '0' : minor}`;
  return {
    version: patternVersion(isDirty ? `${core}.0${prerelease}` : pattern.text),
    text: pattern.text,
    operator,
    isDirty,
    isMinorDirty,
    isPatchDirty,
  };
}

function patternVersion(text: string): Version {
  try {
    return newVersion(text);
  } catch (error) {
    throw new SemverError('constraint parser error', { cause: error });
  }
}

function isOpen(part: string): boolean {
  return part === '' || part === 'x' || part === 'X' || part === '*';
}

/** What a version violates; empty: nothing. */
function violation(version: Version, constraint: Constraint, group: Group): string {
  if (version.prerelease !== '' && !group.hasPrerelease) {
    return `${named(version)} is a prerelease version and the constraint is only looking for release versions`;
  }
  const problem = CHECKS[constraint.operator]?.(version, constraint) ?? '';
  if (problem === '') return '';
  const [before, after = ''] = problem.split('{}');
  return `${named(version)} ${before}${quote(constraint.text)}${after}`;
}

function named(version: Version): string {
  return quote(version.toString());
}

/** Says what is wrong, `{}` standing for the constraint; empty: nothing. */
type Check = (version: Version, constraint: Constraint) => string;

const EQUAL = 'is equal to {}';
const NOT_GREATER = 'is less than or equal to {}';
const NOT_LESS = 'is greater than or equal to {}';
const LESS = 'is less than {}';
const GREATER = 'is greater than {}';
const OTHER_MAJOR = 'does not have same major version as {}';
const OTHER_MINOR = 'does not have same minor version as {}';

const checkNotEqual: Check = (version, constraint) => {
  const wanted = constraint.version;
  if (!constraint.isDirty) return version.compare(wanted) === 0 ? EQUAL : '';
  if (wanted.major !== version.major) return '';
  if (constraint.isMinorDirty) return EQUAL;
  if (wanted.minor !== version.minor) return '';
  if (!constraint.isPatchDirty) return version.compare(wanted) === 0 ? EQUAL : '';
  const isSame = comparePrereleases(version.prerelease, wanted.prerelease) === 0;
  return isSame ? EQUAL : '';
};

const checkGreater: Check = (version, constraint) => {
  const wanted = constraint.version;
  if (!constraint.isDirty) return version.compare(wanted) > 0 ? '' : NOT_GREATER;
  if (version.major !== wanted.major) return version.major > wanted.major ? '' : NOT_GREATER;
  if (constraint.isMinorDirty) return NOT_GREATER;
  if (constraint.isPatchDirty) return version.minor > wanted.minor ? '' : NOT_GREATER;
  return version.compare(wanted) > 0 ? '' : NOT_GREATER;
};

const checkLessOrEqual: Check = (version, constraint) => {
  const wanted = constraint.version;
  if (!constraint.isDirty) return version.compare(wanted) <= 0 ? '' : GREATER;
  if (version.major > wanted.major) return GREATER;
  const isLaterMinor = version.major === wanted.major && version.minor > wanted.minor;
  return isLaterMinor && !constraint.isMinorDirty ? GREATER : '';
};

const checkTilde: Check = (version, constraint) => {
  const wanted = constraint.version;
  if (version.compare(wanted) < 0) return LESS;
  const isZero = wanted.major === 0n && wanted.minor === 0n && wanted.patch === 0n;
  if (isZero && !constraint.isMinorDirty && !constraint.isPatchDirty) return '';
  if (version.major !== wanted.major) return OTHER_MAJOR;
  return version.minor === wanted.minor || constraint.isMinorDirty
    ? ''
    : 'does not have same major and minor version as {}';
};

const checkTildeOrEqual: Check = (version, constraint) => {
  if (constraint.isDirty) return checkTilde(version, constraint);
  return version.compare(constraint.version) === 0 ? '' : 'is not equal to {}';
};

const checkCaret: Check = (version, constraint) => {
  const wanted = constraint.version;
  if (version.compare(wanted) < 0) return LESS;
  if (version.major !== wanted.major) return OTHER_MAJOR;
  if (wanted.major > 0n || constraint.isMinorDirty) return '';
  if (wanted.minor > 0n || constraint.isPatchDirty) {
    if (version.minor === wanted.minor) return '';
    return `${OTHER_MINOR}. Expected minor versions to match when constraint major version is 0`;
  }
  if (version.minor > 0n) return OTHER_MINOR;
  if (version.patch === wanted.patch) return '';
  return 'does not equal {}. Expect version and constraint to equal when major and minor versions are 0';
};

const checkLess: Check = (version, { version: wanted }) =>
  version.compare(wanted) < 0 ? '' : NOT_LESS;
const checkGreaterOrEqual: Check = (version, { version: wanted }) =>
  version.compare(wanted) >= 0 ? '' : LESS;

const CHECKS: Readonly<Record<string, Check>> = {
  '': checkTildeOrEqual,
  '=': checkTildeOrEqual,
  '!=': checkNotEqual,
  '>': checkGreater,
  '<': checkLess,
  '>=': checkGreaterOrEqual,
  '=>': checkGreaterOrEqual,
  '<=': checkLessOrEqual,
  '=<': checkLessOrEqual,
  '~': checkTilde,
  '~>': checkTilde,
  '^': checkCaret,
};
