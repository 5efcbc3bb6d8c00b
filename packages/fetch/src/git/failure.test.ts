// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gitFailure } from './failure.ts';

/** What git, ssh and hosts of repositories print, and what it means. */
const ROWS: readonly [stderr: string, code: string][] = [
  ['FATAL: R any charts reader DENIED by fallthru', 'fetch/forbidden'],
  [
    "remote: ERROR: The project you were looking for could not be found or you don't have permission to view it.",
    'fetch/forbidden',
  ],
  ['ERROR: Repository not found.', 'fetch/not-found'],
  ["fatal: '/x.git' does not appear to be a git repository", 'fetch/not-found'],
  ['git@host: Permission denied (publickey).', 'fetch/unauthorized'],
  ['Received disconnect from 10.0.0.1: Too many authentication failures', 'fetch/unauthorized'],
  ['Host key verification failed.', 'fetch/refused-host-key'],
  ['ssh: Could not resolve hostname nowhere: Name or service not known', 'fetch/dns'],
  ['ssh: connect to host h port 22: Connection refused', 'fetch/unreachable'],
  ['ssh: connect to host h port 22: Connection timed out', 'fetch/timeout'],
  ['Load key "/x/identity": invalid format', 'fetch/bad-credentials'],
  ['The requested URL returned error: 503', 'fetch/status'],
  ['The requested URL returned error: 403', 'fetch/forbidden'],
  ['fatal: remote error: upload-pack: not our ref 0123', 'fetch/not-found'],
  ['fetch-pack: unexpected disconnect while reading sideband packet', 'fetch/truncated'],
  ['something nobody has seen before', 'fetch/bad-answer'],
];

for (const [stderr, code] of ROWS) {
  test(`${stderr.slice(0, 60)}: ${code}`, () => {
    const failure = gitFailure('ssh://bot:pass-word@host/x.git', `${stderr}\nkey-1234`, [
      'key-1234',
    ]);
    assert.equal(failure.code, code);
    assert.ok(!failure.message.includes('key-1234') && !failure.message.includes('pass-word'));
  });
}
