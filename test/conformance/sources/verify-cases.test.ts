// SPDX-License-Identifier: Apache-2.0

/** `helm verify` beside ours: what is accepted, what is refused, and the same words. */

import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { printVerdict, verifyChartFile } from '@helm-operator/helm';
import { clearSign, makeKey, provenanceBody, revoked, type TestKey } from '../../kit/pgp.ts';
import { tarball } from '../../kit/tarball.ts';
import { openWorkspace, outcomeOf, type Workspace } from './peer.ts';

const CHART_YAML = 'apiVersion: v2\nname: web\nversion: 1.0.0\n';
const archive = tarball({ 'web/Chart.yaml': CHART_YAML, 'web/values.yaml': 'a: 1\n' });
const other = tarball({ 'web/Chart.yaml': CHART_YAML, 'web/values.yaml': 'a: 2\n' });
const body = provenanceBody(CHART_YAML, 'web-1.0.0.tgz', archive);
const HOUR_MS = 3_600_000;

interface Case {
  readonly name: string;
  /** Default: what Helm would write. */
  readonly provenance?: string | Uint8Array | null | undefined;
  readonly archive?: Uint8Array | undefined;
  readonly fileName?: string | undefined;
  /** Default: the signer's public key. */
  readonly ring?: Uint8Array | string | null | undefined;
  /** What `verify` is told, when it is not the archive. */
  readonly target?: string | undefined;
  /** Where the reason comes from a cryptographic library, its words are its own. */
  readonly mayDiffer?: boolean | undefined;
}

let workspace: Workspace;
let cases: Case[];

before(async () => {
  workspace = await openWorkspace();
  cases = await makeCases();
});
after(() => workspace.stop());

