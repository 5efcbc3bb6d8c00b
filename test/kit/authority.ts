// SPDX-License-Identifier: Apache-2.0

/** Certificates of an authority that lives for one test run. */

import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import forge from 'node-forge';

/** PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

export interface Authority {
  /** PEM. */
  readonly ca: string;
  issue(options?: {
    readonly kind?: 'server' | 'client';
    readonly isExpired?: boolean;
  }): Certificate;
}

const DAY_MS = 86_400_000;

export function createAuthority(name = 'test authority'): Authority {
  const own = keyPair();
  const root = certificate(own.publicKey, name, name, 1);
  root.setExtensions([
    { name: 'basicConstraints', cA: true, critical: true },
    { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    { name: 'subjectKeyIdentifier' },
  ]);
  root.sign(own.privateKey, forge.md.sha256.create());
  let serial = 1;
  return {
    ca: forge.pki.certificateToPem(root),
    issue: ({ kind = 'server', isExpired = false } = {}) => {
      const pair = keyPair();
      const subject = kind === 'server' ? '127.0.0.1' : 'client';
      const cert = certificate(pair.publicKey, subject, name, ++serial);
      if (isExpired) {
        cert.validity.notBefore = new Date(Date.now() - 20 * DAY_MS);
        cert.validity.notAfter = new Date(Date.now() - 10 * DAY_MS);
      }
      cert.setExtensions([
        { name: 'basicConstraints', cA: false },
        { name: 'keyUsage', digitalSignature: true, keyEncipherment: true },
        { name: 'extKeyUsage', serverAuth: kind === 'server', clientAuth: kind === 'client' },
        {
          name: 'subjectAltName',
          altNames: [
            { type: 7, ip: '127.0.0.1' },
            { type: 2, value: 'localhost' },
          ],
        },
      ]);
      cert.sign(own.privateKey, forge.md.sha256.create());
      return { cert: forge.pki.certificateToPem(cert), key: pair.pem };
    },
  };
}

interface KeyPair {
  readonly publicKey: forge.pki.rsa.PublicKey;
  readonly privateKey: forge.pki.rsa.PrivateKey;
  readonly pem: string;
}

/** Node's RSA is a hundred times as fast as forge's. */
function keyPair(): KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pkcs1 = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
  const spki = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  return {
    privateKey: forge.pki.privateKeyFromPem(pkcs1),
    publicKey: forge.pki.publicKeyFromPem(spki),
    pem: createPrivateKey(pkcs1).export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

function certificate(
  publicKey: forge.pki.rsa.PublicKey,
  subject: string,
  issuer: string,
  serial: number,
): forge.pki.Certificate {
  const cert = forge.pki.createCertificate();
  cert.publicKey = publicKey;
  cert.serialNumber = serial.toString(16).padStart(4, '0');
  cert.validity.notBefore = new Date(Date.now() - DAY_MS);
  cert.validity.notAfter = new Date(Date.now() + 30 * DAY_MS);
  cert.setSubject([{ name: 'commonName', value: subject }]);
  cert.setIssuer([{ name: 'commonName', value: issuer }]);
  return cert;
}
