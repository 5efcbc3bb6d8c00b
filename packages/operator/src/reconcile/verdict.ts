// SPDX-License-Identifier: Apache-2.0

/** What an error means to the reader of a status: a word for it, whether trying again helps, what mends it. Pure. */

import { diagnose, type Retry } from '@helm-operator/helm';

export interface ErrorVerdict {
  readonly reason: string;
  readonly retry: Retry;
  /** A sentence without a full stop; `''`: there is nothing to say. */
  readonly mend: string;
  /** Paths of the fields the API server named. */
  readonly fields: readonly string[];
}

/** Those that say themselves what mends them, behind their last colon. */
const SAY_IT_LAST: ReadonlySet<string> = new Set([
  'api/decode',
  'operator/chart-secret',
  'operator/cross-namespace',
  'operator/service-account',
  'operator/values',
]);

/** Words of Helm, or of a repository, that leave it open. */
const MENDS: ReadonlyMap<string, string> = new Map([
  ['chart/kube-version', 'use a chart version for this cluster, or another cluster'],
  ['chart/schema', 'correct the values that the message names'],
  ['source/archive', 'publish the chart again; check that the URL is the one of a chart'],
  ['source/bad-reference', 'correct chart.repository, or the file of --helm-repository-import'],
  ['source/bad-version', 'write chart.version as 1.2.3, 1.2.x or ">=1.2.0 <2.0.0"'],
  ['source/dependency', "check the dependency's repository and version, and Chart.lock"],
  ['source/index', 'mend the repository: helm repo index'],
  [
    'source/no-repository',
    'write the URL of the repository, or configure it with --helm-repository-import',
  ],
  ['source/not-found', 'compare chart.name and chart.version with the repository'],
  ['source/verification', 'check the key, the identity and the provenance file'],
]);

/** The word is that of the error below it. */
const NAMED_BELOW: ReadonlySet<string> = new Set(['source/unreachable']);

export function verdictOf(error: unknown): ErrorVerdict {
  const { reason, retry, mend, fields } = diagnose(error);
  const first = chainOf(error).find((at) => codeOf(at) !== '');
  const below = NAMED_BELOW.has(codeOf(first)) ? codeOf(first?.cause) : '';
  return {
    reason: below === '' ? reason : below.replace(/^.*\//, ''),
    retry,
    mend: mend === '' ? mendIn(error) : mend,
    fields,
  };
}

/** From the outermost error that knows. */
function mendIn(error: unknown): string {
  for (const at of chainOf(error)) {
    if ('mend' in at && typeof at.mend === 'string' && at.mend !== '') return at.mend;
    const code = codeOf(at);
    if (SAY_IT_LAST.has(code) && at.message.includes(': '))
      return at.message.slice(at.message.lastIndexOf(': ') + 2);
    const known = MENDS.get(code);
    if (known !== undefined) return known;
  }
  return '';
}

function chainOf(error: unknown): readonly Error[] {
  const chain: Error[] = [];
  for (let at = error; at instanceof Error; at = at.cause) chain.push(at);
  return chain;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : '';
}
