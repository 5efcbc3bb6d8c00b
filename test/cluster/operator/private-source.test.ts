// SPDX-License-Identifier: Apache-2.0

/** A private repository: what opens it, new versions in a range, and what stays when it is down. */

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packChart } from '../../kit/chart-repository.ts';
import { readHelmRelease, until, untilReleased } from '../../kit/helm-release.ts';
import { type SourceServer, startSourceServer } from '../../kit/source-server.ts';
import { story, WEB_CHART } from './story.ts';

const basic = `Basic ${Buffer.from('ann:pass-word-7').toString('base64')}`;

/** The story's repository behind a name and a password. */
async function guard(url: string): Promise<SourceServer> {
  return await startSourceServer((request, response) => {
    if (request.headers.authorization !== basic) {
      response.writeHead(401).end();
      return;
    }
    const { 'if-none-match': etag } = request.headers;
    const asked = fetch(url + request.url, {
      headers: etag === undefined ? {} : { 'if-none-match': etag },
    });
    asked.then(
      async (answer) => {
        const found = answer.headers.get('etag');
        response.writeHead(answer.status, found === null ? {} : { etag: found });
        response.end(Buffer.from(await answer.arrayBuffer()));
      },
      () => response.writeHead(502).end(),
    );
  });
}

story(
  'a private repository is opened by chartPullSecret, and new versions in the range are followed',
  async ({ plane, namespace, repository, operator, apply, get }) => {
    const guarded = await guard(repository.url);
    const folder = await mkdtemp(join(tmpdir(), 'charts-'));
    const flags = ['--charts-sync-interval=2s', `--chart-cache-dir=${folder}`];
    try {
      const first = await operator({ args: flags });
      await apply('web', {
        chart: {
          repository: guarded.url,
          name: 'web',
          version: '^1',
          chartPullSecret: { name: 'pull' },
        },
      });
      const message = async () =>
        JSON.stringify((await readHelmRelease(plane, namespace, 'web'))?.status ?? {});
      await until('the missing Secret is named', async () =>
        (await message()).includes('chartPullSecret does not exist'),
      );
      await plane.call('POST', `/api/v1/namespaces/${namespace}/secrets`, {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'pull', namespace },
        stringData: { username: 'ann', password: 'pass-word-7' },
      });
      await untilReleased(plane, namespace, 'web');
      const yaml = (version: string) =>
        new Map([['Chart.yaml', `apiVersion: v2\nname: web\nversion: ${version}\n`]]);
      repository.add(await packChart(WEB_CHART, yaml('1.3.0')));
      await until('the new version is released', async () =>
        (await message()).includes('"revision":"1.3.0"'),
      );
      // A restart while the repository is down: what is kept is enough.
      repository.fail(500);
      await first.stop();
      const before = guarded.heard.length;
      const second = await operator({ args: flags });
      await until('the release was looked at again', () =>
        Promise.resolve(guarded.heard.length > before),
      );
      const found = await readHelmRelease(plane, namespace, 'web');
      assert.equal(found?.phase, 'Succeeded');
      const config = await get(`/api/v1/namespaces/${namespace}/secrets?labelSelector=owner=helm`);
      assert.equal((config as { items: unknown[] } | undefined)?.items.length, 2, 'two revisions');
      for (const log of [first.log(), second.log(), await message()])
        assert.ok(!log.includes('pass-word-7'));
    } finally {
      await guarded.stop();
      await rm(folder, { recursive: true, force: true });
    }
  },
);
