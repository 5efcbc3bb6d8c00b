// SPDX-License-Identifier: Apache-2.0

/** Functions whose results differ each time: their shape, their validity, their fit with each other. */

import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { compareSync } from 'bcryptjs';
import { answer } from '../../../../test/conformance/function-cases.ts';
import { nodeFunctionPorts } from '../ports/node.ts';
import { createFunctions } from './index.ts';

const BETWEEN = '\n#\n';

/** The parts a template writes, separated by `{{ $sep }}`. */
function parts(template: string): string[] {
  const { output, error } = answer({
    template: `{{ $sep := .sep }}${template}`,
    values: { sep: BETWEEN },
  });
  assert.equal(error, undefined);
  return (output ?? '').split(BETWEEN);
}

function pair(call: string): { cert: X509Certificate; key: string } {
  const [cert = '', key = ''] = parts(`{{ $c := ${call} }}{{ $c.Cert }}{{ $sep }}{{ $c.Key }}`);
  return { cert: new X509Certificate(cert), key };
}

test('a CA signs itself and matches its key', () => {
  const { cert, key } = pair('genCA "my-ca" 365');
  assert.equal(cert.subject, 'CN=my-ca');
  assert.equal(cert.issuer, 'CN=my-ca');
  assert.equal(cert.ca, true);
  assert.ok(cert.verify(cert.publicKey));
  assert.ok(cert.checkPrivateKey(createPrivateKey(key)));
  assert.equal(cert.publicKey.asymmetricKeyDetails?.modulusLength, 2048);
  assert.match(key, /^-----BEGIN RSA PRIVATE KEY-----\n/);
});

test('a signed certificate chains to its CA, names its hosts and ends in time', () => {
  const [caText = '', text = '', key = ''] = parts(
    '{{ $ca := genCA "ca" 10 }}{{ $c := genSignedCert "leaf" (list "10.0.0.1" "::1") (list "a.example" "*.b.example") 3 $ca }}' +
      '{{ $ca.Cert }}{{ $sep }}{{ $c.Cert }}{{ $sep }}{{ $c.Key }}',
  );
  const [ca, cert] = [new X509Certificate(caText), new X509Certificate(text)];
  assert.ok(cert.checkIssued(ca));
  assert.ok(cert.verify(ca.publicKey));
  assert.ok(cert.checkPrivateKey(createPrivateKey(key)));
  assert.equal(cert.ca, false);
  assert.equal(
    cert.subjectAltName,
    'DNS:a.example, DNS:*.b.example, IP Address:10.0.0.1, IP Address:0:0:0:0:0:0:0:1',
  );
  const days = (cert.validToDate.getTime() - cert.validFromDate.getTime()) / 86_400_000;
  assert.equal(days, 3);
});

test('certificates are made of given keys of every type', () => {
  for (const type of ['ecdsa', 'ed25519']) {
    const [ca = '', leaf = ''] = parts(
      `{{ $k := genPrivateKey "${type}" }}{{ $ca := genCAWithKey "ca" 5 $k }}` +
        '{{ $c := genSignedCertWithKey "x" nil (list "x") 5 $ca (genPrivateKey "ecdsa") }}' +
        '{{ $ca.Cert }}{{ $sep }}{{ $c.Cert }}',
    );
    const authority = new X509Certificate(ca);
    assert.equal(authority.publicKey.asymmetricKeyType, type === 'ecdsa' ? 'ec' : 'ed25519');
    assert.ok(new X509Certificate(leaf).verify(authority.publicKey));
  }
  const self = pair('genSelfSignedCertWithKey "s" nil nil 5 (genPrivateKey "ecdsa")');
  assert.ok(self.cert.verify(self.cert.publicKey));
  assert.match(self.key, /^-----BEGIN EC PRIVATE KEY-----\n/);
});

test('a self-signed certificate is its own authority by signature only', () => {
  const { cert, key } = pair('genSelfSignedCert "s.example" nil (list "s.example") 1');
  assert.ok(cert.verify(cert.publicKey));
  assert.equal(cert.ca, false);
  assert.ok(cert.checkPrivateKey(createPrivateKey(key)));
});

test('private keys are of the type and size asked for', () => {
  const [rsa = '', ec = '', ed = ''] = parts(
    '{{ genPrivateKey "rsa" }}{{ $sep }}{{ genPrivateKey "ecdsa" }}{{ $sep }}{{ genPrivateKey "ed25519" }}',
  );
  assert.equal(createPrivateKey(rsa).asymmetricKeyDetails?.modulusLength, 4096);
  assert.equal(createPrivateKey(ec).asymmetricKeyDetails?.namedCurve, 'prime256v1');
  assert.equal(createPrivateKey(ed).asymmetricKeyType, 'ed25519');
});

test('a DSA key has the old form OpenSSL still reads', () => {
  const [dsa = ''] = parts('{{ genPrivateKey "dsa" }}');
  assert.match(dsa, /^-----BEGIN DSA PRIVATE KEY-----\n/);
  const details = createPrivateKey(dsa).asymmetricKeyDetails;
  assert.deepEqual([details?.modulusLength, details?.divisorLength], [2048, 256]);
});

