// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { printAccount } from './release-account.ts';

const metadata = { namespace: 'apps', name: 'web', generation: 2 };
const time = '2026-01-01T00:00:00Z';
const released = (status: string, reason: string, message: string) => ({
  ...{ type: 'Released', status, reason, message },
  ...{ lastUpdateTime: time, lastTransitionTime: time },
});

test('a failure: object, why, mend and the next attempt', () => {
  const failure = {
    ...{ link: 'ready', chain: 'source ok, ready failed', reason: 'wait-impossible' },
    ...{ message: 'waiting cannot help', retry: 'unknown', since: time },
    culprits: [
      {
        ...{ object: 'Deployment apps/web', pod: 'web-1', container: 'c' },
        ...{ reason: 'CrashLoopBackOff', message: '0 out of 1', mend: 'read the log' },
        ...{ events: ['BackOff: restarting'], logTail: 'connecting\n\u001b[31mno db\n' },
      },
    ],
    ...{ remedy: 'rolled back to revision 1', nextAttempt: '2026-01-01T00:05:00Z' },
  };
  const conditions = [released('False', 'DeployFailed', 'Installation or upgrade failed')];
  const status = { observedGeneration: 2, revision: '1.0.0', releaseStatus: 'failed', conditions };
  assert.equal(
    printAccount({ metadata, status: { ...status, failure } }),
    `HelmRelease apps/web: Released=False (DeployFailed) since 2026-01-01T00:00:00Z, deployed 1.0.0, Helm says failed
says: Installation or upgrade failed
chain: source ok, ready failed
since: 2026-01-01T00:00:00Z
reason: wait-impossible (unknown)
message: waiting cannot help
object: Deployment apps/web, pod web-1, container c
  why: CrashLoopBackOff; 0 out of 1
  event: BackOff: restarting
  log: connecting
  log: [31mno db
  to mend it: read the log
done about it: rolled back to revision 1
next attempt: 2026-01-01T00:05:00Z
`,
  );
});

test('released, and not as it should be', () => {
  const status = {
    ...{ observedGeneration: 1, conditions: [released('True', 'Succeeded', 'well')] },
    health: {
      ...{ state: 'Unhealthy', ready: '0/1', since: time },
      notReady: [{ object: 'Deployment apps/web', message: 'it does not exist' }],
    },
    drift: {
      ...{ state: 'Detected', time, more: 2 },
      objects: [
        { object: 'ConfigMap apps/web', change: 'changed', fields: ['data.a: 2 instead of 1'] },
      ],
    },
  };
  const told = printAccount({ metadata, status });
  assert.match(told, /since \S+, its newest edit has not been worked on yet$/m);
  assert.match(told, /^health: Unhealthy, 0\/1 ready/m);
  assert.match(told, /^ {2}not ready: Deployment apps\/web: it does not exist$/m);
  assert.match(told, /^drift: Detected at \S+, 2 more objects$/m);
  assert.match(told, /^ {2}object: ConfigMap apps\/web changed: data\.a: 2 instead of 1$/m);
});

test('nobody has looked at it; and what waits for a change', () => {
  assert.match(printAccount({ metadata }), /does an operator run, and does it watch/);
  const failure = { link: 'spec', waitsForChange: true };
  const conditions = [released('False', 'Failed', 'no')];
  assert.match(
    printAccount({ metadata, status: { conditions, failure } }),
    /^next attempt: when the spec, the chart or the values change/m,
  );
});
