// SPDX-License-Identifier: Apache-2.0

/** Keys and certificates. Source: Masterminds/sprig v3.3.0 crypto.go */

import {
  decodeUtf8,
  encodeUtf8,
  sprintf,
  type Typed,
  types,
  type Value,
} from '@helm-operator/gocompat';
import type { TemplateFunction } from '@helm-operator/gotemplate';
import { decodeBase64 } from './base-n.ts';
import { certificate, certificateField, certificateType } from './certificate-type.ts';
import { define } from './define.ts';
import { FunctionError } from './errors.ts';
import { parseIp } from './go-ip.ts';
import { decodePem, encodePem } from './pem.ts';
import type { FunctionPorts, KeyRequest } from './ports.ts';
import {
  type KeyType,
  keyBlock,
  type PrivateKey,
  parsePrivateKey,
  privateKeyOf,
} from './private-key.ts';
import { createCertificate, type Issuer, parseCertificate, type Signer } from './x509.ts';

const SERIAL_BYTES = 16;
const DAY_NANO = 86_400_000_000_000n;
const CERTIFICATE_KEY: KeyRequest = { type: 'rsa', bits: 2048 };

const KEY_REQUESTS: ReadonlyMap<string, KeyRequest> = new Map<string, KeyRequest>([
  ['', { type: 'rsa', bits: 4096 }],
  ['rsa', { type: 'rsa', bits: 4096 }],
  ['dsa', { type: 'dsa', modulusBits: 2048, divisorBits: 256 }],
  ['ecdsa', { type: 'ecdsa', curve: 'P-256' }],
  ['ed25519', { type: 'ed25519' }],
]);

type Names = readonly Value[] | null;

/** What a certificate function was asked for. */
interface Wish {
  readonly commonName: string;
  readonly ips: Names;
  readonly dnsNames: Names;
  readonly days: bigint;
  readonly isAuthority: boolean;
}

function wrapped<T>(what: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof FunctionError)) throw error;
    throw new FunctionError(`${what}: ${error.message}`, { cause: error });
  }
}

function addressesOf(ips: Names): (readonly number[])[] {
  return (ips ?? []).map((ip) => {
    if (typeof ip !== 'string') {
      throw new FunctionError(sprintf('error parsing ip: %v is not a string', [ip]));
    }
    const address = parseIp(ip);
    if (address === undefined) throw new FunctionError(`error parsing ip: ${ip}`);
    return address;
  });
}

function dnsNamesOf(names: Names): string[] {
  return (names ?? []).map((name) => {
    if (typeof name === 'string') return name;
    throw new FunctionError(
      sprintf('error processing alternate dns name: %v is not a string', [name]),
    );
  });
}

/** Makes keys and certificates out of the ports. */
class CertificateMaker {
  readonly #ports: FunctionPorts;

  constructor(ports: FunctionPorts) {
    this.#ports = ports;
  }

