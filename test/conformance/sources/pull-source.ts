// SPDX-License-Identifier: Apache-2.0

/** The repositories that `helm pull` and ours are sent to: good, odd and broken ones, by the path they are at. */

import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { staticSource } from '../../kit/source-server.ts';
import { tarball } from '../../kit/tarball.ts';

const VERSIONS = [
  '0.9.0',
  '1.0.0',
  '1.2.0',
  '1.10.0',
  '1.10.1+build.7',
  '2.0.0-rc.1',
  '3.0.0-alpha',
];
export const chartOf = (name: string, version: string): Uint8Array =>
  tarball({ [`${name}/Chart.yaml`]: `apiVersion: v2\nname: ${name}\nversion: ${version}\n` });
const files = new Map<string, Uint8Array | string>();
for (const version of VERSIONS)
  files.set(`/charts/web-${version}.tgz`, Buffer.from(chartOf('web', version)));

const entry = (version: string, more = '', url = `web-${version}.tgz`) =>
  `  - {apiVersion: v2, name: web, version: ${JSON.stringify(version)}, urls: [${JSON.stringify(url)}]${more}}\n`;
const index = (entries: string, head = 'apiVersion: v1\n') => `${head}entries:\n  web:\n${entries}`;
const ALL = index(VERSIONS.map((version) => entry(version)).join(''));
files.set('/charts/index.yaml', ALL);
files.set('/charts/no-chart.tgz', 'this is no archive');

/** Path of a repository → its index. */
export const INDEXES: Readonly<Record<string, string>> = {
  empty: '',
  html: '<html><body>hello</body></html>',
  'no-api-version': index(entry('1.0.0'), ''),
  'api-version-number': index(entry('1.0.0'), 'apiVersion: 1\n'),
  'unknown-top-field': index(entry('1.0.0'), 'apiVersion: v1\nnews: 1\n'),
  'unknown-entry-field': index(entry('1.0.0', ', news: 1')),
  'duplicate-key': index(entry('1.0.0', ', name: web')),
  'duplicate-chart': `${index(entry('1.0.0'))}  web: []\n`,
  'number-version': index('  - {name: web, version: 1.0, urls: [web-1.0.0.tgz]}\n'),
  'null-entry': index(`  - null\n${entry('1.0.0')}`),
  'null-list': 'apiVersion: v1\nentries:\n  web: null\n',
  'empty-list': 'apiVersion: v1\nentries:\n  web: []\n',
  'no-entries': 'apiVersion: v1\n',
  'bad-semver': index(`${entry('latest')}${entry('1.0.0')}`),
  'bad-name': index('  - {name: "../web", version: 1.0.0, urls: [web-1.0.0.tgz]}\n'),
  'other-name': index('  - {name: other, version: 1.0.0, urls: [web-1.0.0.tgz]}\n'),
  'no-urls': index('  - {name: web, version: 1.0.0}\n'),
  'empty-urls': index('  - {name: web, version: 1.0.0, urls: []}\n'),
  twins: index(entry('1.0.0', ', dependencies: [{name: a}, {name: a}]')),
  'null-dependency': index(`${entry('1.2.0', ', dependencies: [null]')}${entry('1.0.0')}`),
  'null-maintainer': index(`${entry('1.2.0', ', maintainers: [null]')}${entry('1.0.0')}`),
  'bad-type': index(`${entry('1.2.0', ', type: other')}${entry('1.0.0')}`),
  'bad-created': index(entry('1.0.0', ', created: yesterday')),
  'wrong-digest': index(entry('1.0.0', `, digest: ${'0'.repeat(64)}`)),
  'upper-case-field': index('  - {NAME: web, Version: 1.0.0, URLs: [web-1.0.0.tgz]}\n'),
  json: JSON.stringify({
    apiVersion: 'v1',
    unknown: 1,
    entries: { web: [{ name: 'web', version: '1.0.0', urls: ['web-1.0.0.tgz'], news: 1 }] },
  }),
  'second-document': `${index(entry('1.0.0'))}---\nnews: 1\n`,
  'parent-url': index(entry('1.0.0', '', '../charts/web-1.0.0.tgz')),
  'root-url': index(entry('1.0.0', '', '/charts/web-1.0.0.tgz')),
  'query-url': index(entry('1.0.0', '', 'web-1.0.0.tgz?x=1')),
  'missing-file': index(entry('1.0.0', '', 'nobody.tgz')),
  'bad-url': index(entry('1.0.0', '', ':bad:')),
  'bad-escape': index(entry('1.0.0', '', 'web%zz.tgz')),
  'other-scheme': index(entry('1.0.0', '', 'weird://host/web-1.0.0.tgz')),
  'space-url': index(entry('1.0.0', '', 'a web+x 1.0.0.tgz')),
  'escaped-url': index(entry('1.0.0', '', 'a%20web%2Bx%201.0.0.tgz')),
  'unicode-url': index(entry('1.0.0', '', 'wéb-1.0.0.tgz')),
  'dots-url': index(entry('1.0.0', '', './deep/../web-1.0.0.tgz')),
  'fragment-url': index(entry('1.0.0', '', 'web-1.0.0.tgz#part')),
  'no-archive': index(entry('1.0.0', '', '/charts/no-chart.tgz')),
};
for (const [name, text] of Object.entries(INDEXES)) {
  files.set(`/${name}/index.yaml`, text);
  files.set(`/${name}/web-1.0.0.tgz`, Buffer.from(chartOf('web', '1.0.0')));
  files.set(`/${name}/a%20web+x%201.0.0.tgz`, Buffer.from(chartOf('web', '1.0.0')));
  files.set(`/${name}/a%20web%2Bx%201.0.0.tgz`, Buffer.from(chartOf('web', '1.0.0')));
  files.set(`/${name}/w%C3%A9b-1.0.0.tgz`, Buffer.from(chartOf('web', '1.0.0')));
  files.set(`/${name}/web-1.2.0.tgz`, Buffer.from(chartOf('web', '1.2.0')));
}

