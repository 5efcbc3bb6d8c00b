// SPDX-License-Identifier: Apache-2.0

/** Signatures made by SSH keys. Source: OpenSSH PROTOCOL.sshsig, PROTOCOL.u2f; RFC 4253 §6.6, RFC 5656 §3.1, RFC 8332, RFC 8709. */

import { createHash, createPublicKey, type JsonWebKey, type KeyObject, verify } from 'node:crypto';

/** The signature is not one that counts; the message says why. */
export class SshSignatureError extends Error {}

export interface SshSigner {
  /** `SHA256:…` of the key, as `ssh-keygen -l` prints it. */
  readonly fingerprint: string;
}

/** A public key as it is in `authorized_keys`. */
interface SshKey {
  readonly type: string;
  readonly blob: Buffer;
}

const MAGIC = 'SSHSIG';
const NAMESPACE = 'git';
const MIN_RSA_BITS = 2048;
const ARMOR = /^-----BEGIN SSH SIGNATURE-----\r?\n([\s\S]*?)-----END SSH SIGNATURE-----\s*$/;
const HASHES: ReadonlySet<string> = new Set(['sha256', 'sha512']);
const CURVES: ReadonlyMap<
  string,
  { readonly crv: string; readonly hash: string; readonly bytes: number }
> = new Map([
  ['nistp256', { crv: 'P-256', hash: 'sha256', bytes: 32 }],
  ['nistp384', { crv: 'P-384', hash: 'sha384', bytes: 48 }],
  ['nistp521', { crv: 'P-521', hash: 'sha512', bytes: 66 }],
]);
const KEY_TYPE =
  /^(?:ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(?:256|384|521)|sk-ssh-ed25519@openssh\.com|sk-ecdsa-sha2-nistp256@openssh\.com)$/;

/** Reads the length-prefixed fields of SSH. */
class Reader {
  readonly #bytes: Buffer;
  #at = 0;
  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }
  take(length: number): Buffer {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new SshSignatureError('it ends too early');
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }
  uint32(): number {
    return this.take(4).readUInt32BE(0);
  }
  field(): Buffer {
    return this.take(this.uint32());
  }
  text(): string {
    return this.field().toString('latin1');
  }
  end(): void {
    if (this.#at !== this.#bytes.length) throw new SshSignatureError('it has bytes after its end');
  }
}

/** The keys of lines as `authorized_keys` or `allowed_signers` have them. Lines without a key are left out. */
export function readSshKeys(text: string): readonly SshKey[] {
  return text.split('\n').flatMap((line) => {
    if (line.trimStart().startsWith('#')) return [];
    const words = line.trim().split(/\s+/);
    const at = words.findIndex((word) => KEY_TYPE.test(word));
    const [type, body] = words.slice(at, at + 2);
    if (at < 0 || type === undefined || body === undefined) return [];
    const blob = Buffer.from(body, 'base64');
    return blob.length === 0 ? [] : [{ type, blob }];
  });
}

/**
 * Checks a signature of git's against keys that are trusted.
 *
 * @param trusted lines of public keys
 * @throws {SshSignatureError} not of these keys, not of these bytes, or not made for git
 */
