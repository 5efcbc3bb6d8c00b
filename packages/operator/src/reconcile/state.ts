// SPDX-License-Identifier: Apache-2.0

import type { Recovery, ReleaseRecord } from '@helm-operator/helm';

/** How the newest revision stands against what is wanted. */
export interface ReleaseState {
  /** The newest revision; `undefined` when the release is absent. */
  readonly last: ReleaseRecord | undefined;
  readonly hasDeployed: boolean;
  readonly recovery: Recovery;
  /** Chart, values and generation of the newest revision are the wanted ones. */
  readonly isInSync: boolean;
  /** Chart and values of the newest revision are the wanted ones, whoever made it. */
  readonly isPendingWanted: boolean;
  /** A rollback brought the newest revision, and the failed inputs are still the wanted ones. */
  readonly isRolledBack: boolean;
  readonly rollbackCount: number;
}
