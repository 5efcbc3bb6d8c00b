// SPDX-License-Identifier: Apache-2.0

/** Names that Kubernetes takes for objects. Source: helm v3.22.0 pkg/lint/rules/template.go, k8s.io/apimachinery v0.37.0 validation. */

import { byteLength, quote } from '@helm-operator/gocompat';

interface Rule {
  readonly maxBytes: number;
  readonly pattern: string;
  readonly isRight: RegExp;
  readonly text: string;
  readonly examples: readonly string[];
}

function rule(pattern: string, rest: Pick<Rule, 'maxBytes' | 'text' | 'examples'>): Rule {
  return { ...rest, pattern, isRight: new RegExp(`^${pattern}$`) };
}

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const SUBDOMAIN = rule(`${LABEL}(\\.${LABEL})*`, {
  maxBytes: 253,
  text: "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
  examples: ['example.com'],
});
const DNS_LABEL = rule(LABEL, {
  maxBytes: 63,
  text: "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
  examples: ['my-name', '123-abc'],
});
const OLD_LABEL = rule('[a-z]([-a-z0-9]*[a-z0-9])?', {
  maxBytes: 63,
  text: "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
  examples: ['my-name', 'abc-123'],
});

/** @returns what is wrong, in the words of Helm; `undefined`: nothing */
export function nameProblem(kind: string, name: string): string | undefined {
  const reasons = reasonsOf(kind.toLowerCase(), name).map(
    (reason) => `metadata.name: Invalid value: ${quote(name)}: ${reason}`,
  );
  if (reasons.length === 0) return undefined;
  const all = reasons.length === 1 ? reasons[0] : `[${reasons.join(', ')}]`;
  return `object name does not conform to Kubernetes naming requirements: ${quote(name)}: ${all}`;
}

function reasonsOf(kind: string, name: string): readonly string[] {
  switch (kind) {
    case 'service':
      return ruleReasons(OLD_LABEL, name);
    case 'namespace':
      return SUBDOMAIN.isRight.test(name) && !DNS_LABEL.isRight.test(name)
        ? [...lengthReasons(DNS_LABEL, name), 'must not contain dots']
        : ruleReasons(DNS_LABEL, name);
    case 'certificatesigningrequest':
      return [];
    case 'role':
    case 'clusterrole':
    case 'rolebinding':
    case 'clusterrolebinding':
      return segmentReasons(name);
    default:
      return ruleReasons(SUBDOMAIN, name);
  }
}

function lengthReasons({ maxBytes }: Rule, name: string): readonly string[] {
  return byteLength(name) > maxBytes ? [`must be no more than ${maxBytes} characters`] : [];
}

function ruleReasons(own: Rule, name: string): readonly string[] {
  const { isRight, text, examples, pattern } = own;
  const lengths = lengthReasons(own, name);
  if (isRight.test(name)) return lengths;
  const shown = examples.map((example) => `'${example}', `).join(' or ');
  return [...lengths, `${text} (e.g. ${shown}regex used for validation is '${pattern}')`];
}

/** A name that becomes a part of a path. */
function segmentReasons(name: string): readonly string[] {
  if (name === '.' || name === '..') return [`may not be '${name}'`];
  return ['/', '%']
    .filter((part) => name.includes(part))
    .map((part) => `may not contain '${part}'`);
}
