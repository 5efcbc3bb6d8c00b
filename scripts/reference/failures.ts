// SPDX-License-Identifier: Apache-2.0

/** docs/reference/failures.md: every reason a failure has, from the tables in the code. */

import { CHAIN, type ChainLink } from '@helm-operator/api';
import { FETCH_FAILURES } from '@helm-operator/fetch';
import { API_FAILURES, HELM_FAILURES, OBSTACLES } from '@helm-operator/helm';
import { API_MEANINGS, FETCH_MEANINGS, HELM_MEANINGS, OTHER_FAILURES } from './failure-meanings.ts';
import { code, pageHead, table } from './markdown.ts';

/** What each link of the chain is about. */
const LINKS: Readonly<Record<ChainLink, string>> = {
  spec: 'The HelmRelease itself: a field or annotation that cannot be read, or asks for what cannot be done.',
  source: 'The place the chart comes from could not be asked.',
  chart: 'The chart was fetched, or looked for, and cannot be used.',
  values: 'A Secret, ConfigMap, URL or file that values come from.',
  render: 'The templates.',
  apply:
    'The API server did not take an object; a hook before that failed; or the release belongs to somebody else.',
  ready: 'Everything was written, and something did not become ready; or a hook after that failed.',
  test: 'The tests of the chart failed.',
};

export function printFailureReference(): string {
  return `${[
    pageHead('Failures'),
    'Each reason that `status.failure.reason` can name: what it means, what mends it, when it is tried again. How to read a failure: [debugging](../guides/debugging.md).\n',
    chain(),
    retries(),
    answers(),
    releases(),
    obstacles(),
    fetching(),
    others(),
  ].join('\n')}`;
}

const HEAD = ['reason', 'means', 'mend', 'retry'];

function chain(): string {
  return `## Links of the chain

\`status.failure.link\` names the first link that broke; those before it held.

${table(
  ['link', 'about'],
  (['spec', ...CHAIN] as const).map((link) => [code(link), LINKS[link]]),
)}
`;
}

function retries(): string {
  return `## Retries

${table(
  ['`status.failure.retry`', 'next attempt'],
  [
    ['`transient`', 'by itself: after 1 s, then after pauses that double, up to 5 minutes'],
    ['`unknown`', 'the same: nobody can tell whether it helps'],
    ['`waiting`', 'when what is missing appears (it is watched), else every 30 s'],
    [
      '`terminal`',
      'when the spec, the chart or the values change, where nothing was stored; a failed revision is tried again as `unknown`, a source that says no is asked again with pauses that grow',
    ],
  ],
)}

\`status.failure.nextAttempt\` says when; \`waitsForChange: true\` says that only a change, or a [request](helm-release.md#annotations), brings the next attempt. What stops after failed
attempts is the business of \`rollback\`: [rollbacks](../guides/rollbacks.md).
`;
}

function answers(): string {
  return `## Answers of the API server

${table(
  HEAD,
  API_FAILURES.map(({ reason, mend, retry }) => [
    code(reason),
    API_MEANINGS[reason] ?? '',
    mend,
    retry,
  ]),
)}
`;
}

function releases(): string {
  return `## Releases

${table(
  HEAD,
  Object.entries(HELM_FAILURES).map(([name, { mend, retry }]) => [
    code(tail(name)),
    HELM_MEANINGS[name] ?? '',
    mend,
    retry === 'cause' ? 'that of its cause' : retry,
  ]),
)}
`;
}

function obstacles(): string {
  return `## What keeps objects from getting ready

Told in \`status.failure.culprits\` with pod, container, events and the end of the log. How long each must last: [waiting](../engine/waiting.md#when-waiting-cannot-help).

${table(
  ['obstacle', 'mend'],
  Object.entries(OBSTACLES).map(([kind, mend]) => [code(kind), mend]),
)}
`;
}

function fetching(): string {
  return `## Fetching

${table(
  HEAD,
  Object.entries(FETCH_FAILURES).map(([name, { mend, retry }]) => [
    code(tail(name)),
    FETCH_MEANINGS[name] ?? '',
    mend,
    name === 'fetch/status' ? '5xx `transient`, else `terminal`' : retry,
  ]),
)}
`;
}

function others(): string {
  return `## Charts, values and everything else

${table(
  ['reason', 'means', 'mend', 'retry', 'code'],
  Object.entries(OTHER_FAILURES)
    .filter(([, { retry }]) => retry !== '')
    .map(([name, { meaning, mend, retry }]) => [
      code(tail(name)),
      meaning,
      mend,
      retry,
      code(name),
    ]),
)}
`;
}

function tail(name: string): string {
  return name.replace(/^.*\//, '');
}
