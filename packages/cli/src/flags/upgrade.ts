// SPDX-License-Identifier: Apache-2.0

import { type Flag, type FlagValues, numberFlag, switchFlag } from './flag.ts';

/** How an upgrade treats what is there. Source: helm v3.22.0 cmd/helm/upgrade.go. */
export const UPGRADE_FLAGS: {
  readonly mustReset: Flag<boolean>;
  readonly mustReuse: Flag<boolean>;
  readonly mustResetThenReuse: Flag<boolean>;
  readonly maxHistory: Flag<number>;
  readonly mustCleanupOnFail: Flag<boolean>;
  readonly mustRecreatePods: Flag<boolean>;
} = {
  mustReset: switchFlag('reset-values', "start from the chart's defaults"),
  mustReuse: switchFlag('reuse-values', "put the values over the last revision's"),
  mustResetThenReuse: switchFlag(
    'reset-then-reuse-values',
    "put the last revision's values and these over the new chart's defaults",
  ),
  maxHistory: numberFlag('history-max', 'revisions to keep; 0 keeps all', {
    initial: 10,
    env: 'HELM_MAX_HISTORY',
  }),
  mustCleanupOnFail: switchFlag('cleanup-on-fail', 'delete what a failed upgrade created'),
  mustRecreatePods: switchFlag('recreate-pods', 'delete the pods of what was changed', {
    deprecated:
      'functionality will no longer be updated. Consult the documentation for other methods to recreate pods',
  }),
};

export type UpgradeFlags = FlagValues<typeof UPGRADE_FLAGS>;
