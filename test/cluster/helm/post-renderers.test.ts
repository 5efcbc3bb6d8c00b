// SPDX-License-Identifier: Apache-2.0

/** Post-renderers of Helm 4, beside Helm 4: after every line output, records (hooks, manifest) and objects are the same. */

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clusterTest } from '../../kit/shared-plane.ts';
import { type Life, liveBeside } from './beside.ts';
import { inParallel } from './chain.ts';
import { FAILING, WORKING, writePostRenderers } from './post-renderer-chart.ts';

const AT_ONCE = 4;
/** Every life only in `npm run test:stories`. */
const isLong = process.env['LONG'] === 'true';
const SAMPLE: readonly string[] = ['add', 'flags'];

const LIVES: readonly Life[] = [
  ...WORKING.map((plugin) => ({
    name: plugin,
    lines: [
      `template a CHART --validate --include-crds --post-renderer ${plugin}`,
      `install a CHART --skip-crds --post-renderer ${plugin}`,
      `upgrade a CHART --set data=two --post-renderer ${plugin}`,
      'get hooks a',
    ],
  })),
  {
    name: 'failing',
    lines: [
      ...FAILING.map((plugin) => `install a CHART --skip-crds --post-renderer ${plugin}`),
      'install a CHART --skip-crds',
      'upgrade a CHART --set data=two --post-renderer fail',
      'upgrade a CHART --set data=two --post-renderer broken',
      'history a',
    ],
  },
  {
    name: 'flags',
    lines: [
      'template a CHART --dry-run=server --post-renderer same -s templates/b.yaml',
      'template a CHART --dry-run=client --post-renderer same --no-hooks',
      'template a CHART --validate --set broken=true --post-renderer same',
      'template a CHART --post-renderer given --post-renderer-args -e --post-renderer-args s/one/1/ --post-renderer-args -e --post-renderer-args s/two/2/',
      'install a CHART --post-renderer given --post-renderer-args -e --post-renderer-args s/name:.a$/name:.z/ --dry-run=client',
      'install a CHART --dry-run=server --hide-secret --post-renderer change',
      'install a CHART --dry-run=client --hide-secret --post-renderer reverse',
      'upgrade a CHART --install --skip-crds --post-renderer change --no-hooks',
      'upgrade a CHART --reuse-values --post-renderer add --dry-run=server',
      'rollback a',
      'get manifest a',
    ],
  },
];

clusterTest('post-renderers of Helm 4', async (plane) => {
  const folder = await mkdtemp(join(tmpdir(), 'helm-operator-post-'));
  try {
    const { chart, plugins } = await writePostRenderers(folder);
    const env = { HELM_PLUGINS: plugins };
    const only = process.env['ONLY'] ?? '';
    const lives = LIVES.filter(
      ({ name }) => name.includes(only) && (isLong || SAMPLE.includes(name)),
    );
    const different = await inParallel(AT_ONCE, lives, (life) =>
      liveBeside(plane, { life, helm: 'helm4', env }, chart),
    );
    assert.ok(different.flat().length === 0, `\n${different.flat().join('\n')}`);
  } finally {
    await rm(folder, { recursive: true });
  }
});
