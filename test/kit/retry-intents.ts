// SPDX-License-Identifier: Apache-2.0

/** Rules of the originals as the intents that they become. */

import { decodeHelmRelease, type FailurePolicy, type ReleaseIntent } from '@helm-operator/api';
import { decodeJson, type ValueMap } from '@helm-operator/gocompat';
import type { Attempt, Rules, Strategy } from './retry-rules.ts';

const EVERY_MS = 300_000;

/** As the dialects decode it. */
export function intentOf(rules: Rules): ReleaseIntent {
  const isOld = rules.of === 'helm-operator';
  const annotations = {
    'helm-operator.dev/keep-failed-install': String(isOld && rules.keepsFailedInstall),
  };
  const intent = decodeHelmRelease(
    decodeJson(
      JSON.stringify({
        ...{ apiVersion: 'helm.fluxcd.io/v1', kind: 'HelmRelease' },
        metadata: { name: 'web', namespace: 'default', uid: '1', generation: 1, annotations },
        spec: {
          chart: { repository: 'http://charts.test', name: 'web', version: '1.0.0' },
          rollback: isOld ? rules.rollback : {},
          test: rules.test,
        },
      }),
    ) as ValueMap,
  );
  if (isOld) return intent;
  const { install, upgrade } = rules;
  return {
    ...intent,
    onFailure: { install: policyOf(install, 'install'), upgrade: policyOf(upgrade, 'upgrade') },
    onForeignLock: 'unlock',
    mustUpgradeOnEdit: false,
  };
}

/** Source: docs/architecture.md, failure policies */
function policyOf(strategy: Strategy, attempt: Attempt): FailurePolicy {
  const canTestsFail = strategy.ignoreTestFailures;
  if (strategy.name === 'RetryOnFailure') {
    const pace = { kind: 'every', afterMs: EVERY_MS } as const;
    const own = { remedy: 'none', retries: Infinity, mustRemedyLast: false, pace } as const;
    return { ...own, canTestsFail, forgets: 'when-released' };
  }
  const { retries, remediateLastFailure: mustRemedyLast } = strategy;
  return {
    ...{ remedy: attempt === 'install' ? 'uninstall' : strategy.strategy, mustRemedyLast },
    ...{ retries: retries < 0 ? Infinity : retries, pace: { kind: 'at-once' }, canTestsFail },
  };
}
