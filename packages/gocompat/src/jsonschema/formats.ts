// SPDX-License-Identifier: Apache-2.0

/**
 * The formats that drafts before 2019-09, and metaschemas, insist on.
 *
 * Source: github.com/santhosh-tekuri/jsonschema/v6 v6.0.3 format.go
 */

import { quote, quoteRune } from '../strconv/quote.ts';
import { byteLength } from '../text/text.ts';
import { hostnameProblem, ipv4Problem, ipv6Problem } from './format-host.ts';
import {
  dateProblem,
  dateTimeProblem,
  durationProblem,
  periodProblem,
  timeProblem,
} from './format-time.ts';
import { uriProblem, uriReferenceProblem, uriTemplateProblem } from './format-uri.ts';
import { compilePattern } from './pattern.ts';
import type { Format } from './schema.ts';

const FORMATS = new Map<string, (text: string) => string>([
  ['json-pointer', pointerProblem],
  ['relative-json-pointer', relativePointerProblem],
  ['uuid', uuidProblem],
  ['duration', durationProblem],
  ['period', periodProblem],
  ['ipv4', ipv4Problem],
  ['ipv6', ipv6Problem],
  ['hostname', hostnameProblem],
  ['email', emailProblem],
  ['date', dateProblem],
  ['time', timeProblem],
  ['date-time', dateTimeProblem],
  ['uri', uriProblem],
  ['iri', uriProblem],
  ['uri-reference', uriReferenceProblem],
  ['iri-reference', uriReferenceProblem],
  ['uri-template', uriTemplateProblem],
  ['semver', semverProblem],
  ['regex', regexProblem],
]);

/** A format by its name; `undefined`: unknown ones allow everything. */
export function formatNamed(name: string): Format | undefined {
  const problem = FORMATS.get(name);
  return problem === undefined ? undefined : { name, problem };
}

function regexProblem(text: string): string {
  try {
    compilePattern(text);
    return '';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const BAD_TILDE = '~ must be followed by 0 or 1';

function pointerProblem(text: string): string {
  if (text === '') return '';
  if (!text.startsWith('/')) return 'not starting with /';
  return /~(?![01])/.test(text) ? BAD_TILDE : '';
}

function relativePointerProblem(text: string): string {
  const digits = /^[0-9]*/.exec(text)?.[0] ?? '';
  if (digits === '') return 'must start with non-negative integer';
  if (digits.length > 1 && digits.startsWith('0')) return 'starts with zero';
  const rest = text.slice(digits.length);
  return rest === '#' ? '' : pointerProblem(rest);
}

const UUID_GROUPS = [8, 4, 4, 4, 12];

function uuidProblem(text: string): string {
  const groups = text.split('-');
  if (groups.length !== UUID_GROUPS.length) return `must have ${UUID_GROUPS.length} elements`;
  for (const [index, group] of groups.entries()) {
    if (byteLength(group) !== UUID_GROUPS[index]) {
      return `element ${index + 1} must be ${UUID_GROUPS[index]} characters long`;
    }
    const bad = firstOutside(group, /[0-9a-fA-F]/);
    if (bad !== undefined) return `non-hex character ${bad}`;
  }
  return '';
}

/** The first character a class does not hold, quoted as Go quotes runes. */
export function firstOutside(text: string, allowed: RegExp): string | undefined {
  for (const char of text) if (!allowed.test(char)) return quoteRune(char.codePointAt(0) ?? 0);
  return undefined;
}

const MAX_EMAIL_BYTES = 254;
const MAX_LOCAL_BYTES = 64;

function emailProblem(text: string): string {
  if (byteLength(text) > MAX_EMAIL_BYTES) return 'more than 255 characters long';
  const at = text.lastIndexOf('@');
  if (at < 0) return 'missing @';
  const local = text.slice(0, at);
  if (byteLength(local) > MAX_LOCAL_BYTES) return 'local part more than 64 characters long';
  return localPartProblem(local) || domainProblem(text.slice(at + 1));
}

function localPartProblem(local: string): string {
  if (local.length > 1 && local.startsWith('"') && local.endsWith('"')) {
    return /[\\"]/.test(local.slice(1, -1))
      ? 'backslash and quote are not allowed within quoted local part'
      : '';
  }
  if (local.startsWith('.')) return 'starts with dot';
  if (local.endsWith('.')) return 'ends with dot';
  if (local.includes('..')) return 'consecutive dots';
  const bad = firstOutside(local, /[a-zA-Z0-9.!#$%&'*+\-/=?^_`{|}~]/);
  return bad === undefined ? '' : `invalid character ${bad}`;
}

function domainProblem(domain: string): string {
  if (domain.startsWith('[') && domain.endsWith(']')) {
    const address = domain.slice(1, -1);
    if (address.startsWith('IPv6:')) return inside('ipv6 address', ipv6Problem(address.slice(5)));
    return inside('ipv4 address', ipv4Problem(address));
  }
  return inside('domain', hostnameProblem(domain));
}

function inside(part: string, problem: string): string {
  return problem === '' ? '' : `invalid ${part}: ${problem}`;
}

function semverProblem(text: string): string {
  const [beforeBuild, build] = cut(text, '+');
  const problem = build === undefined ? '' : buildProblem(build);
  if (problem !== '') return problem;
  const [core, prerelease] = cut(beforeBuild, '-');
  return (prerelease === undefined ? '' : prereleaseProblem(prerelease)) || coreProblem(core);
}

function cut(text: string, separator: string): [before: string, after: string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

function buildProblem(build: string): string {
  if (build === '') return 'build is empty';
  for (const part of build.split('.')) {
    if (part === '') return 'build identifier is empty';
    const bad = firstOutside(part, /[0-9a-zA-Z-]/);
    if (bad !== undefined) return `invalid character ${bad} in build identifier`;
  }
  return '';
}

function prereleaseProblem(prerelease: string): string {
  for (const part of prerelease.split('.')) {
    if (part === '') return 'pre-release identifier is empty';
    const bad = firstOutside(part, /[0-9a-zA-Z-]/);
    if (bad !== undefined) return `invalid character ${bad} in pre-release identifier`;
    if (/^0[0-9]+$/.test(part)) return 'pre-release numeric identifier starts with zero';
  }
  return '';
}

const CORE_NAMES = ['major', 'minor', 'patch'];

function coreProblem(core: string): string {
  const parts = core.split('.');
  if (parts.length !== 3) return 'versionCore must have 3 numbers separated by dot';
  for (const [index, part] of parts.entries()) {
    const name = CORE_NAMES[index] ?? '';
    if (part === '') return `${name} is empty`;
    if (part.length > 1 && part.startsWith('0')) return `${name} starts with zero`;
    if (!/^[0-9]+$/.test(part)) return `${name} contains non-digit`;
  }
  return '';
}

/** An error of Go's strconv.Atoi; empty: a number. */
export function atoiProblem(text: string): string {
  const prefix = `strconv.Atoi: parsing ${quote(text)}: `;
  if (!/^[-+]?[0-9]+$/.test(text)) return `${prefix}invalid syntax`;
  const number = BigInt(text.replace('+', ''));
  return BigInt.asIntN(64, number) === number ? '' : `${prefix}value out of range`;
}
