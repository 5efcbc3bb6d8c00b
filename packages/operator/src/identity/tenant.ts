// SPDX-License-Identifier: Apache-2.0

/** As whom a release is worked on: the service account it names, in the namespace of its HelmRelease; else the operator itself. */

import type { ReleaseIntent } from '@helm-operator/api';
import type { Cluster, Identity } from '@helm-operator/kube';

/** What the one who runs the operator says about tenants. */
export interface TenancyOptions {
  /** Whether a HelmRelease may refer to objects of other namespaces; `rbac`: when its service account may read them. */
  readonly crossNamespace: 'allow' | 'rbac' | 'deny';
  /** Service account for HelmReleases that name none; empty: the operator itself. */
  readonly defaultServiceAccount: string;
}

export const DEFAULT_TENANCY: TenancyOptions = {
  crossNamespace: 'allow',
  defaultServiceAccount: '',
};

/** The service account to act as is not there. */
export class ServiceAccountError extends Error {
  override readonly name: string = 'ServiceAccountError';
  readonly code = 'operator/service-account';
  readonly retry = 'transient';
  constructor({ source, serviceAccount = '' }: Tenant, cause: unknown) {
    super(
      `service account ${source.namespace}/${serviceAccount} does not exist: create it with the rights that the release needs, or name another one (helm-operator.dev/service-account, --default-service-account)`,
      { cause },
    );
  }
}

type Tenant = Pick<ReleaseIntent, 'source' | 'serviceAccount'>;

/** The intent with the service account that counts. */
export function withTenant(
  intent: ReleaseIntent,
  { defaultServiceAccount }: TenancyOptions,
): ReleaseIntent {
  const serviceAccount = intent.serviceAccount ?? defaultServiceAccount;
  return { ...intent, serviceAccount: serviceAccount === '' ? undefined : serviceAccount };
}

/** `undefined`: the operator itself. Source: spec helm-controller.md §2.10 */
export function identityOf({ source, serviceAccount }: Tenant): Identity | undefined {
  return serviceAccount === undefined
    ? undefined
    : { user: `system:serviceaccount:${source.namespace}:${serviceAccount}` };
}

/** The same connections under the identity of the release. */
export function clusterOf(tenant: Tenant, cluster: Cluster): Cluster {
  const identity = identityOf(tenant);
  return identity === undefined ? cluster : cluster.as(identity);
}

/** Whether there is a service account to act as; without one nothing can be removed either. @throws {KubeError} */
export async function hasServiceAccount(
  { source, serviceAccount }: Tenant,
  cluster: Pick<Cluster, 'getJson'>,
  signal: AbortSignal,
): Promise<boolean> {
  if (serviceAccount === undefined) return true;
  const { namespace } = source;
  const ref = { apiVersion: 'v1', kind: 'ServiceAccount', namespace, name: serviceAccount };
  return (await cluster.getJson(ref, { signal })) !== undefined;
}