export function verifySshSignature(
  armored: string,
  payload: Uint8Array,
  trusted: string,
): SshSigner {
  const body = ARMOR.exec(armored)?.[1];
  if (body === undefined) throw new SshSignatureError('it is no SSH signature');
  const reader = new Reader(Buffer.from(body, 'base64'));
  if (reader.take(MAGIC.length).toString('latin1') !== MAGIC || reader.uint32() !== 1) {
    throw new SshSignatureError('it is no SSH signature of version 1');
  }
  const [key, namespace, reserved] = [reader.field(), reader.text(), reader.field()];
  const [hash, signature] = [reader.text(), reader.field()];
  reader.end();
  if (namespace !== NAMESPACE) {
    throw new SshSignatureError(`it was made for ${JSON.stringify(namespace)}, not for git`);
  }
  if (!HASHES.has(hash)) throw new SshSignatureError(`its hash ${hash} is not used`);
  const fingerprint = `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
  if (!readSshKeys(trusted).some(({ blob }) => blob.equals(key))) {
    throw new SshSignatureError(`its key ${fingerprint} is not trusted`);
  }
  const digest = createHash(hash).update(payload).digest();
  const signed = Buffer.concat([
    Buffer.from(MAGIC, 'latin1'),
    ...[Buffer.from(namespace), reserved, Buffer.from(hash), digest].map(withLength),
  ]);
  if (!isSignedBy(key, signature, signed)) {
    throw new SshSignatureError(`the key ${fingerprint} has signed something else`);
  }
  return { fingerprint };
}

function withLength(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function isSignedBy(keyBlob: Buffer, signatureBlob: Buffer, signed: Buffer): boolean {
  const key = new Reader(keyBlob);
  const signature = new Reader(signatureBlob);
  const type = key.text();
  const algorithm = signature.text();
  const bytes = signature.field();
  switch (type) {
    case 'ssh-ed25519':
      return algorithm === type && verify(null, signed, ed25519(key.field()), bytes);
    case 'ssh-rsa':
      return isRsaSignature(key, algorithm, bytes, signed);
    case 'ecdsa-sha2-nistp256':
    case 'ecdsa-sha2-nistp384':
    case 'ecdsa-sha2-nistp521':
      return algorithm === type && isEcSignature(key, bytes, signed);
    case 'sk-ssh-ed25519@openssh.com': {
      const point = key.field();
      const what = withCounter(key.field(), signature, signed);
      return algorithm === type && verify(null, what, ed25519(point), bytes);
    }
    case 'sk-ecdsa-sha2-nistp256@openssh.com': {
      const curve = key.text();
      const point = key.field();
      const what = withCounter(key.field(), signature, signed);
      return algorithm === type && isEcPointSignature(curve, point, bytes, what);
    }
    default:
      throw new SshSignatureError(`keys of type ${type} are not known`);
  }
}

/** What a security key signs: the digests of application and message, with its flags and counter between. */
function withCounter(application: Buffer, signature: Reader, signed: Buffer): Buffer {
  const flagsAndCounter = signature.take(5);
  const isTouched = ((flagsAndCounter[0] ?? 0) & 1) === 1;
  if (!isTouched) throw new SshSignatureError('nobody touched the security key');
  const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest();
  return Buffer.concat([sha256(application), flagsAndCounter, sha256(signed)]);
}

function ed25519(point: Buffer): KeyObject {
  return keyOf({ kty: 'OKP', crv: 'Ed25519', x: point.toString('base64url') });
}

function keyOf(jwk: JsonWebKey): KeyObject {
  try {
    return createPublicKey({ key: jwk, format: 'jwk' });
  } catch (error) {
    throw new SshSignatureError('its key cannot be read', { cause: error });
  }
}

function isRsaSignature(key: Reader, algorithm: string, bytes: Buffer, signed: Buffer): boolean {
  const hash = { 'rsa-sha2-256': 'sha256', 'rsa-sha2-512': 'sha512' }[algorithm];
  if (hash === undefined) throw new SshSignatureError(`its algorithm ${algorithm} is not used`);
  const [e, n] = [key.field(), key.field()];
  const jwk = { kty: 'RSA', e: e.toString('base64url'), n: unsigned(n).toString('base64url') };
  const publicKey = keyOf(jwk);
  if ((publicKey.asymmetricKeyDetails?.modulusLength ?? 0) < MIN_RSA_BITS) {
    throw new SshSignatureError(`its RSA key has less than ${MIN_RSA_BITS} bits`);
  }
  return verify(hash, signed, publicKey, bytes);
}

function isEcSignature(key: Reader, bytes: Buffer, signed: Buffer): boolean {
  return isEcPointSignature(key.text(), key.field(), bytes, signed);
}

function isEcPointSignature(curve: string, point: Buffer, bytes: Buffer, signed: Buffer): boolean {
  const facts = CURVES.get(curve);
  if (facts === undefined || point[0] !== 4 || point.length !== 1 + 2 * facts.bytes) {
    throw new SshSignatureError('its key cannot be read');
  }
  const x = point.subarray(1, 1 + facts.bytes).toString('base64url');
  const y = point.subarray(1 + facts.bytes).toString('base64url');
  const numbers = new Reader(bytes);
  const [r, s] = [numbers.field(), numbers.field()].map((number) => padded(number, facts.bytes));
  if (r === undefined || s === undefined) return false;
  const key = keyOf({ kty: 'EC', crv: facts.crv, x, y });
  return verify(facts.hash, signed, { key, dsaEncoding: 'ieee-p1363' }, Buffer.concat([r, s]));
}

/** Without the zeros that keep a number positive. */
function unsigned(number: Buffer): Buffer {
  let start = 0;
  while (start < number.length - 1 && number[start] === 0) start++;
  return number.subarray(start);
}

function padded(number: Buffer, length: number): Buffer | undefined {
  const bare = unsigned(number);
  return bare.length > length
    ? undefined
    : Buffer.concat([Buffer.alloc(length - bare.length), bare]);
}
