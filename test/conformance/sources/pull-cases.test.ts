// SPDX-License-Identifier: Apache-2.0

/** `helm pull` and `helm repo` beside ours: what is accepted, what is refused, and the same files. */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type Authority, createAuthority } from '../../kit/authority.ts';
import { runCli } from '../../kit/run-cli.ts';
import { type SourceServer, startSourceServer } from '../../kit/source-server.ts';
import { openWorkspace, type Workspace } from './peer.ts';
import { chartOf, INDEXES, repositoriesWith, source } from './pull-source.ts';

const served = repositoriesWith(() => other.url);

let workspace: Workspace;
let authority: Authority;
let plain: SourceServer;
/** A host that nobody has credentials for. */
let other: SourceServer;
let secure: SourceServer;
let expired: SourceServer;
let mutual: SourceServer;

before(async () => {
  workspace = await openWorkspace();
  authority = createAuthority();
  plain = await startSourceServer(served);
  other = await startSourceServer(source);
  secure = await startSourceServer(served, { certificate: authority.issue() });
  expired = await startSourceServer(served, { certificate: authority.issue({ isExpired: true }) });
  mutual = await startSourceServer(served, {
    certificate: authority.issue(),
    clientAuthority: authority.ca,
  });
  const { cert, key } = authority.issue({ kind: 'client' });
  for (const [name, text] of Object.entries({ ca: authority.ca, cert, key, junk: 'junk' }))
    await writeFile(join(workspace.folder, `${name}.pem`), text);
  await writeFile(join(workspace.folder, 'local.tgz'), chartOf('local', '1.0.0'));
});
after(async () => {
  for (const server of [plain, other, secure, expired, mutual]) await server.stop();
  await workspace.stop();
});

type Row = readonly [name: string, args: () => readonly string[]];

const RANGES = [
  '',
  '1.0.0',
  '1',
  '1.2',
  '^1',
  '~1.2',
  '>=1.0.0 <1.10.0',
  '>1',
  '*',
  'x',
  '1.x',
  '1.10.1',
  '1.10.1+build.7',
  '2',
  '2.0.0-rc.1',
  '>=2.0.0-0',
  '>0.0.0-0',
  '^2.0.0-0',
  'v1.0.0',
  '=1.0.0',
  '!=1.0.0',
  '<1.0.0',
  '1.0.0 - 1.2.0',
  '1.0.0 || 0.9.0',
  'latest',
  'nonsense!',
  '9.9.9',
  '01.0.0',
  '1.0.0.0',
  '>=1, <1.5',
  '~>1.2',
];

