// SPDX-License-Identifier: Apache-2.0

/** The ports for browsers say what those for Node say. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DigestAlgorithm } from '../functions/ports.ts';
import { nodePorts } from './node.ts';
import { MissingCryptoError, webPorts } from './web.ts';

const node = nodePorts().functions;
const web = webPorts().functions;
const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const ALGORITHMS: readonly DigestAlgorithm[] = ['sha1', 'sha256', 'sha384', 'sha512'];

test('digests and keyed digests are equal', () => {
  for (const algorithm of ALGORITHMS) {
    for (const size of [0, 1, 111, 20_000]) {
      const data = new Uint8Array(size).map((_, i) => i * 7);
      assert.equal(
        hex(web.crypto.digest(algorithm, data)),
        hex(node.crypto.digest(algorithm, data)),
      );
      assert.equal(
        hex(web.crypto.hmac(algorithm, text('key'), data)),
        hex(node.crypto.hmac(algorithm, text('key'), data)),
      );
    }
  }
});

test('scrypt and AES are equal', () => {
  const parameters = { cost: 64, blockSize: 8, parallelization: 2, length: 64 };
  assert.equal(
    hex(web.crypto.scrypt(text('pw'), text('salt'), parameters)),
    hex(node.crypto.scrypt(text('pw'), text('salt'), parameters)),
  );
  const [key, iv, data] = [text('k'.repeat(32)), text('i'.repeat(16)), text('d'.repeat(64))];
  const packed = web.crypto.aesCbc('encrypt', key, iv, data);
  assert.equal(hex(packed), hex(node.crypto.aesCbc('encrypt', key, iv, data)));
  assert.equal(hex(web.crypto.aesCbc('decrypt', key, iv, packed)), hex(data));
});

test('keys of one sign for the other', () => {
  const requests = [{ type: 'rsa', bits: 1024 }, { type: 'ed25519' }] as const;
  for (const request of requests) {
    const digest = request.type === 'rsa' ? 'sha256' : undefined;
    for (const [maker, other] of [
      [node, web],
      [web, node],
    ] as const) {
      const { privateKey, publicKey } = maker.crypto.generateKey(request);
      assert.equal(hex(other.crypto.publicKeyOf(privateKey)), hex(publicKey), request.type);
      assert.equal(
        hex(other.crypto.sign(privateKey, digest, text('x'))),
        hex(maker.crypto.sign(privateKey, digest, text('x'))),
        request.type,
      );
    }
  }
});

test('what a browser cannot make is told', () => {
  assert.throws(
    () => web.crypto.generateKey({ type: 'ecdsa', curve: 'P-256' }),
    (error) =>
      error instanceof MissingCryptoError && /ECDSA keys .* `crypto` port/.test(error.message),
  );
});

test('randomness of any length, a clock that can be fixed', () => {
  assert.equal(web.randomBytes(100_000).length, 100_000);
  assert.notEqual(hex(web.randomBytes(16)), hex(web.randomBytes(16)));
  assert.equal(webPorts({ nowMs: () => 5 }).functions.now(), 5_000_000n);
});
