// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { maskText, maskUrl } from './mask.ts';

test('URLs as messages show them', () => {
  const rows = [
    ['https://ann:pw@charts.test:8443/a/b?sig=x#y', 'https://charts.test:8443/a/b'],
    ['ssh://git@host:22/a.git', 'ssh://host:22/a.git'],
    ['git@host:org/repo.git', 'host:org/repo.git'],
    ['oci://host/a:1', 'oci://host/a:1'],
    ['file:///tmp/x', 'file:///tmp/x'],
    ['not a url', 'a URL that cannot be read'],
  ] as const;
  for (const [url, wanted] of rows) assert.equal(maskUrl(url), wanted);
});

test('what other programs print', () => {
  const secrets = ['pass word+', 'abc'];
  const text = `cloning https://u:pass@h/x and ${encodeURIComponent('pass word+')} or pass word+ ${Buffer.from('pass word+').toString('base64')} abc`;
  assert.equal(maskText(text, secrets), 'cloning https://***@h/x and *** or *** *** abc');
});
