// SPDX-License-Identifier: Apache-2.0

import { join } from 'node:path';
import { GitRepositories } from '@helm-operator/fetch';
import { gitBackend } from '../../../../test/kit/git-http-server.ts';
import { createRepository, scratchFolder } from '../../../../test/kit/git-repository.ts';
import { type SourceKind, sourceContract } from '../../../../test/kit/source-contract.ts';
import { GitSource } from './git.ts';
import { createChartSources, fetchChart } from './sources.ts';

const root = scratchFolder('git-contract');
let folders = 0;

const git: SourceKind = {
  name: 'Git repository over HTTP(S)',
  start: async () => {
    const repository = createRepository(root, 'charts.git');
    repository.commit({
      'web/Chart.yaml': 'apiVersion: v2\nname: web\nversion: 1.2.0\n',
      'web/templates/a.yaml': 'a: b\n',
    });
    let posts = 0;
    return {
      source: gitBackend(root),
      location: (url, which) => ({
        kind: 'git',
        url: `${url}/charts.git`,
        path: which === 'present' ? 'web' : 'nobody',
        ref: { branch: 'main' },
      }),
      credentials: { basic: { username: 'ann', password: 'pass-word-7' } },
      // After the references come the objects.
      isPayload: ({ method }) => {
        posts = method === 'POST' ? posts + 1 : 0;
        return posts > 1;
      },
      fetch: (request, context) => {
        // A mirror that has the commit asks for nothing: each row has its own.
        const folder = join(root, `mirrors-${folders++}`);
        const repositories = new GitRepositories({
          folder,
          env: { path: process.env['PATH'] ?? '' },
        });
        const sources = createChartSources({ git: new GitSource({ repositories }) });
        return fetchChart(sources, request, context);
      },
      expect: {
        'not found': 'fetch/not-found',
        // What the row sends is no packet; a pack that ends too early has a test of its own.
        truncated: 'fetch/bad-answer',
        'wrong digest': 'skip: the last byte is framing; a changed pack has a test of its own',
        // Followed for the references, which say where the repository is; never after that.
        'redirect to another host': 'fetch/too-many-redirects',
      },
    };
  },
};

sourceContract(git);
