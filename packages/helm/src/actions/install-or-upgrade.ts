// SPDX-License-Identifier: Apache-2.0

import { isHelmError } from '../errors.ts';
import type { ReleaseRecord } from '../release/record.ts';
import type { ActionContext } from './context.ts';
import { install } from './install.ts';
import type { InstallOrUpgradeOptions } from './options.ts';
import { history } from './read.ts';
import { upgrade } from './upgrade.ts';

export interface InstalledOrUpgraded {
  /** `install`: there was no release of that name, or an uninstalled one. */
  readonly action: 'install' | 'upgrade';
  readonly record: ReleaseRecord;
}

/**
 * `helm upgrade --install`.
 *
 * @param onInstall called before an install begins: Helm tells the user that there is no such release
 * @throws as `install` and `upgrade`
 * Source: helm v3.22.0 cmd/helm/upgrade.go
 */
export async function installOrUpgrade(
  options: InstallOrUpgradeOptions,
  context: ActionContext,
  onInstall: () => void = () => {},
): Promise<InstalledOrUpgraded> {
  const status = await lastStatus(options, context);
  if (status !== undefined && status !== 'uninstalled') {
    return { action: 'upgrade', record: await upgrade(options, context) };
  }
  onInstall();
  const crds = options.installCrds ?? options.crds;
  const canReplace = status === 'uninstalled';
  return { action: 'install', record: await install({ ...options, crds, canReplace }, context) };
}

async function lastStatus(
  { profile, release }: InstallOrUpgradeOptions,
  context: ActionContext,
): Promise<ReleaseRecord['info']['status'] | undefined> {
  try {
    return (await history({ profile, release }, context)).at(-1)?.info.status;
  } catch (error) {
    if (isHelmError(error, 'helm/release-not-found')) return undefined;
    throw error;
  }
}