  generate(request: KeyRequest): PrivateKey {
    const type: KeyType = request.type;
    return privateKeyOf(type, this.#ports.crypto.generateKey(request));
  }

  given(pem: string): PrivateKey {
    return wrapped('parsing private key', () => parsePrivateKey(pem, this.#ports.crypto));
  }

  make(wish: Wish, key: PrivateKey, signer?: Signer): Typed {
    const { randomBytes, crypto } = this.#ports;
    const ipAddresses = addressesOf(wish.ips);
    const dnsNames = dnsNamesOf(wish.dnsNames);
    const notBefore = this.#ports.now();
    const request = {
      commonName: wish.commonName,
      dnsNames,
      ipAddresses,
      serialNumber: randomBytes(SERIAL_BYTES),
      notBefore,
      notAfter: notBefore + BigInt.asIntN(64, DAY_NANO * wish.days),
      isAuthority: wish.isAuthority,
    };
    const bytes = wrapped('error creating certificate', () =>
      createCertificate(request, key, signer, crypto),
    );
    return certificate(encodePem({ type: 'CERTIFICATE', bytes }), encodePem(keyBlock(key)));
  }

  signer(authority: Typed): Signer {
    const block = decodePem(certificateField(authority, 'Cert'));
    if (block === undefined) throw new FunctionError('unable to decode certificate');
    const issuer: Issuer = wrapped('error parsing certificate: decodedSignerCert.Bytes', () =>
      parseCertificate(block.bytes),
    );
    const key = wrapped('error parsing private key', () =>
      parsePrivateKey(certificateField(authority, 'Key'), this.#ports.crypto),
    );
    return { issuer, key };
  }
}

function decoded(text: string, what: string): string {
  try {
    return decodeUtf8(decodeBase64(encodeUtf8(text)));
  } catch (error) {
    if (!(error instanceof FunctionError)) throw error;
    throw new FunctionError(`unable to decode base64 ${what}`, { cause: error });
  }
}

function buildCustomCert(cert64: string, key64: string, ports: FunctionPorts): Typed {
  const cert = decoded(cert64, 'certificate');
  const key = decoded(key64, 'private key');
  const block = decodePem(cert);
  if (block === undefined) throw new FunctionError('unable to decode certificate');
  wrapped('error parsing certificate: decodedCert.Bytes', () => parseCertificate(block.bytes));
  wrapped('error parsing private key', () => parsePrivateKey(key, ports.crypto));
  return certificate(cert, key);
}

function genPrivateKey(type: string, maker: CertificateMaker): string {
  const request = KEY_REQUESTS.get(type);
  return request === undefined
    ? `Unknown type ${type}`
    : encodePem(keyBlock(maker.generate(request)));
}

function authorityWish(commonName: string, days: bigint): Wish {
  return { commonName, ips: null, dnsNames: null, days, isAuthority: true };
}

function leafWish(commonName: string, ips: Names, dnsNames: Names, days: bigint): Wish {
  return { commonName, ips, dnsNames, days, isAuthority: false };
}

/** Sprig's functions for keys and certificates. */
export function certificateFunctions(ports: FunctionPorts): readonly TemplateFunction[] {
  const maker = new CertificateMaker(ports);
  const result = certificateType;
  return [
    define('genPrivateKey', ['string'], types.string, (type) => genPrivateKey(type, maker)),
    define('buildCustomCert', ['string', 'string'], result, (cert, key) =>
      buildCustomCert(cert, key, ports),
    ),
    define('genCA', ['string', 'int'], result, (name, days) =>
      maker.make(authorityWish(name, days), maker.generate(CERTIFICATE_KEY)),
    ),
    define('genCAWithKey', ['string', 'int', 'string'], result, (name, days, pem) =>
      maker.make(authorityWish(name, days), maker.given(pem)),
    ),
    define('genSelfSignedCert', ['string', 'list', 'list', 'int'], result, (name, ips, dns, days) =>
      maker.make(leafWish(name, ips, dns, days), maker.generate(CERTIFICATE_KEY)),
    ),
    define(
      'genSelfSignedCertWithKey',
      ['string', 'list', 'list', 'int', 'string'],
      result,
      (name, ips, dns, days, pem) => maker.make(leafWish(name, ips, dns, days), maker.given(pem)),
    ),
    define(
      'genSignedCert',
      ['string', 'list', 'list', 'int', 'certificate'],
      result,
      (name, ips, dns, days, authority) => {
        const signer = maker.signer(authority);
        return maker.make(leafWish(name, ips, dns, days), maker.generate(CERTIFICATE_KEY), signer);
      },
    ),
    define(
      'genSignedCertWithKey',
      ['string', 'list', 'list', 'int', 'certificate', 'string'],
      result,
      (name, ips, dns, days, authority, pem) => {
        const key = maker.given(pem);
        return maker.make(leafWish(name, ips, dns, days), key, maker.signer(authority));
      },
    ),
  ];
}
