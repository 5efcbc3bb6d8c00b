// SPDX-License-Identifier: Apache-2.0

/** `helm get all --template`. Source: helm v3.22.0 cmd/helm/get_all.go, printer.go */

import { decodeJson } from '@helm-operator/gocompat';
import { Budget, TemplateSet } from '@helm-operator/gotemplate';
import { type ReleaseRecord, recordToJson } from '@helm-operator/helm';
import { releaseType } from './go-release.ts';
import { goValue } from './go-value.ts';

const NAME = '_';
const LIMITS = {
  steps: 10_000_000,
  outputBytes: 64 << 20,
  elements: 10_000_000,
  depth: 1_000,
  timeMs: 60_000,
};

/** @throws {TemplateParseError} {TemplateExecError} with Go's texts */
export function formatRelease(record: ReleaseRecord, template: string): string {
  const set = new TemplateSet({ name: NAME, functions: new Map(), missingKey: 'default' });
  set.parse(NAME, template);
  const json = decodeJson(recordToJson(record, 'helm3'), { numbers: 'float64' });
  if (json instanceof Map) json.set('labels', new Map(record.labels));
  const data = new Map([['Release', goValue(releaseType, json)]]);
  const budget = new Budget(LIMITS, () => performance.now());
  return set.execute(NAME, data, { budget, state: undefined });
}
