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

test('a host that shows another key: which one, and no path of this run', () => {
  const wall = `@@@@@@@@@@@@
@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @
@@@@@@@@@@@@
IT IS POSSIBLE THAT SOMEONE IS DOING SOMETHING NASTY!
Someone could be eavesdropping on you right now (man-in-the-middle attack)!
It is also possible that a host key has just been changed.
The fingerprint for the ED25519 key sent by the remote host is
SHA256:3C4wz6V5wz+BlfjXGpfyk7blbvwF6SsGIVo7o8QOme4.
Please contact your system administrator.
Add correct host key in /tmp/mirrors/session-Bf3Glr/known_hosts to get rid of this message.
Host key verification failed.
fatal: Could not read from remote repository.`;
  const failure = gitFailure('ssh://git@host/x.git', wall, []);
  assert.equal(failure.code, 'fetch/refused-host-key');
  assert.equal(
    failure.message,
    "fetch ssh://host/x.git: the host shows another key than the one that is known: ED25519 SHA256:3C4wz6V5wz+BlfjXGpfyk7blbvwF6SsGIVo7o8QOme4 (compare that fingerprint with what the host's owner says, then replace the host's key in known_hosts)",
  );
});

test('the same trouble is told in the same words at each attempt', () => {
  const said = (folder: string) =>
    gitFailure('ssh://h/x', `Load key "/tmp/${folder}/identity": invalid format`, []).message;
  assert.equal(said('session-Bf3Glr'), said('session-a5hUVH'));
  assert.match(said('session-a5hUVH'), /Load key "identity": invalid format/);
});