const FLAGS: readonly Row[] = [
  ['no such chart', () => ['nobody', '--repo', `${plain.url}/charts`]],
  ['no such repository', () => ['web', '--repo', `${plain.url}/nowhere`]],
  ['a slash at the end', () => ['web', '--repo', `${plain.url}/charts/`]],
  ['a repository that moved', () => ['web', '--repo', `${plain.url}/moved`]],
  ['a repository that goes round', () => ['web', '--repo', `${plain.url}/loop`]],
  ['forbidden', () => ['web', '--repo', `${plain.url}/forbidden`]],
  ['nobody listens', () => ['web', '--repo', 'http://127.0.0.1:1/charts']],
  ['an unknown scheme', () => ['web', '--repo', 'weird://127.0.0.1/charts']],
  ['no URL', () => ['web', '--repo', 'not a url']],
  ['with --devel', () => ['web', '--devel', '--repo', `${plain.url}/charts`]],
  [
    '--version before --devel',
    () => ['web', '--devel', '--version', '^1', '--repo', `${plain.url}/charts`],
  ],
  ['private, without credentials', () => ['web', '--repo', `${plain.url}/private`]],
  [
    'private',
    () => ['web', '--repo', `${plain.url}/private`, '--username', 'ann', '--password', 'pass-word'],
  ],
  [
    'private, wrong password',
    () => ['web', '--repo', `${plain.url}/private`, '--username', 'ann', '--password', 'no'],
  ],
  ['private, half a pair', () => ['web', '--repo', `${plain.url}/private`, '--username', 'ann']],
  [
    'private, in the URL',
    () => ['web', '--repo', `${plain.url.replace('//', '//ann:pass-word@')}/private`],
  ],
  [
    'private, sent to another host',
    () => ['web', '--repo', `${plain.url}/away`, '--username', 'ann', '--password', 'pass-word'],
  ],
  [
    'private, in the URL, sent to another host',
    () => ['web', '--repo', `${plain.url.replace('//', '//ann:pass-word@')}/away`],
  ],
  ['a query that stays', () => ['web', '--repo', `${plain.url}/token?token=a%2Fb`]],
  ['a query with a slash', () => ['web', '--repo', `${plain.url}/token/?token=a%2Fb`]],
  ['a wrong query', () => ['web', '--repo', `${plain.url}/token?token=x`]],
  ['an index that is packed when asked for so', () => ['web', '--repo', `${plain.url}/packed`]],
  ['TLS, unknown authority', () => ['web', '--repo', `${secure.url}/charts`]],
  ['TLS, own authority', () => ['web', '--repo', `${secure.url}/charts`, '--ca-file', 'ca.pem']],
  ['TLS, unchecked', () => ['web', '--repo', `${secure.url}/charts`, '--insecure-skip-tls-verify']],
  ['TLS, expired', () => ['web', '--repo', `${expired.url}/charts`, '--ca-file', 'ca.pem']],
  [
    'TLS, missing authority file',
    () => ['web', '--repo', `${secure.url}/charts`, '--ca-file', 'nobody.pem'],
  ],
  [
    'TLS, client certificate',
    () => [
      'web',
      '--repo',
      `${mutual.url}/charts`,
      '--ca-file',
      'ca.pem',
      '--cert-file',
      'cert.pem',
      '--key-file',
      'key.pem',
    ],
  ],
  [
    'TLS, client certificate missing',
    () => ['web', '--repo', `${mutual.url}/charts`, '--ca-file', 'ca.pem'],
  ],
  [
    'TLS, broken client certificate',
    () => [
      'web',
      '--repo',
      `${mutual.url}/charts`,
      '--ca-file',
      'ca.pem',
      '--cert-file',
      'junk.pem',
      '--key-file',
      'key.pem',
    ],
  ],
  ['a URL', () => [`${plain.url}/charts/web-1.0.0.tgz`]],
  ['a URL of nothing', () => [`${plain.url}/charts/nobody.tgz`]],
  ['a URL of no archive', () => [`${plain.url}/charts/no-chart.tgz`]],
  [
    'a private URL',
    () => [`${plain.url}/private/web-1.0.0.tgz`, '--username', 'ann', '--password', 'pass-word'],
  ],
  ['a name alone', () => ['web']],
  ['a repository nobody added', () => ['nobody/web']],
  ['a local file', () => ['local.tgz']],
  ['--untar', () => [`${plain.url}/charts/web-1.0.0.tgz`, '--untar']],
  [
    '--untar --untardir',
    () => [`${plain.url}/charts/web-1.0.0.tgz`, '--untar', '--untardir', 'deep/er'],
  ],
  ['--untar of no archive', () => [`${plain.url}/charts/no-chart.tgz`, '--untar']],
  ['a folder that is not there', () => [`${plain.url}/charts/web-1.0.0.tgz`, '-d', 'nowhere/deep']],
  ['--verify without a provenance file', () => [`${plain.url}/charts/web-1.0.0.tgz`, '--verify']],
  ['two at once', () => [`${plain.url}/charts/web-1.0.0.tgz`, `${plain.url}/charts/web-1.2.0.tgz`]],
  ['nothing', () => []],
];

const ROWS: readonly Row[] = [
  ...RANGES.map(
    (range): Row => [
      `version ${JSON.stringify(range)}`,
      () => ['web', '--repo', `${plain.url}/charts`, '--version', range],
    ],
  ),
  ...Object.keys(INDEXES).map(
    (name): Row => [`index: ${name}`, () => ['web', '--repo', `${plain.url}/${name}`]],
  ),
  ...FLAGS,
];

/** Cases where ours is stricter or more helpful, on purpose; docs/differences.md says why. */
const DIFFERENT: ReadonlyMap<string, string> = new Map([]);

test(`what helm pull does, over ${ROWS.length} cases`, async () => {
  assert.ok(ROWS.length >= 80);
  const wrong: string[] = [];
  for (const [name, args] of ROWS) {
    const theirs = await inFolder('theirs', async (folder) => {
      const { isAccepted, text } = await workspace.helm(['pull', ...args()], folder);
      return { isAccepted, text };
    });
    const ours = await inFolder('ours', (folder) => our(['pull', ...args()], folder));
    const isSame = theirs.isAccepted === ours.isAccepted && theirs.files === ours.files;
    if (isSame === DIFFERENT.has(name))
      wrong.push(`${name}: helm ${said(theirs)}; ours ${said(ours)}`);
  }
  assert.deepEqual(wrong, []);
  // To Helm another port is the same host.
  const own = other.heard.filter(({ headers }) => !headers.includes('Helm/3'));
  assert.ok(own.length > 0);
  for (const { headers } of own) assert.doesNotMatch(headers, /^authorization$/im);
});

