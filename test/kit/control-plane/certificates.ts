// SPDX-License-Identifier: Apache-2.0

/** Certificates and service-account tokens of one test control plane. Nothing of it leaves the loopback. */

import { createSign, generateKeyPairSync, randomBytes } from 'node:crypto';
import forge from 'node-forge';

const VALID_MS = 7 * 24 * 3_600_000;

export interface KeyPair {
  readonly privateKey: string;
  readonly publicKey: string;
}

export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

export function makeKeyPair(): KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });
  return { privateKey, publicKey };
}

interface Subject {
  readonly commonName: string;
  readonly organizations?: readonly string[];
}

function certificate(
  subject: Subject,
  issuer: Certificate | undefined,
  extensions: object[],
): Certificate {
  const keys = makeKeyPair();
  const cert = forge.pki.createCertificate();
  cert.publicKey = forge.pki.publicKeyFromPem(keys.publicKey);
  // A leading zero byte would be no minimal integer, which Go refuses.
  cert.serialNumber = `01${randomBytes(8).toString('hex')}`;
  cert.validity.notBefore = new Date(Date.now() - 3_600_000);
  cert.validity.notAfter = new Date(Date.now() + VALID_MS);
  const attributes = [
    ...(subject.organizations ?? []).map((value) => ({ shortName: 'O', value })),
    { shortName: 'CN', value: subject.commonName },
  ];
  cert.setSubject(attributes);
  const issuerCert = issuer && forge.pki.certificateFromPem(issuer.cert);
  cert.setIssuer(issuerCert ? issuerCert.subject.attributes : attributes);
  cert.setExtensions(extensions);
  cert.sign(forge.pki.privateKeyFromPem(issuer?.key ?? keys.privateKey), forge.md.sha256.create());
  return { key: keys.privateKey, cert: forge.pki.certificateToPem(cert) };
}

export function makeAuthority(): Certificate {
  return certificate({ commonName: 'test control plane' }, undefined, [
    { name: 'basicConstraints', cA: true, critical: true },
    { name: 'keyUsage', keyCertSign: true, cRLSign: true, digitalSignature: true, critical: true },
  ]);
}

/** A serving certificate for the loopback addresses. */
export function makeServing(authority: Certificate): Certificate {
  return certificate({ commonName: 'localhost' }, authority, [
    { name: 'keyUsage', digitalSignature: true, keyEncipherment: true },
    { name: 'extKeyUsage', serverAuth: true },
    {
      name: 'subjectAltName',
      altNames: [
        { type: 2, value: 'localhost' },
        { type: 2, value: 'kubernetes.default.svc' },
        { type: 7, ip: '127.0.0.1' },
        { type: 7, ip: '::1' },
      ],
    },
  ]);
}

/** A client certificate: `commonName` is the user, `organizations` are its groups. */
export function makeClient(
  authority: Certificate,
  user: string,
  groups: readonly string[],
): Certificate {
  return certificate({ commonName: user, organizations: groups }, authority, [
    { name: 'keyUsage', digitalSignature: true, keyEncipherment: true },
    { name: 'extKeyUsage', clientAuth: true },
  ]);
}

export const ISSUER = 'https://kubernetes.default.svc';

/** A service-account token that ends after `seconds`, signed with the control plane's own key. */
export function signToken(
  privateKey: string,
  account: { readonly namespace: string; readonly name: string; readonly uid: string },
  seconds: number,
): string {
  const nowSeconds = Math.floor(Date.now() / 1000);
  const claims = {
    iss: ISSUER,
    aud: [ISSUER],
    sub: `system:serviceaccount:${account.namespace}:${account.name}`,
    iat: nowSeconds,
    nbf: nowSeconds - 1,
    exp: nowSeconds + seconds,
    'kubernetes.io': {
      namespace: account.namespace,
      serviceaccount: { name: account.name, uid: account.uid },
    },
  };
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
  const body = `${encode({ alg: 'RS256', typ: 'JWT' })}.${encode(claims)}`;
  return `${body}.${createSign('RSA-SHA256').update(body).sign(privateKey, 'base64url')}`;
}
