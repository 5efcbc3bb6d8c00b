// SPDX-License-Identifier: Apache-2.0

import {
  createConfigMapStorage,
  createMemoryStorage,
  createSecretStorage,
  type Profile,
  type ReleaseStorage,
} from '@helm-operator/helm';
import { type Cluster, systemClock } from '@helm-operator/kube';
import { type CliContext, UsageError } from './context.ts';

/**
 * Where releases are recorded: Secrets, or what HELM_DRIVER says.
 *
 * Source: helm v3.22.0 pkg/action/action.go (Configuration.Init)
 * @param namespace empty: of all namespaces
 * @throws {UsageError} there is no such driver
 */
export function openStorage(
  cluster: Cluster,
  namespace: string,
  { context: { env }, profile }: { readonly context: CliContext; readonly profile: Profile },
): ReleaseStorage {
  const options = { cluster, clock: systemClock, profile, namespace } as const;
  const driver = env.get('HELM_DRIVER') ?? '';
  switch (driver) {
    case '':
    case 'secret':
    case 'secrets':
      return createSecretStorage(options);
    case 'configmap':
    case 'configmaps':
      return createConfigMapStorage(options);
    case 'memory':
      return createMemoryStorage(options);
    default:
      throw new UsageError(
        `HELM_DRIVER=${driver} is not supported: use secret, configmap or memory`,
      );
  }
}
