// SPDX-License-Identifier: Apache-2.0

/** Cosign and notation signatures in a real registry: what counts, and for each refusal the twin that does. */

import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { after, before, test } from 'node:test';
import {
  createFetchPorts,
  type FetchPorts,
  openRegistry,
  parseRegistryReference,
  type RegistryClient,
} from '@helm-operator/fetch';
import {
  type CosignPolicy,
  fetchVerifiedChart,
  type NotationPolicy,
  OciCharts,
  type SignedImage,
  SourceError,
  verifyCosign,
  verifyNotation,
} from '@helm-operator/helm';
import { notationEnvelope } from '../../kit/notation.ts';
import { addReferrers, pushChart, pushImage } from '../../kit/oci-push.ts';
import { type OciRegistry, startOciRegistry } from '../../kit/oci-registry.ts';
import {
  type Bundle,
  bundleWithKey,
  type CosignSignature,
  makeSigstore,
  SIGN_PREDICATE,
  signWithKey,
  statementOf,
} from '../../kit/sigstore.ts';
import { tarball } from '../../kit/tarball.ts';
import { CODE_SIGNING, extendedUsage, makeCertificate } from '../../kit/x509.ts';

const { signal } = new AbortController();
const archive = tarball({ 'web/Chart.yaml': 'apiVersion: v2\nname: web\nversion: 1.0.0\n' });

let registry: OciRegistry;
let ports: FetchPorts;
let client: RegistryClient;
let count = 0;

before(async () => {
  registry = await startOciRegistry();
  ports = createFetchPorts({ userAgent: 'test' });
  const credentials = { isPlainHttp: true };
  client = openRegistry({ registry: registry.host, credentials, ports });
});
after(() => registry.stop());

interface Pushed {
  readonly image: SignedImage;
  readonly repository: string;
  readonly size: number;
}

/** A chart in a repository of its own. */
async function push(): Promise<Pushed> {
  const repository = `${registry.host}/case-${count++}/web`;
  const { digest, size } = await pushChart(client, `${repository}:1.0.0`, archive);
  const reference = parseRegistryReference(repository);
  const reader = { client, cache: ports.cache, signal };
  return { image: { reader, reference, digest }, repository, size };
}

async function attach({ repository, image }: Pushed, signatures: readonly CosignSignature[]) {
  const tag = `${image.digest.replace(':', '-')}.sig`;
  const layers = signatures.map(({ payload, annotations }) => ({
    mediaType: 'application/vnd.dev.cosign.simplesigning.v1+json',
    bytes: payload,
    annotations,
  }));
  await pushImage(client, { reference: `${repository}:${tag}`, layers });
}

async function refer(pushed: Pushed, artifactType: string, mediaType: string, contents: unknown[]) {
  const { repository, image, size } = pushed;
  const referrers = [];
  for (const content of contents) {
    const bytes = Buffer.from(JSON.stringify(content));
    const subject = { digest: image.digest, size };
    const layers = [{ mediaType, bytes }];
    const done = await pushImage(client, { reference: repository, layers, artifactType, subject });
    referrers.push({ ...done, artifactType });
  }
  await addReferrers(client, repository, image.digest, referrers);
}

const BUNDLE = 'application/vnd.dev.sigstore.bundle.v0.3+json';
const referBundles = (pushed: Pushed, bundles: unknown[]) => refer(pushed, BUNDLE, BUNDLE, bundles);

function pemOf(key: KeyObject): string {
  return key.export({ type: 'spki', format: 'pem' }).toString();
}

async function refused(work: Promise<unknown>, reason: RegExp, name = ''): Promise<void> {
  await assert.rejects(work, (error) => {
    assert.ok(error instanceof SourceError, `${name}: ${error}`);
    assert.equal(error.code, 'source/verification', name);
    assert.match(error.message, reason, name);
    return true;
  });
}

const mine = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const other = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const elsewhere = `sha256:${'e'.repeat(64)}`;

function cosign(pushed: Pushed, policy: CosignPolicy, bundles?: readonly string[]) {
  return verifyCosign({ image: pushed.image, artifacts: [archive], policy, bundles });
}

