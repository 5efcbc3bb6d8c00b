// SPDX-License-Identifier: Apache-2.0

/** docs/reference/profiles.md says in what the recorded answers of Helm 3 and Helm 4 differ. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { PAGE, printProfiles } from '../conformance/profile-report.ts';

test('the page on profiles is up to date, and every recorded difference is explained', () => {
  const mend = 'run `node test/conformance/profile-report.ts`';
  assert.equal(readFileSync(PAGE, 'utf8'), printProfiles(), mend);
});
