// SPDX-License-Identifier: Apache-2.0

/** What an intent may ask for and nobody does yet: refused as a whole, since half of a wish is another wish. */

import type { Refusal, ReleaseIntent } from '@helm-operator/api';

type Asking = Pick<
  ReleaseIntent,
  'chart' | 'dependencies' | 'healthChecks' | 'postRender' | 'targetCluster'
>;

const NOT_YET: readonly (readonly [what: string, asks: (intent: Asking) => boolean])[] = [
  ['charts of source objects', ({ chart }) => chart.kind === 'source-object'],
  [
    'expressions that say whether a dependency is ready',
    ({ dependencies }) => dependencies.some(({ readyExpression }) => readyExpression !== undefined),
  ],
  [
    'expressions that say whether an object is ready',
    ({ healthChecks }) => healthChecks.length > 0,
  ],
  ['post-rendering', ({ postRender }) => postRender !== undefined],
];

/** Pure. */
export function notYet(intent: Asking): Refusal | undefined {
  const asked = NOT_YET.filter(([, asks]) => asks(intent)).map(([what]) => what);
  return asked.length === 0 ? undefined : refusal(asked);
}

/** Whatever were done would be done to the wrong cluster. Pure. */
export function isElsewhere({ targetCluster }: Asking): Refusal | undefined {
  return targetCluster === undefined ? undefined : refusal(['releases in other clusters']);
}

function refusal(asked: readonly string[]): Refusal {
  const reason = `not done by this operator: ${asked.join(', ')}; take it out of the spec`;
  return { phase: 'failed', reason };
}
