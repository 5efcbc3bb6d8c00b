// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { scratchFolder } from '../../../../test/kit/git-repository.ts';
import { makeSshKey } from '../../../../test/kit/git-ssh-server.ts';
import { signedObject } from './signed-object.ts';
import { SshSignatureError, verifySshSignature } from './ssh-signature.ts';

const folder = scratchFolder('signatures');
const payload = Buffer.from('tree 0\n\nwhat is signed\n');

function sign(privateKey: string, namespace = 'git', hash = 'sha512'): string {
  const key = join(folder, `key-${Math.random()}`);
  writeFileSync(key, privateKey, { mode: 0o600 });
  return execFileSync(
    'ssh-keygen',
    ['-Y', 'sign', '-q', '-n', namespace, '-O', `hashalg=${hash}`, '-f', key],
    {
      input: payload,
      encoding: 'utf8',
      stdio: 'pipe',
    },
  );
}

for (const type of ['ed25519', 'rsa', 'ecdsa']) {
  test(`a signature of ${type} counts, and each twin that was tampered with does not`, () => {
    const key = makeSshKey('', type);
    const signature = sign(key.privateKey);
    const { fingerprint } = verifySshSignature(signature, payload, `# ours\n${key.publicKey}`);
    assert.match(fingerprint, /^SHA256:[A-Za-z0-9+/]{43}$/);
    verifySshSignature(sign(key.privateKey, 'git', 'sha256'), payload, `me@x ${key.publicKey}`);
    const refused = (armored: string, bytes: Uint8Array, trusted: string, why: RegExp) =>
      assert.throws(
        () => verifySshSignature(armored, bytes, trusted),
        (error) => error instanceof SshSignatureError && why.test(error.message),
      );
    refused(signature, Buffer.from('other'), key.publicKey, /something else/);
    refused(signature, payload, makeSshKey('', type).publicKey, /not trusted/);
    refused(signature, payload, '', /not trusted/);
    refused(sign(key.privateKey, 'file'), payload, key.publicKey, /not for git/);
    refused('-----BEGIN PGP SIGNATURE-----', payload, key.publicKey, /no SSH signature/);
    refused(signature.replace(/\n.{8}/, '\nAAAAAAAA'), payload, key.publicKey, /no SSH signature/);
    const lines = signature.trimEnd().split('\n');
    const body = Buffer.from(lines.slice(1, -1).join(''), 'base64');
    const last = body.length - 3;
    body[last] = (body[last] ?? 0) ^ 1;
    const changed = [lines[0], body.toString('base64'), lines.at(-1), ''].join('\n');
    refused(changed, payload, key.publicKey, /something else/);
    const cut = [lines[0], body.subarray(0, -9).toString('base64'), lines.at(-1), ''].join('\n');
    refused(cut, payload, key.publicKey, /too early/);
  });
}

test('the signature of a commit is a header, the one of a tag its end', () => {
  const armor = '-----BEGIN PGP SIGNATURE-----\n\nabc\n-----END PGP SIGNATURE-----';
  const commit = `tree 1\nauthor a\ngpgsig ${armor.replaceAll('\n', '\n ')}\nencoding x\n\nmessage\n`;
  const found = signedObject('commit', Buffer.from(commit));
  assert.equal(found?.format, 'pgp');
  assert.equal(found?.signature, `${armor}\n`);
  assert.equal(
    Buffer.from(found?.payload ?? []).toString(),
    'tree 1\nauthor a\nencoding x\n\nmessage\n',
  );
  const tag = `object 1\n\nmessage\n${armor}\n`;
  assert.equal(
    Buffer.from(signedObject('tag', Buffer.from(tag))?.payload ?? []).toString(),
    'object 1\n\nmessage\n',
  );
  assert.equal(signedObject('commit', Buffer.from('tree 1\n\nno signature\n')), undefined);
  // An armor in the message is no signature of the commit.
  assert.equal(signedObject('commit', Buffer.from(`tree 1\n\n${armor}\n`)), undefined);
  assert.equal(signedObject('blob', Buffer.from(armor)), undefined);
});
