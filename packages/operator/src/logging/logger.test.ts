// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLogger } from './logger.ts';

function logged(format: 'fmt' | 'json'): readonly string[] {
  const lines: string[] = [];
  const write = (line: string) => lines.push(line);
  const log = createLogger({ format, write, now: () => '2026-01-01T00:00:00Z' }).with({
    component: 'release',
    resource: 'apps:helmrelease/web',
  });
  log.info('upgrade succeeded', { action: 'upgrade', why: undefined });
  log.warning('stalled');
  log.error('upgrade failed', { err: 'say "no"' });
  return lines;
}

test('log lines: logfmt with the severity as key of the message, or JSON', () => {
  const start = 'ts=2026-01-01T00:00:00Z component=release resource=apps:helmrelease/web';
  assert.deepEqual(logged('fmt'), [
    `${start} action=upgrade info="upgrade succeeded"\n`,
    `${start} warning=stalled\n`,
    `${start} err="say \\"no\\"" error="upgrade failed"\n`,
  ]);
  const [first = '', second = '', third = ''] = logged('json');
  assert.deepEqual(JSON.parse(first), {
    ...{ level: 'info', ts: '2026-01-01T00:00:00Z', component: 'release' },
    ...{ resource: 'apps:helmrelease/web', action: 'upgrade', msg: 'upgrade succeeded' },
  });
  assert.equal(JSON.parse(second).level, 'warning');
  assert.equal(JSON.parse(third).err, 'say "no"');
});
