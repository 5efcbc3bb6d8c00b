// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FetchError } from '../errors.ts';
import { parseGitUrl, resolveGitUrl } from './git-url.ts';

/** URL → host, port, user, what git is told. */
const ROWS: readonly [string, string, number | undefined, string, string][] = [
  ['https://h/x.git', 'h', undefined, '', 'https://h/x.git'],
  ['https://bot:p%40ss@h:8443/x.git', 'h', 8443, 'bot', 'https://h:8443/x.git'],
  ['https://H/Some/Path?a=B', 'h', undefined, '', 'https://h/Some/Path?a=B'],
  ['ssh://h/x.git', 'h', undefined, 'git', 'ssh://git@h/x.git'],
  ['ssh://bot@h:2222/~/x.git', 'h', 2222, 'bot', 'ssh://bot@h:2222/~/x.git'],
  ['git+ssh://bot@h/x', 'h', undefined, 'bot', 'ssh://bot@h/x'],
  ['ssh://[::1]:2222/x', '::1', 2222, 'git', 'ssh://git@[::1]:2222/x'],
  ['git@h:group/x.git', 'h', undefined, 'git', 'git@h:group/x.git'],
  ['h:x', 'h', undefined, 'git', 'git@h:x'],
  // Without brackets the number is the beginning of the path, as for git.
  ['git@h:2222/x.git', 'h', undefined, 'git', 'git@h:2222/x.git'],
  ['[git@h:2222]:x.git', 'h', 2222, 'git', 'git@[h:2222]:x.git'],
  ['git@[h:2222]:/srv/x.git', 'h', 2222, 'git', 'git@[h:2222]:/srv/x.git'],
  ['[h]:x', 'h', undefined, 'git', 'git@[h]:x'],
  ['git@[::1]:x', '::1', undefined, 'git', 'git@[::1]:x'],
];

for (const [text, host, port, username, href] of ROWS) {
  test(`${text} is read`, () => {
    const url = parseGitUrl(text);
    assert.deepEqual([url.host, url.port, url.username, url.href], [host, port, username, href]);
  });
}

const BAD: readonly [string, string][] = [
  ['git@[h:99999]:x', 'fetch/bad-url'],
  ['[-oProxyCommand=id:22]:x', 'fetch/bad-url'],
  ['[-x@h:22]:x', 'fetch/bad-url'],
  ['git@[h:2222]', 'fetch/bad-url'],
  ['git@[h:22]x:y', 'fetch/bad-url'],
  ['git@h:', 'fetch/bad-url'],
  ['https://h', 'fetch/bad-url'],
  ['ftp://h/x', 'fetch/unsupported'],
];

for (const [text, code] of BAD) {
  test(`${text} is refused`, () => {
    assert.throws(
      () => parseGitUrl(text),
      (error) => error instanceof FetchError && error.code === code,
    );
  });
}

test('URLs of submodules, relative to their parent', () => {
  const rows: [string, string, string][] = [
    ['https://h/a/b.git', '../c.git', 'https://h/a/c.git'],
    ['https://h/a/b.git', './c', 'https://h/a/b.git/c'],
    ['https://h/a/b.git/', '../../c', 'https://h/c'],
    ['ssh://git@h:2222/a/b', '../c', 'ssh://git@h:2222/a/c'],
    ['git@h:a/b.git', '../c.git', 'git@h:a/c.git'],
    ['git@[h:2222]:a/b.git', '../c.git', 'git@[h:2222]:a/c.git'],
    ['https://h/a', 'ssh://x/y', 'ssh://x/y'],
  ];
  for (const [parent, url, wanted] of rows)
    assert.equal(resolveGitUrl(parseGitUrl(parent), url), wanted);
  assert.throws(() => resolveGitUrl(parseGitUrl('https://h/a'), '../../../c'), {
    code: 'fetch/bad-url',
  });
});
