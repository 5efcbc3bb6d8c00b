// SPDX-License-Identifier: Apache-2.0

/** Formats of hosts and addresses. Source: santhosh-tekuri/jsonschema v6.0.3 format.go, Go 1.26 net/netip */

import { parseInt } from '../strconv/parse.ts';
import { quote, quoteRune } from '../strconv/quote.ts';
import { byteLength } from '../text/text.ts';

const MAX_HOSTNAME_BYTES = 253;
const MAX_LABEL_BYTES = 63;

export function hostnameProblem(text: string): string {
  const name = text.endsWith('.') ? text.slice(0, -1) : text;
  if (byteLength(name) > MAX_HOSTNAME_BYTES) return 'more than 253 characters long';
  for (const label of name.split('.')) {
    const problem = labelProblem(label);
    if (problem !== '') return problem;
  }
  return '';
}

function labelProblem(label: string): string {
  const length = byteLength(label);
  if (length < 1 || length > MAX_LABEL_BYTES) return 'label must be 1 to 63 characters long';
  if (label.startsWith('-')) return 'label starts with hyphen';
  if (label.endsWith('-')) return 'label ends with hyphen';
  for (const char of label) {
    if (!/[a-zA-Z0-9-]/.test(char))
      return `invalid character ${quoteRune(char.codePointAt(0) ?? 0)}`;
  }
  return '';
}

export function ipv4Problem(text: string): string {
  const groups = text.split('.');
  if (groups.length !== 4) return 'expected four decimals';
  for (const group of groups) {
    if (group.length > 1 && group.startsWith('0')) return 'leading zeros';
    let number: bigint;
    try {
      number = parseInt(group, 10, 64);
    } catch (error) {
      return (error instanceof Error ? error.message : '').replace('ParseInt', 'Atoi');
    }
    if (number < 0n || number > 255n) return 'decimal must be between 0 and 255';
  }
  return '';
}

export function ipv6Problem(text: string): string {
  if (!text.includes(':')) return 'missing colon';
  const problem = parseAddressProblem(text);
  if (problem !== '') return problem;
  return text.includes('%') ? 'zone id is not a part of ipv6 address' : '';
}

/** The error of netip.ParseAddr; empty: an address, of either kind. */
export function parseAddressProblem(text: string): string {
  const first = /[.:%]/.exec(text)?.[0];
  if (first === '.') return embeddedIpv4Problem(text, text);
  if (first === '%') return parseError(text, 'missing IPv6 address');
  if (first === undefined) return parseError(text, 'unable to parse IP');
  const zone = text.indexOf('%');
  if (zone === text.length - 1) return parseError(text, 'zone must be a non-empty string');
  return addressProblem(text, zone < 0 ? text : text.slice(0, zone));
}

function parseError(text: string, problem: string, at?: string): string {
  return `ParseAddr(${quote(text)}): ${problem}${at === undefined ? '' : ` (at ${quote(at)})`}`;
}

const GROUPS = 8;

/** Reads groups as netip does, to name the first problem as it does. */
function addressProblem(text: string, address: string): string {
  let rest = address;
  let groups = 0;
  let ellipsis = -1;
  if (rest.startsWith('::')) {
    ellipsis = 0;
    rest = rest.slice(2);
    if (rest === '') return '';
  }
  while (groups < GROUPS) {
    const digits = /^[0-9a-fA-F]*/.exec(rest)?.[0] ?? '';
    if (digits.length > 4) {
      return parseError(text, 'each group must have 4 or less digits', rest);
    }
    if (digits === '') {
      return parseError(text, 'each colon-separated field must have at least one digit', rest);
    }
    if (rest.charAt(digits.length) === '.') {
      const problem = embeddedProblem(text, rest, groups, ellipsis);
      if (problem !== '') return problem;
      groups += 2;
      rest = '';
      break;
    }
    groups++;
    rest = rest.slice(digits.length);
    if (rest === '') break;
    if (!rest.startsWith(':')) return parseError(text, 'unexpected character, want colon', rest);
    if (rest.length === 1) {
      return parseError(text, 'colon must be followed by more characters', rest);
    }
    rest = rest.slice(1);
    if (!rest.startsWith(':')) continue;
    if (ellipsis >= 0) return parseError(text, 'multiple :: in address', rest);
    ellipsis = groups;
    rest = rest.slice(1);
    if (rest === '') break;
  }
  if (rest !== '') return parseError(text, 'trailing garbage after address', rest);
  if (groups < GROUPS && ellipsis < 0) return parseError(text, 'address string too short');
  if (groups >= GROUPS && ellipsis >= 0) {
    return parseError(text, 'the :: must expand to at least one field of zeros');
  }
  return '';
}

function embeddedProblem(text: string, rest: string, groups: number, ellipsis: number): string {
  if (ellipsis < 0 && groups !== GROUPS - 2) {
    return parseError(
      text,
      'embedded IPv4 address must replace the final 2 fields of the address',
      rest,
    );
  }
  if (groups + 2 > GROUPS) {
    return parseError(
      text,
      'too many hex fields to fit an embedded IPv4 at the end of the address',
      rest,
    );
  }
  return embeddedIpv4Problem(text, rest);
}

/** Reads the four decimals of an address within `text`, as netip does. */
function embeddedIpv4Problem(text: string, rest: string): string {
  let octet = '';
  let dots = 0;
  for (const [index, char] of [...rest].entries()) {
    if (/[0-9]/.test(char)) {
      if (octet === '0') return parseError(text, 'IPv4 field has octet with leading zero');
      octet += char;
      if (Number(octet) > 255) return parseError(text, 'IPv4 field has value >255');
      continue;
    }
    if (char !== '.') return parseError(text, 'unexpected character', rest.slice(index));
    if (octet === '' || index === rest.length - 1) {
      return parseError(text, 'IPv4 field must have at least one digit', rest.slice(index));
    }
    if (dots === 3) return parseError(text, 'IPv4 address too long');
    dots++;
    octet = '';
  }
  return dots < 3 ? parseError(text, 'IPv4 address too short') : '';
}
