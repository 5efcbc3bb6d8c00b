// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createMemoryCache } from '@helm-operator/fetch';
import { tarball } from '../../../../../test/kit/tarball.ts';
import { buildDependencies, type DependencyContext, updateDependencies } from './dependencies.ts';
import type { DependencyRepositories } from './repositories.ts';

const URL = 'https://charts.example.test';
const archive = tarball({ 'db/Chart.yaml': 'apiVersion: v2\nname: db\nversion: 1.0.0\n' });

function repositories(calls: string[]): DependencyRepositories {
  const versions = [{ version: '1.0.0', urls: ['db-1.0.0.tgz'] }];
  return {
    configured: [{ name: 'mine', url: URL }],
    refresh: async () => void calls.push('refresh'),
    loadKept: async () => void calls.push('load'),
    versions: async () => versions,
    findUrl: async () => `${URL}/db-1.0.0.tgz`,
    download: async () => {
      calls.push('download');
      return { bytes: archive, fileName: 'db-1.0.0.tgz', provenance: undefined };
    },
  };
}

test('a build by a lock that was built before asks nobody, with the same credentials', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kept-'));
  try {
    const wants = `dependencies:\n- name: db\n  version: 1.x\n  repository: ${URL}\n`;
    await writeFile(
      join(folder, 'Chart.yaml'),
      `apiVersion: v2\nname: top\nversion: 1.0.0\n${wants}`,
    );
    const calls: string[] = [];
    const cache = createMemoryCache(1_000_000);
    const context = (scope: string): DependencyContext => ({
      folder: { shown: folder, base: '/' },
      repositories: repositories(calls),
      registries: {
        tags: async () => [],
        pull: async () => assert.fail('there is no registry'),
      },
      verify: { strategy: 'never', keyRing: async () => ({ keys: [] }), nowMs: () => 0 },
      kept: { cache, scope },
      out: () => undefined,
      log: () => undefined,
      mustSkipRefresh: false,
      now: () => '2026-01-01T00:00:00Z',
    });
    await updateDependencies(context('alice'));
    assert.deepEqual(calls, ['refresh', 'load', 'download']);
    calls.length = 0;
    await rm(join(folder, 'charts'), { recursive: true });
    await buildDependencies(context('alice'));
    assert.deepEqual(calls, []);
    assert.deepEqual(await readdir(join(folder, 'charts')), ['db-1.0.0.tgz']);
    await buildDependencies(context('bob'));
    assert.deepEqual(calls, ['refresh', 'load', 'download']);
  } finally {
    await rm(folder, { recursive: true });
  }
});
