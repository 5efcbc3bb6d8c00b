// SPDX-License-Identifier: Apache-2.0

/** The rules against what Helm 3.22 and kstatus said of the same objects. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { type JsonObject, readinessOf, textAt } from '@helm-operator/kube';
import { READY_RULES } from './rules.ts';

interface Recorded {
  readonly object: JsonObject;
  readonly related?: readonly JsonObject[];
  readonly kstatus: readonly [status: string, message: string];
  /** `ready`, `waiting` or `failed: TEXT`; absent where Helm 3 was not asked. */
  readonly helm3?: string;
}

const CASES = new URL('../../../../../test/conformance/cases/readiness.json', import.meta.url);
const { cases } = JSON.parse(readFileSync(CASES, 'utf8')) as { cases: readonly Recorded[] };

/** Long after the pods of the cases were created. */
const NOW_MS = Date.UTC(2026, 11, 31);

function helm3Says({ object, related = [] }: Recorded): string {
  const apiVersion = textAt(object, 'apiVersion');
  const group = apiVersion.includes('/') ? apiVersion.replace(/\/.*$/, '') : '';
  const rule = READY_RULES.get(`${group}/${textAt(object, 'kind')}`);
  if (rule === undefined) return 'ready';
  const readiness = rule.check(object, rule.related?.(object) === undefined ? [] : related);
  return readiness.state === 'failed' ? `failed: ${readiness.message}` : readiness.state;
}

test(`readiness as recorded: ${cases.length} objects`, () => {
  assert.ok(cases.length > 100);
  for (const row of cases) {
    const { status, message } = readinessOf(row.object, NOW_MS);
    assert.deepEqual([status, message], row.kstatus, JSON.stringify(row.object));
    if (row.helm3 !== undefined) assert.equal(helm3Says(row), row.helm3, JSON.stringify(row));
  }
});