async function makeCases(): Promise<Case[]> {
  const [rsa, ecc, mallory, subkey] = await Promise.all([
    makeKey('Alice', { type: 'rsa' }),
    makeKey('Eddy'),
    makeKey('Mallory'),
    makeKey('Sue', { hasSigningSubkey: true }),
  ]);
  const expired = await makeKey('Old', {
    date: new Date(Date.now() - 2 * HOUR_MS),
    lifeSeconds: 3600,
  });
  const gone = await makeKey('Gone');
  const weak = await makeKey('Weak', { type: 'rsa', rsaBits: 1024 });
  const sign = (key: TestKey, text = body) => clearSign(text, key);
  const good = await sign(rsa);
  const ring = rsa.publicRing;
  const concat = (...rings: Uint8Array[]) => Buffer.concat(rings);
  const signature = good.slice(good.indexOf('-----BEGIN PGP SIGNATURE-----'));
  const named = (text: string) => text.replace('web-1.0.0.tgz', 'other-1.0.0.tgz');
  return [
    { name: 'RSA', provenance: good, ring },
    { name: 'Ed25519', provenance: await sign(ecc), ring: ecc.publicRing },
    { name: 'by a subkey', provenance: await sign(subkey), ring: subkey.publicRing },
    {
      name: 'a ring of many',
      provenance: good,
      ring: concat(mallory.publicRing, ecc.publicRing, ring),
    },
    { name: 'a secret ring', provenance: good, ring: rsa.privateKey.write() },
    { name: 'SHA-1', provenance: await clearSign(body, rsa, undefined, 'sha1'), ring },
    { name: 'text before the message', provenance: `hello\n${good}`, ring },
    { name: 'text after the signature', provenance: `${good}bye\n`, ring },
    { name: 'lines ended by CRLF', provenance: good.replaceAll('\n', '\r\n'), ring },
    { name: 'spaces at line ends', provenance: good.replace('name: web', 'name: web  '), ring },
    { name: 'no line end at the end', provenance: good.trimEnd(), ring },
    {
      name: 'a second file named',
      provenance: await sign(rsa, `${body}  more.tgz: sha256:00\n`),
      ring,
    },
    { name: 'an unknown key', provenance: await sign(mallory), ring },
    { name: 'an empty ring', provenance: good, ring: '' },
    { name: 'an armored ring', provenance: good, ring: rsa.armored },
    { name: 'a key box', provenance: good, ring: Buffer.from('\0\0\0 \x01\x01\0\0KBXf') },
    { name: 'no ring', provenance: good, ring: null },
    { name: 'another archive', provenance: good, ring, archive: other },
    { name: 'another file name', provenance: good, ring, fileName: 'web-2.0.0.tgz' },
    {
      name: 'a changed digest',
      provenance: good.replace(/sha256:../, 'sha256:00'),
      ring,
    },
    {
      name: 'a changed line',
      provenance: good.replace('name: web', 'name: wob'),
      ring,
    },
    {
      name: 'a line more',
      provenance: good.replace('name: web', 'name: web\nhome: x'),
      ring,
    },
    {
      name: 'the signature of another text',
      provenance: (await sign(rsa, named(body))).replace(
        /-----BEGIN PGP SIGNATURE[\s\S]*/,
        signature,
      ),
      ring,
    },
    {
      name: 'a cut signature',
      provenance: good.replace(/\n.{10}\n-----END/, '\n-----END'),
      ring,
      mayDiffer: true,
    },
    {
      name: 'no signature',
      provenance: good.slice(0, good.indexOf('-----BEGIN PGP SIGNATURE')),
      ring,
    },
    { name: 'no message', provenance: signature, ring },
    { name: 'an empty provenance file', provenance: '', ring },
    {
      name: 'an unknown header',
      provenance: good.replace('Hash: SHA512', 'Hash: SHA512\nX: y'),
      ring,
    },
    { name: 'an unknown hash', provenance: good.replace('Hash: SHA512', 'Hash: WHIRLPOOL'), ring },
    { name: 'no hash header', provenance: good.replace('Hash: SHA512\n', ''), ring },
    { name: 'no provenance file', provenance: null, ring },
    { name: 'one part', provenance: await sign(rsa, CHART_YAML), ring },
    { name: 'no files', provenance: await sign(rsa, `${CHART_YAML}\n...\nimages: {}\n`), ring },
    { name: 'an empty second part', provenance: await sign(rsa, `${CHART_YAML}\n...\n`), ring },
    {
      name: 'files that are a list',
      provenance: await sign(rsa, `${CHART_YAML}\n...\nfiles: [a]\n`),
      ring,
      mayDiffer: true,
    },
    {
      name: 'a digest in capitals',
      provenance: await sign(
        rsa,
        body.replace(/sha256:(.*)/, (_, hex: string) => `sha256:${hex.toUpperCase()}`),
      ),
      ring,
    },
    {
      name: 'an expired key',
      provenance: await clearSign(body, expired, new Date(Date.now() - 1.5 * HOUR_MS)),
      ring: expired.publicRing,
    },
    {
      name: 'a revoked key',
      provenance: await sign(gone),
      ring: (await revoked(gone)).publicRing,
    },
    {
      name: 'a short RSA key',
      provenance: await sign(weak),
      ring: weak.publicRing,
      mayDiffer: true,
    },
    { name: 'a folder', provenance: good, ring, target: '.' },
    { name: 'not a .tgz', provenance: good, ring, fileName: 'web-1.0.0.tar.gz' },
    {
      name: 'capitals in .TGZ',
      provenance: await sign(rsa, body.replace('.tgz', '.TGZ')),
      ring,
      fileName: 'web-1.0.0.TGZ',
    },
    { name: 'no archive', provenance: good, ring, target: 'absent.tgz' },
  ];
}

test('verify accepts and refuses what Helm does', async () => {
  const wrong: string[] = [];
  for (const [index, entry] of cases.entries()) {
    const folder = join(workspace.folder, String(index));
    await mkdir(folder, { recursive: true });
    const fileName = entry.fileName ?? 'web-1.0.0.tgz';
    await writeFile(join(folder, fileName), entry.archive ?? archive);
    if (entry.provenance !== null) {
      await writeFile(join(folder, `${fileName}.prov`), entry.provenance ?? '');
    }
    if (entry.ring !== null) await writeFile(join(folder, 'ring.gpg'), entry.ring ?? '');
    const target = join(folder, entry.target ?? fileName);
    const ring = join(folder, 'ring.gpg');
    const theirs = await workspace.helm(['verify', target, '--keyring', ring]);
    const ours = await outcomeOf(async () =>
      printVerdict(await verifyChartFile(target, ring, Date.now())),
    );
    const isSame =
      ours.isAccepted === theirs.isAccepted &&
      (ours.text === theirs.text || entry.mayDiffer === true);
    if (!isSame) {
      wrong.push(
        `${entry.name}:\n  helm: ${JSON.stringify(theirs)}\n  ours: ${JSON.stringify(ours)}`,
      );
    }
  }
  assert.deepEqual(wrong, []);
  assert.ok(cases.length >= 40, `${cases.length} cases`);
});