interface Result {
  readonly isAccepted: boolean;
  readonly text: string;
  /** Path and digest of each file that was written, when it was accepted. */
  readonly files: string;
}

const said = ({ isAccepted, text, files: written }: Result) =>
  `${isAccepted ? 'accepts' : 'refuses'} ${JSON.stringify(text)} ${written}`;

async function our(
  args: readonly string[],
  folder: string,
): Promise<{ isAccepted: boolean; text: string }> {
  const { code, stdout, stderr } = await runCli(['helm', ...args], {
    folder,
    env: workspace.env,
  });
  return { isAccepted: code === 0, text: code === 0 ? stdout : stderr };
}

async function inFolder(
  name: string,
  work: (folder: string) => Promise<{ isAccepted: boolean; text: string }>,
): Promise<Result> {
  const folder = join(workspace.folder, '..', name);
  await rm(folder, { recursive: true, force: true });
  await cp(workspace.folder, folder, { recursive: true });
  const before = new Set(await digests(folder));
  const { isAccepted, text } = await work(folder);
  const written = isAccepted ? (await digests(folder)).filter((line) => !before.has(line)) : [];
  return { isAccepted, text: text.trim(), files: written.join(' ') };
}

async function digests(folder: string): Promise<string[]> {
  const lines: string[] = [];
  for (const item of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!item.isFile()) continue;
    const path = join(item.parentPath, item.name);
    const digest = createHash('sha256')
      .update(await readFile(path))
      .digest('hex')
      .slice(0, 8);
    lines.push(`${path.slice(folder.length + 1)}@${digest}`);
  }
  return lines.sort();
}

test('repositories that one of the two added serve the other', async () => {
  const theirsThenOurs = [
    await workspace.helm([
      'repo',
      'add',
      'one',
      `${plain.url}/private`,
      '--username',
      'ann',
      '--password',
      'pass-word',
    ]),
    await our(
      ['repo', 'add', 'two', `${secure.url}/charts`, '--ca-file', join(workspace.folder, 'ca.pem')],
      workspace.folder,
    ),
    await our(['repo', 'add', 'two', `${plain.url}/charts`], workspace.folder),
    await our(['repo', 'add', 'a/b', `${plain.url}/charts`], workspace.folder),
    await our(['repo', 'add', 'bad', `${plain.url}/html`], workspace.folder),
    await our(['repo', 'update'], workspace.folder),
    await workspace.helm(['repo', 'update']),
  ];
  assert.deepEqual(
    theirsThenOurs.map(({ isAccepted }) => isAccepted),
    [true, true, false, false, false, true, true],
    JSON.stringify(theirsThenOurs),
  );
  assert.equal(
    (await our(['repo', 'list'], workspace.folder)).text.trim(),
    (await workspace.helm(['repo', 'list'])).text,
  );
  const rows = ['one/web', 'two/web', 'one/nobody', `${secure.url}/charts/web-1.0.0.tgz`];
  for (const reference of rows) {
    for (const range of ['', '~1.2', '9']) {
      const args = ['pull', reference, '--version', range];
      const theirs = await inFolder('theirs', (folder) => workspace.helm(args, folder));
      const ours = await inFolder('ours', (folder) => our(args, folder));
      assert.deepEqual(
        [ours.isAccepted, ours.files],
        [theirs.isAccepted, theirs.files],
        `${reference} ${range}: ${theirs.text} / ${ours.text}`,
      );
    }
  }
  const removed = await our(['repo', 'remove', 'one'], workspace.folder);
  assert.equal(removed.text, '"one" has been removed from your repositories\n');
  assert.match((await workspace.helm(['repo', 'list'])).text, /^NAME\s+URL\s+two/);
});

test('helm reads the index that ours writes', async () => {
  const folder = join(workspace.folder, '..', 'packed');
  await mkdir(join(folder, 'deep'), { recursive: true });
  await writeFile(join(folder, 'web-1.0.0.tgz'), chartOf('web', '1.0.0'));
  await writeFile(join(folder, 'deep', 'web-1.2.0.tgz'), chartOf('web', '1.2.0'));
  await writeFile(join(folder, 'junk.tgz'), 'junk');
  const url = `${plain.url}/packed`;
  const withoutTimes = async () =>
    (await readFile(join(folder, 'index.yaml'), 'utf8')).replace(/"?\d{4}-[^\s"]*"?/g, 'TIME');
  for (const flags of [['--url', url], [], ['--merge', 'index.yaml']]) {
    await our(['repo', 'index', '.', ...flags], folder);
    const ours = await withoutTimes();
    await workspace.helm(['repo', 'index', '.', ...flags], folder);
    assert.equal(ours, await withoutTimes());
  }
});
