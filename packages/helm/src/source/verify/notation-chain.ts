// SPDX-License-Identifier: Apache-2.0

/** Certificates: is a chain sound, does it end at one that is trusted, and whose is it? Source: notaryproject/specifications signature-specification.md §Certificate Requirements. */

import type { X509Certificate } from 'node:crypto';

const CODE_SIGNING = '1.3.6.1.5.5.7.3.3';
const TIME_STAMPING = '1.3.6.1.5.5.7.3.8';
/** The object identifier 2.5.29.31, as DER has it. */
const CRL_POINTS = Buffer.from('0603551d1f', 'hex');

/**
 * Checks that each certificate signed the one before and that one of them is trusted.
 *
 * @throws {Error} with the reason
 */
export function checkChain(
  chain: readonly X509Certificate[],
  trusted: readonly X509Certificate[],
): void {
  const [leaf, ...issuers] = chain;
  if (leaf === undefined) throw new Error('there is no certificate');
  if (leaf.ca) throw new Error('the signing certificate is one of an authority');
  const usages = leaf.keyUsage ?? [];
  if (usages.length > 0 && !usages.includes(CODE_SIGNING)) {
    throw new Error('the signing certificate is not for code signing');
  }
  if (usages.includes(TIME_STAMPING)) throw new Error('the signing certificate is for time stamps');
  let child = leaf;
  for (const issuer of issuers) {
    checkIssued(child, issuer);
    child = issuer;
  }
  if (chain.some((one) => isTrusted(one, trusted))) return;
  // The chain may leave out the authority itself.
  const above = trusted.find(
    (one) => one.ca && child.checkIssued(one) && child.verify(one.publicKey),
  );
  if (above === undefined) throw new Error('no certificate of its chain is in the trust store');
}

function checkIssued(child: X509Certificate, issuer: X509Certificate): void {
  if (!issuer.ca) throw new Error(`${nameOf(issuer)} may not issue certificates`);
  if (!child.checkIssued(issuer) || !child.verify(issuer.publicKey)) {
    throw new Error(`${nameOf(issuer)} did not issue ${nameOf(child)}`);
  }
}

function isTrusted(one: X509Certificate, trusted: readonly X509Certificate[]): boolean {
  return trusted.some(({ raw }) => raw.equals(one.raw));
}

/** @throws {Error} one of them is not valid at that time */
export function checkValidAt(chain: readonly X509Certificate[], timeMs: number): void {
  for (const one of chain) {
    const isValid = Date.parse(one.validFrom) <= timeMs && timeMs <= Date.parse(one.validTo);
    if (isValid) continue;
    const when = new Date(timeMs).toISOString();
    throw new Error(`${nameOf(one)} is not valid at ${when}`);
  }
}

/** Whether an authority would have to be asked if one of them was revoked. */
export function namesRevocation(chain: readonly X509Certificate[]): boolean {
  return chain.some(
    ({ infoAccess, raw }) => infoAccess?.includes('OCSP') === true || raw.includes(CRL_POINTS),
  );
}

export function nameOf({ subject }: X509Certificate): string {
  return subject.replaceAll('\n', ', ');
}

/**
 * Whether a rule allows a certificate: `*`, or `x509.subject:` with attributes it has.
 *
 * @throws {Error} the rule cannot be read
 */
export function isIdentity(rule: string, certificate: X509Certificate): boolean {
  if (rule === '*') return true;
  const [, text] = /^x509\.subject:(.*)$/s.exec(rule) ?? [];
  if (text === undefined) throw new Error(`trusted identity ${JSON.stringify(rule)} is not known`);
  const wanted = attributesOf(text, /\s*(?<!\\),\s*/);
  for (const name of ['C', 'ST', 'O']) {
    if (!wanted.has(name))
      throw new Error(`trusted identity ${JSON.stringify(rule)} has no ${name}`);
  }
  const held = attributesOf(certificate.subject, /\n/);
  return [...wanted].every(([name, value]) => held.get(name) === value);
}

function attributesOf(text: string, separator: RegExp): Map<string, string> {
  const pairs = text.trim().split(separator);
  return new Map(
    pairs.map((pair): [string, string] => {
      const at = pair.indexOf('=');
      const name = pair.slice(0, at).trim().toUpperCase();
      return [
        name === 'S' ? 'ST' : name,
        pair
          .slice(at + 1)
          .trim()
          .replaceAll('\\,', ','),
      ];
    }),
  );
}