test('cosign with a key: its own signature counts, nothing else', async () => {
  const keys = [pemOf(other.publicKey), pemOf(mine.publicKey)];
  const policy: CosignPolicy = { kind: 'keys', keys };
  const flip = (signature: CosignSignature): CosignSignature => {
    const text = signature.annotations['dev.cosignproject.cosign/signature'] ?? '';
    const bytes = Buffer.from(text, 'base64');
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    const changed = { 'dev.cosignproject.cosign/signature': bytes.toString('base64') };
    return { ...signature, annotations: { ...signature.annotations, ...changed } };
  };
  const rows: readonly [string, (digest: string) => CosignSignature[], RegExp | undefined][] = [
    ['signed', (digest) => [signWithKey(digest, mine.privateKey)], undefined],
    [
      'a wrong one first',
      (digest) => [
        flip(signWithKey(digest, mine.privateKey)),
        signWithKey(digest, mine.privateKey),
      ],
      undefined,
    ],
    ['nothing', () => [], /none of 0|no signature/],
    [
      'a changed signature',
      (digest) => [flip(signWithKey(digest, mine.privateKey))],
      /none of the keys/,
    ],
    ['another image', () => [signWithKey(elsewhere, mine.privateKey)], /signature of "sha256:eee/],
    [
      'no signature in it',
      (digest) => [{ ...signWithKey(digest, mine.privateKey), annotations: {} }],
      /none of the keys/,
    ],
    [
      'changed text',
      (digest) => {
        const one = signWithKey(digest, mine.privateKey);
        return [{ ...one, payload: Buffer.from(`${one.payload} `) }];
      },
      /none of the keys/,
    ],
  ];
  for (const [name, make, reason] of rows) {
    const pushed = await push();
    const signatures = make(pushed.image.digest);
    if (signatures.length > 0) await attach(pushed, signatures);
    if (reason !== undefined) await refused(cosign(pushed, policy), reason, name);
    else assert.equal(await cosign(pushed, policy), 'signed with key 2 (cosign)', name);
  }
});

test('cosign with RSA and Ed25519 keys, and with another key than the one that signed', async () => {
  for (const pair of [
    generateKeyPairSync('rsa', { modulusLength: 2048 }),
    generateKeyPairSync('ed25519'),
  ]) {
    const pushed = await push();
    await attach(pushed, [signWithKey(pushed.image.digest, pair.privateKey)]);
    const policy = (key: KeyObject): CosignPolicy => ({ kind: 'keys', keys: [pemOf(key)] });
    assert.match(await cosign(pushed, policy(pair.publicKey)), /key 1/);
    await refused(cosign(pushed, policy(mine.publicKey)), /none of the keys/);
  }
  const policy: CosignPolicy = { kind: 'keys', keys: ['no key'] };
  await refused(cosign(await push(), policy), /public key 1 cannot be read/);
});

test('cosign bundles with a key', async () => {
  const policy: CosignPolicy = { kind: 'keys', keys: [pemOf(mine.publicKey)] };
  const bundle = (digest: string, predicate = SIGN_PREDICATE, key = mine.privateKey) =>
    bundleWithKey(statementOf(digest, predicate), key);
  const changed = (one: Bundle, digest: string): Bundle => {
    const payload = statementOf(digest, SIGN_PREDICATE).toString('base64');
    return { ...one, dsseEnvelope: { ...one.dsseEnvelope, payload } };
  };
  const rows: readonly [string, (digest: string) => unknown, RegExp | undefined][] = [
    ['signed', (digest) => bundle(digest), undefined],
    [
      'another key',
      (digest) => bundle(digest, SIGN_PREDICATE, other.privateKey),
      /signature verification failed/,
    ],
    ['another image', () => bundle(elsewhere), /signature of another image/],
    [
      'a statement of something else',
      (digest) => bundle(digest, 'https://spdx.dev/Document'),
      /not a signature/,
    ],
    [
      'a changed statement',
      (digest) => changed(bundle(elsewhere), digest),
      /signature verification failed/,
    ],
    ['no bundle', () => ({ mediaType: 'x' }), /none of 1/],
  ];
  for (const [name, make, reason] of rows) {
    const pushed = await push();
    await referBundles(pushed, [make(pushed.image.digest)]);
    if (reason !== undefined) await refused(cosign(pushed, policy), reason, name);
    else assert.match(await cosign(pushed, policy), /key 1/, name);
    const offline = [JSON.stringify(make(pushed.image.digest))];
    if (reason === undefined) assert.match(await cosign(pushed, policy, offline), /key 1/);
    else await refused(cosign(pushed, policy, offline), reason, name);
  }
});

test('cosign without a key: authority, log, certificate log and identity', async () => {
  const sigstore = makeSigstore();
  const stranger = makeSigstore();
  const who = {
    subject: 'https://ci.example.test/charts/release.yml@refs/tags/v1',
    issuer: 'https://token.example.test',
  };
  const policy = (
    identities: CosignPolicy extends infer P
      ? P extends { identities: infer I }
        ? I
        : never
      : never,
    trustedRoot = sigstore.trustedRoot,
  ): CosignPolicy => ({ kind: 'keyless', identities, trustedRoot });
  const rule = {
    issuer: '^https://token\\.example\\.test$',
    subject: '^https://ci\\.example\\.test/',
  };
  const without = (one: CosignSignature, name: string): CosignSignature => {
    const annotations = Object.entries(one.annotations).filter(([key]) => !key.endsWith(name));
    return { ...one, annotations: Object.fromEntries(annotations) };
  };
  const shifted = (one: CosignSignature): CosignSignature => {
    const entry = JSON.parse(one.annotations['dev.sigstore.cosign/bundle'] ?? '');
    entry.Payload.integratedTime += 60;
    const annotations = { ...one.annotations, 'dev.sigstore.cosign/bundle': JSON.stringify(entry) };
    return { ...one, annotations };
  };
  const sign = (digest: string) => sigstore.signKeyless(digest, who);
  const rows: readonly [
    string,
    (digest: string) => CosignSignature,
    CosignPolicy,
    RegExp | undefined,
  ][] = [
    ['signed', sign, policy([rule]), undefined],
    ['any identity', sign, policy([]), undefined],
    ['the second rule', sign, policy([{ issuer: 'x', subject: 'x' }, rule]), undefined],
    ['an empty part is any', sign, policy([{ issuer: '', subject: rule.subject }]), undefined],
    [
      'another issuer',
      sign,
      policy([{ ...rule, issuer: '^https://evil' }]),
      /which no rule allows/,
    ],
    [
      'another subject',
      sign,
      policy([{ ...rule, subject: '^https://evil' }]),
      /which no rule allows/,
    ],
    [
      'another authority',
      (digest) => stranger.signKeyless(digest, who),
      policy([rule]),
      /certificate chain/,
    ],
    [
      'a root that does not know it',
      sign,
      policy([rule], stranger.trustedRoot),
      /certificate chain/,
    ],
    [
      'not in the log',
      (digest) => without(sign(digest), 'bundle'),
      policy([rule]),
      /timestamps|bundle/,
    ],
    [
      'no certificate',
      (digest) => without(sign(digest), 'certificate'),
      policy([rule]),
      /no certificate/,
    ],
    ['another time', (digest) => shifted(sign(digest)), policy([rule]), /inclusion promise/],
    ['another image', () => sign(elsewhere), policy([rule]), /signature of "sha256:eee/],
    [
      'another text',
      (digest) => ({ ...sign(digest), payload: sign(elsewhere).payload }),
      policy([rule]),
      /mismatch|failed/,
    ],
    [
      'with a key',
      (digest) => signWithKey(digest, mine.privateKey),
      policy([rule]),
      /no certificate/,
    ],
  ];
  for (const [name, make, rules, reason] of rows) {
    const pushed = await push();
    await attach(pushed, [make(pushed.image.digest)]);
    if (reason !== undefined) await refused(cosign(pushed, rules), reason, name);
    else
      assert.equal(
        await cosign(pushed, rules),
        `signed by ${who.subject} (${who.issuer}) (cosign)`,
      );
  }
  const pushed = await push();
  const bundle = sigstore.bundleKeyless(pushed.image.digest, who);
  await referBundles(pushed, [bundle]);
  assert.match(await cosign(pushed, policy([rule])), /signed by https:\/\/ci/);
  assert.match(await cosign(pushed, policy([rule]), [JSON.stringify(bundle)]), /signed by/);
  await refused(cosign(pushed, policy([{ ...rule, issuer: 'nobody' }])), /no rule allows/);
  const foreign = sigstore.bundleKeyless(elsewhere, who);
  await refused(cosign(pushed, policy([rule]), [JSON.stringify(foreign)]), /another image/);
  await refused(cosign(pushed, policy([rule], '{')), /trusted root cannot be read/);
  await refused(cosign(pushed, policy([{ issuer: '(', subject: '' }])), /identity rule/);
});

const SIGNATURE = 'application/vnd.cncf.notary.signature';
const JWS = 'application/jose+json';

test('notation: envelope, chain, identity, policy', async () => {
  const name = (common: string) =>
    [
      ['C', 'US'],
      ['ST', 'WA'],
      ['O', 'test'],
      ['CN', common],
    ] as const;
  const root = makeCertificate({ subject: name('root'), isAuthority: true });
  const middle = makeCertificate({ subject: name('middle'), isAuthority: true, issuer: root });
  const usage = [extendedUsage(CODE_SIGNING)];
  const signer = makeCertificate({ subject: name('signer'), issuer: middle, extensions: usage });
  const direct = makeCertificate({ subject: name('direct'), issuer: root, extensions: usage });
  const late = makeCertificate({
    subject: name('late'),
    issuer: root,
    extensions: usage,
    notAfter: new Date(Date.now() - 3_600_000),
  });
  const server = makeCertificate({
    subject: name('server'),
    issuer: root,
    extensions: [extendedUsage('1.3.6.1.5.5.7.3.1')],
  });
  const ocsp = makeCertificate({
    subject: name('ocsp'),
    issuer: root,
    extensions: [{ oid: '2.5.29.31', value: Buffer.from('3000', 'hex') }],
  });
  const strangerRoot = makeCertificate({ subject: name('root'), isAuthority: true });
  const stranger = makeCertificate({
    subject: name('signer'),
    issuer: strangerRoot,
    extensions: usage,
  });
  const byLeaf = makeCertificate({ subject: name('child'), issuer: direct, extensions: usage });
  const policyOf = (
    changes: Record<string, unknown> = {},
    certificate = root.pem,
  ): NotationPolicy => ({
    trustPolicy: JSON.stringify({
      version: '1.0',
      trustPolicies: [
        {
          name: 'charts',
          registryScopes: ['*'],
          signatureVerification: { level: 'strict' },
          trustStores: ['ca:mine'],
          trustedIdentities: ['*'],
          ...changes,
        },
      ],
    }),
    trustStores: new Map([['ca:mine', [certificate]]]),
  });
  const strict = policyOf();
  const level = (text: string, override?: Record<string, string>) =>
    policyOf({ signatureVerification: { level: text, ...(override && { override }) } });
  type Make = (digest: string) => unknown;
  const by =
    (who: typeof signer, ...chain: (typeof signer)[]): Make =>
    (digest) =>
      notationEnvelope({ digest, signer: who, chain });
  const good = by(signer, middle, root);
  const expired: Make = (digest) =>
    notationEnvelope({ digest, signer: direct, chain: [root], expiry: '2020-01-01T00:00:00Z' });
  const header =
    (changes: Record<string, unknown>): Make =>
    (digest) =>
      notationEnvelope({ digest, signer: direct, chain: [root], header: changes });
  const changed =
    (field: string, value: unknown): Make =>
    (digest) => ({
      ...notationEnvelope({ digest, signer: direct, chain: [root] }),
      [field]: value,
    });
  const subject = (text: string) => policyOf({ trustedIdentities: [`x509.subject: ${text}`] });
  const rows: readonly [string, Make, NotationPolicy, RegExp | undefined][] = [
    ['signed', good, strict, undefined],
    ['the root left out', by(signer, middle), strict, undefined],
    ['the middle one trusted', good, policyOf({}, middle.pem), undefined],
    ['its subject', good, subject('C=US, ST=WA, O=test'), undefined],
    ['its whole subject', good, subject('C=US, ST=WA, O=test, CN=signer'), undefined],
    [
      'not yet expired',
      (digest) =>
        notationEnvelope({ digest, signer: direct, chain: [root], expiry: '2999-01-01T00:00:00Z' }),
      strict,
      undefined,
    ],
    ['expired, which may be', expired, level('permissive'), undefined],
    ['a foreign chain under audit', by(stranger, strangerRoot), level('audit'), undefined],
    ['revocation overridden', by(ocsp, root), level('strict', { revocation: 'skip' }), undefined],
    ['another subject', good, subject('C=US, ST=WA, O=evil'), /whom no rule trusts/],
    ['a rule without organisation', good, subject('C=US, ST=WA'), /has no O/],
    ['a foreign chain', by(stranger, strangerRoot), strict, /in the trust store/],
    ['a foreign chain with our root', by(stranger, root), strict, /did not issue/],
    ['a missing link', by(signer, root), strict, /did not issue/],
    ['issued by no authority', by(byLeaf, direct, root), strict, /may not issue/],
    ['signed by an authority', by(middle, root), strict, /of an authority/],
    ['not for code', by(server, root), strict, /not for code signing/],
    ['an old certificate', by(late, root), strict, /is not valid at/],
    ['a certificate that could be revoked', by(ocsp, root), strict, /revoked is not asked/],
    ['expired', expired, strict, /expired at/],
    ['another image', () => good(elsewhere), strict, /signature of sha256:eee/],
    [
      'another payload',
      (digest) => ({
        ...(good(elsewhere) as object),
        payload: (good(digest) as { payload: string }).payload,
      }),
      strict,
      /does not match/,
    ],
    ['another signature', changed('signature', 'AAAA'), strict, /does not match/],
    ['no signature', changed('signature', undefined), strict, /no signature/],
    ['no chain', changed('header', {}), strict, /no usable x5c/],
    ['another algorithm', header({ alg: 'PS256' }), strict, /does not belong/],
    ['no algorithm', header({ alg: 'none' }), strict, /not accepted/],
    [
      'an unknown critical header',
      header({ crit: ['io.cncf.notary.signingScheme', 'x'] }),
      strict,
      /critical header "x"/,
    ],
    ['an unknown scheme', header({ 'io.cncf.notary.signingScheme': 'x' }), strict, /scheme "x"/],
    [
      'a scheme without a store',
      header({
        'io.cncf.notary.signingScheme': 'notary.x509.signingAuthority',
        'io.cncf.notary.authenticSigningTime': new Date().toISOString(),
      }),
      strict,
      /needs a trust store/,
    ],
    ['no envelope', () => [], strict, /not an object/],
  ];
  for (const [what, make, policy, reason] of rows) {
    const pushed = await push();
    await refer(pushed, SIGNATURE, JWS, [make(pushed.image.digest)]);
    const work = verifyNotation({ image: pushed.image, policy, nowMs: Date.now() });
    if (reason !== undefined) await refused(work, reason, what);
    else assert.match(await work, /^signed by C=US, ST=WA, O=test, CN=/, what);
  }
  const pushed = await push();
  const run = (policy: NotationPolicy) =>
    verifyNotation({ image: pushed.image, policy, nowMs: Date.now() });
  await refused(run(strict), /no signature/);
  assert.match(await run(policyOf({ signatureVerification: { level: 'skip' } })), /not looked at/);
  await refused(run(policyOf({ registryScopes: ['elsewhere.test/x'] })), /no policy is for/);
  await refused(run({ ...strict, trustPolicy: '{}' }), /version undefined is not 1.0/);
  await refused(run(level('loose')), /level "loose"/);
  await refused(run(level('strict', { integrity: 'skip' })), /overrides integrity/);
  await refer(pushed, SIGNATURE, 'application/cose', [{}]);
  await refused(run(strict), /application\/cose are not read/);
});

test('a chart is downloaded only once its image is verified', async () => {
  const asked: string[] = [];
  const charts = new OciCharts();
  const policy: CosignPolicy = { kind: 'keys', keys: [pemOf(mine.publicKey)] };
  const fetchIt = (pushed: Pushed) => {
    const url = `oci://${pushed.repository}`;
    const request = {
      location: { kind: 'oci' as const, url, version: '1.0.0' },
      credentials: { isPlainHttp: true },
    };
    const context = {
      fetch: createFetchPorts({ userAgent: 'test' }),
      signal,
      onStep: ({ step }: { step: string }) => asked.push(step),
    };
    const image = { provider: 'cosign', policy } as const;
    return fetchVerifiedChart(charts, { request, image, nowMs: Date.now() }, context);
  };
  const pushed = await push();
  await refused(fetchIt(pushed), /no signature/);
  assert.deepEqual(asked, ['resolve']);
  await attach(pushed, [signWithKey(pushed.image.digest, mine.privateKey)]);
  const chart = await fetchIt(pushed);
  assert.equal(chart.verified, 'signed with key 1 (cosign)');
  assert.equal(chart.metadata.name, 'web');
  assert.deepEqual(asked, ['resolve', 'resolve', 'verify', 'download']);
});
