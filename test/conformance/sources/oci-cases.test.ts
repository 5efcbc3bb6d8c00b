// SPDX-License-Identifier: Apache-2.0

/** `helm pull oci://…` beside ours: which version is taken, which file comes, what is refused. */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createFetchPorts, openRegistry, type RegistryClient } from '@helm-operator/fetch';
import { HELM_MEDIA_TYPES, OciCharts } from '@helm-operator/helm';
import { pushChart, pushImage, pushIndex } from '../../kit/oci-push.ts';
import { type OciRegistry, startOciRegistry } from '../../kit/oci-registry.ts';
import { tarball } from '../../kit/tarball.ts';
import { openWorkspace, outcomeOf, type Workspace } from './peer.ts';

interface Case {
  readonly name: string;
  /** After `oci://HOST/`. */
  readonly reference: string;
  readonly version?: string | undefined;
  readonly isDevel?: boolean | undefined;
  readonly isVerified?: 'always' | undefined;
  /** The reason is a library's, in its own words. */
  readonly mayDiffer?: boolean | undefined;
}

const chart = (name: string, version: string) =>
  tarball({ [`${name}/Chart.yaml`]: `apiVersion: v2\nname: ${name}\nversion: ${version}\n` });
const TAGS = [
  '1.0.0',
  '1.1.0',
  '1.2.0',
  '1.2.1-rc.1',
  '2.0.0+build.1',
  '3.0.0-alpha',
  'latest',
  'v4.0.0',
  '1.2',
];

let workspace: Workspace;
let registry: OciRegistry;
let client: RegistryClient;
let cases: Case[];

before(async () => {
  [workspace, registry] = await Promise.all([openWorkspace(), startOciRegistry()]);
  const credentials = { isPlainHttp: true };
  const ports = createFetchPorts({ userAgent: 'test' });
  client = openRegistry({ registry: registry.host, credentials, ports });
  cases = await makeCases();
});
after(async () => {
  await registry.stop();
  await workspace.stop();
});

async function makeCases(): Promise<Case[]> {
  const { host } = registry;
  const digests = new Map<string, string>();
  for (const tag of TAGS) {
    const version = tag.replace(/^v|^latest$/, '') || '9.9.9';
    const { digest } = await pushChart(client, `${host}/charts/web:${tag}`, chart('web', version));
    digests.set(tag, digest);
  }
  const first = digests.get('1.0.0') ?? '';
  await pushChart(client, `${host}/deep/er/path/web:1.0.0`, chart('web', '1.0.0'));
  await pushChart(client, `${host}/charts/odd:nothing`, chart('odd', '1.0.0'));
  const layer = (mediaType: string) => ({ mediaType, bytes: chart('web', '1.0.0') });
  const config = { mediaType: HELM_MEDIA_TYPES.config, bytes: Buffer.from('{"name":"web"}') };
  const push = (name: string, image: Omit<Parameters<typeof pushImage>[1], 'reference'>) =>
    pushImage(client, { reference: `${host}/bad/${name}:1.0.0`, ...image });
  await push('image', { layers: [layer('application/vnd.oci.image.layer.v1.tar+gzip')] });
  await push('nochart', { config, layers: [] });
  await push('noconfig', { layers: [layer(HELM_MEDIA_TYPES.chart)] });
  await push('legacy', { config, layers: [layer(HELM_MEDIA_TYPES.legacyChart)] });
  await push('notjson', {
    config: { ...config, bytes: Buffer.from('{') },
    layers: [layer(HELM_MEDIA_TYPES.chart)],
  });
  await push('list', {
    config: { ...config, bytes: Buffer.from('[]') },
    layers: [layer(HELM_MEDIA_TYPES.chart)],
  });
  await push('extra', { config, layers: [layer('text/plain'), layer(HELM_MEDIA_TYPES.chart)] });
  const inside = await pushImage(client, {
    reference: `${host}/bad/index`,
    config,
    layers: [layer(HELM_MEDIA_TYPES.chart)],
  });
  await pushIndex(client, `${host}/bad/index:1.0.0`, [inside]);
  const web = 'charts/web';
  const other = `sha256:${'0'.repeat(64)}`;
  return [
    { name: 'the newest', reference: web },
    { name: 'the newest with prereleases', reference: web, isDevel: true },
    ...[
      '1.0.0',
      '1.1.0',
      'v1.0.0',
      '1',
      '1.2',
      '1.x',
      '~1.1',
      '^1.0.0',
      '>1.0.0 <2.0.0',
      '>=1.0.0, <1.2.0',
      '1.0.0 - 1.1.0',
      '1.0.0 || 2.0.0',
      '*',
      '>0.0.0-0',
      '3.0.0-alpha',
      '2.0.0+build.1',
      '2.0.0',
      '>=2.0.0',
      '^9',
      '9.9.9',
      'latest',
      'v4.0.0',
      'nonsense',
      '>',
      '1.2.1-rc.1',
      '~1.2.1-0',
      '=1.1.0',
      '!=2.0.0',
    ].map(
      (version): Case => ({
        name: `version ${version}`,
        reference: web,
        version,
        mayDiffer: ['9.9.9', '2.0.0', '1', 'v1.0.0', 'v4.0.0'].includes(version),
      }),
    ),
    { name: 'a tag', reference: `${web}:1.1.0` },
    { name: 'a tag with build metadata', reference: `${web}:2.0.0+build.1`, mayDiffer: true },
    { name: 'a tag as the registry has it', reference: `${web}:2.0.0_build.1` },
    { name: 'a tag that is no version', reference: `${web}:latest` },
    { name: 'tag and the same version', reference: `${web}:1.1.0`, version: '1.1.0' },
    { name: 'tag and another version', reference: `${web}:1.1.0`, version: '1.0.0' },
    { name: 'tag and a range that has it', reference: `${web}:1.1.0`, version: '^1' },
    { name: 'build metadata twice', reference: `${web}:2.0.0+build.1`, version: '2.0.0+build.1' },
    { name: 'a digest', reference: `${web}@${first}` },
    { name: 'a digest and its tag', reference: `${web}:1.0.0@${first}` },
    { name: 'a digest and another tag', reference: `${web}:1.1.0@${first}` },
    { name: 'a digest and a tag that is not there', reference: `${web}:7.7.7@${first}` },
    { name: 'a digest and its version', reference: `${web}@${first}`, version: '1.0.0' },
    { name: 'a digest and another version', reference: `${web}@${first}`, version: '1.1.0' },
    { name: 'a digest that is not there', reference: `${web}@${other}`, mayDiffer: true },
    { name: 'a digest that is none', reference: `${web}@sha256:abc`, mayDiffer: true },
    { name: 'a deep path', reference: 'deep/er/path/web', version: '1.0.0' },
    { name: 'no such repository', reference: 'charts/absent', mayDiffer: true },
    {
      name: 'no such repository, a version',
      reference: 'charts/absent',
      version: '1.0.0',
      mayDiffer: true,
    },
    { name: 'tags, but no version', reference: 'charts/odd' },
    { name: 'a name in capitals', reference: 'charts/Web', version: '1.0.0', mayDiffer: true },
    { name: 'no path', reference: '', version: '1.0.0', mayDiffer: true },
    { name: 'a container image', reference: 'bad/image', version: '1.0.0' },
    { name: 'no chart layer', reference: 'bad/nochart', version: '1.0.0' },
    { name: 'no config of Helm', reference: 'bad/noconfig', version: '1.0.0' },
    { name: 'the old media type', reference: 'bad/legacy', version: '1.0.0' },
    {
      name: 'a config that is no JSON',
      reference: 'bad/notjson',
      version: '1.0.0',
      mayDiffer: true,
    },
    { name: 'a config that is a list', reference: 'bad/list', version: '1.0.0', mayDiffer: true },
    { name: 'another layer first', reference: 'bad/extra', version: '1.0.0' },
    { name: 'an index', reference: 'bad/index', version: '1.0.0' },
    {
      name: 'no provenance, which must be',
      reference: web,
      version: '1.0.0',
      isVerified: 'always',
    },
  ];
}

