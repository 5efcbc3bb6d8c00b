// SPDX-License-Identifier: Apache-2.0

/** References of a HelmRelease to objects of other namespaces: allowed, refused, or as RBAC says. */

import type { ChainLink, ReleaseIntent } from '@helm-operator/api';
import { type Cluster, fieldAt, jsonOfObject, objectOfJson } from '@helm-operator/kube';
import type { TenancyOptions } from './tenant.ts';

/** A reference that is not followed. */
export class CrossNamespaceError extends Error {
  override readonly name: string = 'CrossNamespaceError';
  readonly code = 'operator/cross-namespace';
  readonly retry: 'terminal' | 'waiting';
  /** What the reference would have brought. */
  readonly link: ChainLink;
  constructor(message: string, retry: 'terminal' | 'waiting', link: ChainLink) {
    super(message);
    this.retry = retry;
    this.link = link;
  }
}

/** An object of another namespace that a HelmRelease names. */
export interface ForeignReference {
  readonly kind: 'Secret' | 'ConfigMap' | 'HelmRelease';
  readonly namespace: string;
  readonly name: string;
  /** For messages: `spec.valuesFrom`. */
  readonly field: string;
  readonly link: ChainLink;
}

/** Each one once. Pure. */
export function foreignReferences(
  intent: Pick<ReleaseIntent, 'source' | 'values' | 'chart' | 'dependencies'>,
): readonly ForeignReference[] {
  const { source, values, chart, dependencies } = intent;
  const all: ForeignReference[] = [];
  for (const { namespace, name } of dependencies)
    all.push({ kind: 'HelmRelease', namespace, name, field: 'its dependencies', link: 'source' });
  if (chart.secret !== undefined)
    all.push({ kind: 'Secret', ...chart.secret, field: 'spec.chart', link: 'source' });
  for (const layer of values) {
    if (layer.kind !== 'Secret' && layer.kind !== 'ConfigMap') continue;
    const { kind, namespace, name } = layer;
    all.push({ kind, namespace, name, field: 'spec.valuesFrom', link: 'values' });
  }
  const foreign = all.filter(({ namespace }) => namespace !== source.namespace);
  return [
    ...new Map(foreign.map((one) => [`${one.kind} ${one.namespace}/${one.name}`, one])).values(),
  ];
}

/**
 * @param cluster as the operator: it asks what the release's service account may do
 * @throws {CrossNamespaceError} `operator/cross-namespace` @throws {KubeError} the API server does not say
 */
export async function checkReferences(
  intent: ReleaseIntent,
  { crossNamespace }: TenancyOptions,
  cluster: Pick<Cluster, 'create'>,
  signal: AbortSignal,
): Promise<void> {
  if (crossNamespace === 'allow') return;
  const references = foreignReferences(intent);
  const [first] = references;
  if (crossNamespace === 'deny' && first !== undefined) throw denied(first, intent.source);
  for (const reference of references) {
    const review = objectOfJson(accessReview(reference, intent));
    const answer = jsonOfObject(await cluster.create(review, { signal }));
    if (fieldAt(answer, 'status.allowed') !== true) throw forbidden(reference, intent);
  }
}

type Asker = Pick<ReleaseIntent, 'source' | 'serviceAccount'>;

/** One that acts as the operator gets no more than its namespace gives to all. */
function userOf({ source, serviceAccount = 'default' }: Asker): string {
  return `system:serviceaccount:${source.namespace}:${serviceAccount}`;
}

function print({ kind, namespace, name, field }: ForeignReference): string {
  return `${kind} ${namespace}/${name} of ${field}`;
}

function denied(reference: ForeignReference, { namespace }: Asker['source']): CrossNamespaceError {
  return new CrossNamespaceError(
    `cross-namespace references are not allowed: cannot access ${print(reference)}: put it into namespace ${namespace}`,
    'terminal',
    reference.link,
  );
}

function forbidden(reference: ForeignReference, asker: Asker): CrossNamespaceError {
  const { kind, namespace, name, link } = reference;
  return new CrossNamespaceError(
    `cross-namespace reference refused: ${userOf(asker)} may not get ${print(reference)}: let it get ${RESOURCES[kind]} ${name} by a Role and a RoleBinding in namespace ${namespace}`,
    'waiting',
    link,
  );
}

const RESOURCES = {
  Secret: 'secrets',
  ConfigMap: 'configmaps',
  HelmRelease: 'helmreleases',
} as const satisfies Record<ForeignReference['kind'], string>;

function accessReview(
  { kind, namespace, name }: ForeignReference,
  asker: Asker,
): Parameters<typeof objectOfJson>[0] {
  const { source } = asker;
  const group = kind === 'HelmRelease' ? source.apiVersion.replace(/\/.*$/, '') : '';
  return {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    metadata: {},
    spec: {
      user: userOf(asker),
      // What the API server adds to a service account.
      groups: [
        'system:serviceaccounts',
        `system:serviceaccounts:${source.namespace}`,
        'system:authenticated',
      ],
      resourceAttributes: { verb: 'get', group, resource: RESOURCES[kind], namespace, name },
    },
  };
}