const basic = `Basic ${Buffer.from('ann:pass-word').toString('base64')}`;
/** The files alone, for whoever asks. */
export const source: RequestListener = staticSource(files);
/** `/private` asks for credentials, `/moved` is somewhere else, `/away` on another host, `/token` wants one in the query, `/packed` packs. */
export function repositoriesWith(other: () => string): RequestListener {
  return (request, response) => answer(request, response, other());
}

function answer(request: IncomingMessage, response: ServerResponse, other: string): void {
  const path = request.url ?? '';
  if (path.startsWith('/private/')) {
    if (request.headers.authorization !== basic) {
      response.writeHead(401, { 'www-authenticate': 'Basic' }).end();
      return;
    }
    request.url = path.replace('/private/', '/charts/');
  }
  if (path.startsWith('/moved/')) {
    response.writeHead(302, { location: path.replace('/moved/', '/charts/') }).end();
    return;
  }
  if (path.startsWith('/away/')) {
    if (request.headers.authorization !== basic) response.writeHead(401).end();
    else response.writeHead(302, { location: path.replace('/away', `${other}/charts`) }).end();
    return;
  }
  if (path.startsWith('/token/')) {
    if (!path.endsWith('?token=a%2Fb')) {
      response.writeHead(403).end();
      return;
    }
    request.url = path.replace('/token/', '/charts/');
  }
  if (path === '/packed/index.yaml' && request.headers['accept-encoding'] === 'gzip') {
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(ALL));
    return;
  }
  if (path.startsWith('/packed/')) request.url = path.replace('/packed/', '/charts/');
  if (path.startsWith('/loop/')) {
    response.writeHead(302, { location: path }).end();
    return;
  }
  if (path.startsWith('/forbidden/')) {
    response.writeHead(403).end();
    return;
  }
  source(request, response);
}