test('pull takes and refuses what Helm does', async () => {
  const charts = new OciCharts();
  const fetch = createFetchPorts({ userAgent: 'test' });
  const { signal } = new AbortController();
  const wrong: string[] = [];
  for (const [index, entry] of cases.entries()) {
    const url = `oci://${registry.host}/${entry.reference}`;
    const folder = join(workspace.folder, String(index));
    await mkdir(folder);
    const { version = '', isDevel = false, isVerified } = entry;
    const flags = [
      ...(version === '' ? [] : ['--version', version]),
      ...(isDevel ? ['--devel'] : []),
      ...(isVerified === undefined ? [] : ['--verify', '--keyring', '/dev/null']),
    ];
    const theirs = await workspace.helm(['pull', url, '--plain-http', '-d', folder, ...flags]);
    const [file = ''] = await readdir(folder);
    const came = theirs.isAccepted ? describe(file, await readFile(join(folder, file))) : '';
    const ours = await outcomeOf(async () => {
      const found = await charts.fetch(
        {
          location: { kind: 'oci', url, version },
          credentials: { isPlainHttp: true },
          mayUsePrerelease: isDevel,
          provenance: isVerified,
        },
        { fetch, signal },
      );
      return describe(found.fileName, found.bytes);
    });
    const isSame =
      theirs.isAccepted === ours.isAccepted &&
      (theirs.isAccepted
        ? ours.text === came
        : entry.mayDiffer === true || ours.text === theirs.text);
    if (isSame) continue;
    const told = theirs.isAccepted ? { isAccepted: true, text: came } : theirs;
    wrong.push(`${entry.name}:\n  helm: ${JSON.stringify(told)}\n  ours: ${JSON.stringify(ours)}`);
  }
  assert.deepEqual(wrong, []);
  assert.ok(cases.length >= 60, `${cases.length} cases`);
});

function describe(name: string, bytes: Uint8Array): string {
  return `${name} ${createHash('sha256').update(bytes).digest('hex')}`;
}
