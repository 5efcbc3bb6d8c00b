// SPDX-License-Identifier: Apache-2.0

/** Certificates with any extension, signed in the test: DER written by hand. */

import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

export interface TestIdentity {
  readonly der: Buffer;
  readonly pem: string;
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
  readonly subject: readonly Attribute[];
}

export type Attribute = readonly [name: 'C' | 'ST' | 'O' | 'CN', value: string];

export interface Extension {
  readonly oid: string;
  readonly isCritical?: boolean;
  /** What stands in the OCTET STRING. */
  readonly value: Buffer;
}

export interface CertificateRequest {
  readonly subject: readonly Attribute[];
  /** Default: itself. */
  readonly issuer?: TestIdentity | undefined;
  readonly isAuthority?: boolean | undefined;
  readonly extensions?: readonly Extension[] | undefined;
  readonly notBefore?: Date | undefined;
  readonly notAfter?: Date | undefined;
  /** Given what is signed without it (the precertificate), one more extension. */
  readonly late?: ((unsigned: Buffer) => Extension) | undefined;
  readonly keys?: { readonly publicKey: KeyObject; readonly privateKey: KeyObject } | undefined;
}

const OIDS = { CN: '2.5.4.3', C: '2.5.4.6', ST: '2.5.4.8', O: '2.5.4.10' } as const;
const ECDSA_SHA256 = '1.2.840.10045.4.3.2';
const DAY_MS = 86_400_000;

export function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const size = body.length;
  let length: number[];
  if (size < 0x80) length = [size];
  else if (size < 0x100) length = [0x81, size];
  else length = [0x82, size >> 8, size & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
}

export const sequence = (...parts: readonly Buffer[]): Buffer => der(0x30, ...parts);
export const utf8 = (text: string): Buffer => der(0x0c, Buffer.from(text));

export function oid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number);
  const bytes = [first * 40 + second];
  for (const part of rest) {
    const digits = [part & 0x7f];
    for (let left = part >>> 7; left > 0; left >>>= 7) digits.unshift((left & 0x7f) | 0x80);
    bytes.push(...digits);
  }
  return der(0x06, Buffer.from(bytes));
}

const integer = (bytes: Buffer): Buffer => der(0x02, bytes);
const bits = (bytes: Buffer): Buffer => der(0x03, Buffer.from([0]), bytes);

function time(date: Date): Buffer {
  const text = date.toISOString().replace(/[-:T]/g, '').slice(2, 14);
  return der(0x17, Buffer.from(`${text}Z`));
}

function nameOf(subject: readonly Attribute[]): Buffer {
  return sequence(
    ...subject.map(([name, value]) => der(0x31, sequence(oid(OIDS[name]), utf8(value)))),
  );
}

function extensionOf({ oid: id, isCritical = false, value }: Extension): Buffer {
  const critical = isCritical ? [der(0x01, Buffer.from([0xff]))] : [];
  return sequence(oid(id), ...critical, der(0x04, value));
}

/** A certificate on P-256. */
export function makeCertificate(request: CertificateRequest): TestIdentity {
  const { subject, issuer, isAuthority = false, late } = request;
  const keys = request.keys ?? generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const signer = issuer?.privateKey ?? keys.privateKey;
  const basic: Extension = {
    oid: '2.5.29.19',
    isCritical: true,
    value: sequence(der(0x01, Buffer.from([0xff]))),
  };
  // keyCertSign and cRLSign, or digitalSignature.
  const usage: Extension = {
    oid: '2.5.29.15',
    isCritical: true,
    value: der(0x03, Buffer.from(isAuthority ? [1, 0x06] : [7, 0x80])),
  };
  const own = [...(isAuthority ? [basic] : []), usage, ...(request.extensions ?? [])];
  const serial = integer(Buffer.concat([Buffer.from([0x01]), randomBytes(8)]));
  const body = (extensions: readonly Extension[]) =>
    sequence(
      der(0xa0, integer(Buffer.from([2]))),
      serial,
      sequence(oid(ECDSA_SHA256)),
      nameOf(issuer?.subject ?? subject),
      sequence(
        time(request.notBefore ?? new Date(Date.now() - DAY_MS)),
        time(request.notAfter ?? new Date(Date.now() + DAY_MS)),
      ),
      nameOf(subject),
      keys.publicKey.export({ type: 'spki', format: 'der' }),
      der(0xa3, sequence(...extensions.map(extensionOf))),
    );
  const unsigned = body(late === undefined ? own : [...own, late(body(own))]);
  const signature = sign('sha256', unsigned, signer);
  const whole = sequence(unsigned, sequence(oid(ECDSA_SHA256)), bits(signature));
  const { publicKey, privateKey } = keys;
  return { der: whole, pem: pemOf(whole), publicKey, privateKey, subject };
}

function pemOf(bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

/** `subjectAltName` of one URI or mail address. */
export function alternativeName(text: string): Extension {
  const tag = text.includes('://') ? 0x86 : 0x81;
  return { oid: '2.5.29.17', isCritical: true, value: sequence(der(tag, Buffer.from(text))) };
}

/** `extKeyUsage` */
export function extendedUsage(...oids: readonly string[]): Extension {
  return { oid: '2.5.29.37', value: sequence(...oids.map(oid)) };
}

export const CODE_SIGNING = '1.3.6.1.5.5.7.3.3';

/** The digest by which logs name a key. */
export function keyId(key: KeyObject): Buffer {
  return createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest();
}