test('password hashes verify and carry the cost of Go', () => {
  const [hash = '', line = ''] = parts(
    '{{ bcrypt "pässword" }}{{ $sep }}{{ htpasswd "user" "secret" }}',
  );
  assert.match(hash, /^\$2a\$10\$[./A-Za-z0-9]{53}$/);
  assert.ok(compareSync('pässword', hash));
  assert.ok(line.startsWith('user:'));
  assert.ok(compareSync('secret', line.slice('user:'.length)));
});

test('what is encrypted twice differs and can be read again', () => {
  const [first = '', second = '', text = ''] = parts(
    '{{ $a := encryptAES "k" "größe" }}{{ $a }}{{ $sep }}{{ encryptAES "k" "größe" }}{{ $sep }}{{ decryptAES "k" $a }}',
  );
  assert.notEqual(first, second);
  assert.equal(text, 'größe');
});

test('random texts come from their alphabets, all letters of it', () => {
  const [alpha = '', digits = '', both = '', ascii = ''] = parts(
    ['randAlpha', 'randNumeric', 'randAlphaNum', 'randAscii']
      .map((name) => `{{ ${name} 4000 }}`)
      .join('{{ $sep }}'),
  );
  assert.equal(new Set(alpha).size, 52);
  assert.equal(new Set(digits).size, 10);
  assert.equal(new Set(both).size, 62);
  assert.equal(new Set(ascii).size, 95);
  assert.match(alpha, /^[A-Za-z]{4000}$/);
  assert.match(ascii, /^[ -~]{4000}$/);
});

test('shuffle keeps the letters, randInt the bounds', () => {
  const [shuffled = '', ...numbers] = parts(
    `{{ shuffle "añ日🎉bcdef" }}${'{{ $sep }}{{ randInt -2 3 }}'.repeat(200)}`,
  );
  assert.deepEqual(Array.from(shuffled).sort(), Array.from('añ日🎉bcdef').sort());
  assert.deepEqual(
    [...new Set(numbers)].map(Number).sort((a, b) => a - b),
    [-2, -1, 0, 1, 2],
  );
});

test('the ports decide: the same randomness and clock give the same result', () => {
  const ports = {
    ...nodeFunctionPorts({ nowMs: () => 1_600_000_000_000 }),
    randomBytes: (count: number) => new Uint8Array(count).fill(7),
  };
  const table = createFunctions('helm3', ports);
  const template = '{{ uuidv4 }} {{ randAlphaNum 3 }} {{ now | unixEpoch }} {{ ago (now) }}';
  const once = answer({ template, values: {} }, table);
  assert.deepEqual(once, answer({ template, values: {} }, table));
  assert.deepEqual(once, { output: '07070707-0707-4707-8707-070707070707 HHH 1600000000 0s' });
});

test('a host is looked up only where DNS is enabled', () => {
  const template = '{{ getHostByName "h.example" }}';
  assert.deepEqual(answer({ template, values: {} }), { output: '' });
  const resolveHost = (name: string): readonly string[] =>
    name === 'h.example' ? ['10.1.2.3'] : [];
  const table = createFunctions('helm3', nodeFunctionPorts({ resolveHost }));
  assert.deepEqual(answer({ template, values: {} }, table), { output: '10.1.2.3' });
  const missing = answer({ template: '{{ getHostByName "x" }}', values: {} }, table);
  assert.match(missing.error ?? '', /error calling getHostByName: invalid argument to Intn/);
});

test('one call cannot fill the memory', () => {
  for (const call of [
    'repeat 1000000000 "x"',
    'until 1000000000',
    'randAlpha 1000000000',
    'indent 1000000000 "x"',
  ]) {
    assert.match(
      answer({ template: `{{ ${call} }}`, values: {} }).error ?? '',
      /one call may make at most/,
    );
  }
});

test('long texts give what Go gives', () => {
  const values = { text: 'aé \n'.repeat(100_000) };
  for (const [call, sum] of [
    ['nospace .text', 'abc5aacd01baf67d7e800f51700211a0526d0e7a'],
    ['snakecase .text', '0cab6c5992d07f4447427b9d0d155d613f6cf63c'],
    ['camelcase .text', '86b78095ff839e3aa70e34dea72023a9bccf9f58'],
    ['indent 2 .text', '24864c6a04849624951f1901ffc1c14a0dd496c1'],
    ['replace "a" "bb" .text', '132d58d255c856a5f6029b54228b34b9e57d0fdc'],
    ['wrapWith 10 "|" .text', '5be4f31cd6a5d14966d3a8d580f4988d1ca4d890'],
  ] as const) {
    assert.deepEqual(
      answer({ template: `{{ sha1sum (${call}) }}`, values }),
      { output: sum },
      call,
    );
  }
  const huge = answer({ template: '{{ indent 1000 .text }}', values });
  assert.match(huge.error ?? '', /error calling indent: one call may make at most/);
});
