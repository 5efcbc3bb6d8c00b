// SPDX-License-Identifier: Apache-2.0

/** Notation's trust policy: what must be checked for which repositories. Source: notaryproject/specifications trust-store-trust-policy.md 1.0. */

import { SourceError } from '../errors.ts';

/** The steps of a verification. */
export type NotationStep =
  | 'integrity'
  | 'authenticity'
  | 'authenticTimestamp'
  | 'expiry'
  | 'revocation';
export type NotationAction = 'enforce' | 'log' | 'skip';

export interface NotationRule {
  readonly name: string;
  readonly scopes: readonly string[];
  /** `undefined`: signatures are not looked at. */
  readonly actions: Readonly<Record<NotationStep, NotationAction>> | undefined;
  /** As `ca:NAME`. */
  readonly trustStores: readonly string[];
  /** `*`, or `x509.subject: …` */
  readonly trustedIdentities: readonly string[];
}

const LEVELS: ReadonlyMap<string, Readonly<Record<NotationStep, NotationAction>> | undefined> =
  new Map([
    ['strict', actions('enforce', 'enforce', 'enforce', 'enforce')],
    ['permissive', actions('enforce', 'log', 'log', 'log')],
    ['audit', actions('log', 'log', 'log', 'log')],
    ['skip', undefined],
  ]);

function actions(
  authenticity: NotationAction,
  authenticTimestamp: NotationAction,
  expiry: NotationAction,
  revocation: NotationAction,
): Readonly<Record<NotationStep, NotationAction>> {
  return { integrity: 'enforce', authenticity, authenticTimestamp, expiry, revocation };
}

const OVERRIDABLE: ReadonlySet<string> = new Set([
  'authenticity',
  'authenticTimestamp',
  'expiry',
  'revocation',
]);

type Json = Readonly<Record<string, unknown>>;

/** @param text of a trustpolicy.json @throws {SourceError} `source/verification` */
export function readTrustPolicy(text: string): NotationRule[] {
  let root: unknown;
  try {
    root = JSON.parse(text);
  } catch (error) {
    throw bad('it is not JSON', error);
  }
  const { version, trustPolicies } = objectOf(root, 'the document');
  if (version !== '1.0') throw bad(`version ${JSON.stringify(version)} is not 1.0`);
  const rules = listOf(trustPolicies, 'trustPolicies').map(ruleOf);
  if (rules.length === 0) throw bad('it has no policies');
  const seen = new Set<string>();
  for (const name of rules.flatMap((rule) => rule.scopes)) {
    if (seen.has(name)) throw bad(`scope ${JSON.stringify(name)} stands in two policies`);
    seen.add(name);
  }
  return rules;
}

/** The rule of a repository, else the one for all. @throws {SourceError} `source/verification` */
export function ruleFor(rules: readonly NotationRule[], repository: string): NotationRule {
  const rule =
    rules.find(({ scopes }) => scopes.includes(repository)) ??
    rules.find(({ scopes }) => scopes.includes('*'));
  if (rule === undefined) throw bad(`no policy is for ${repository}`);
  return rule;
}

function ruleOf(value: unknown): NotationRule {
  const rule = objectOf(value, 'a policy');
  const name = typeof rule['name'] === 'string' ? rule['name'] : '';
  if (name === '') throw bad('a policy has no name');
  const scopes = textsOf(rule['registryScopes'], `registryScopes of ${name}`);
  if (scopes.length === 0) throw bad(`policy ${name} has no registryScopes`);
  if (scopes.length > 1 && scopes.includes('*')) {
    throw bad(`policy ${name} has "*" beside other scopes`);
  }
  const level = actionsOf(rule['signatureVerification'], name);
  const trustStores = textsOf(rule['trustStores'] ?? [], `trustStores of ${name}`);
  const trustedIdentities = textsOf(
    rule['trustedIdentities'] ?? [],
    `trustedIdentities of ${name}`,
  );
  if (level !== undefined && (trustStores.length === 0 || trustedIdentities.length === 0)) {
    throw bad(`policy ${name} has no trustStores or no trustedIdentities`);
  }
  if (trustedIdentities.length > 1 && trustedIdentities.includes('*')) {
    throw bad(`policy ${name} has "*" beside other trustedIdentities`);
  }
  return { name, scopes, actions: level, trustStores, trustedIdentities };
}

function actionsOf(value: unknown, name: string): NotationRule['actions'] {
  const { level, override } = objectOf(value, `signatureVerification of ${name}`);
  if (typeof level !== 'string' || !LEVELS.has(level)) {
    throw bad(`policy ${name} has level ${JSON.stringify(level)}`);
  }
  const base = LEVELS.get(level);
  if (override === undefined || override === null) return base;
  if (base === undefined) throw bad(`policy ${name} overrides the level skip`);
  const changes = Object.entries(objectOf(override, `override of ${name}`));
  for (const [step, action] of changes) {
    const isAction = action === 'enforce' || action === 'log' || action === 'skip';
    if (!OVERRIDABLE.has(step) || !isAction || (step === 'authenticity' && action === 'skip')) {
      throw bad(`policy ${name} overrides ${step} with ${JSON.stringify(action)}`);
    }
  }
  return { ...base, ...Object.fromEntries(changes) };
}

function objectOf(value: unknown, what: string): Json {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json;
  throw bad(`${what} is not an object`);
}

function listOf(value: unknown, what: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw bad(`${what} is not a list`);
}

function textsOf(value: unknown, what: string): string[] {
  return listOf(value, what).map((text) => {
    if (typeof text === 'string' && text !== '') return text;
    throw bad(`${what} holds what is no text`);
  });
}

function bad(reason: string, cause?: unknown): SourceError {
  return new SourceError(
    'source/verification',
    `the trust policy cannot be used: ${reason}`,
    cause,
  );
}
