// SPDX-License-Identifier: Apache-2.0

/** The bundle has a part of undici; what fetches, must fetch with that part as well. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CORE = pathToFileURL(join(ROOT, 'scripts/build/undici-core.cjs')).href;

const HOOK = `
import { registerHooks } from 'node:module';
const core = { url: ${JSON.stringify(CORE)}, format: 'commonjs', shortCircuit: true };
registerHooks({ resolve: (name, context, next) => (name === 'undici' ? core : next(name, context)) });
process.on('exit', () => {
  const path = process.getBuiltinModule('node:url').fileURLToPath(core.url);
  const { cache } = process.getBuiltinModule('node:module').createRequire(core.url);
  console.log(path in cache ? 'core is loaded' : 'core is NOT loaded');
  console.log(Object.keys(cache).some((file) => /undici.(index|lib.web.fetch.index)[.]js$/.test(file)) ? 'all is loaded' : 'no more is');
});
`;

test('HTTP works with the part of undici that is bundled, and loads no more of it', () => {
  const hook = `data:text/javascript,${encodeURIComponent(HOOK)}`;
  const file = 'packages/fetch/src/http/http.test.ts';
  const env: NodeJS.ProcessEnv = { ...process.env };
  delete env['NODE_TEST_CONTEXT'];
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', hook, '--test-reporter=tap', file],
    { cwd: ROOT, encoding: 'utf8', env },
  );
  assert.equal(status, 0, `${stdout}${stderr}`);
  assert.match(stdout, /^# pass [1-9]/m);
  assert.match(stdout, /^core is loaded$/m);
  assert.match(stdout, /^no more is$/m);
});
