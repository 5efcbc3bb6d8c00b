// SPDX-License-Identifier: Apache-2.0

/** A cluster as Helm Operator 1.4 leaves it: its definition, its objects with the status it wrote, its marks. Source: spec helm-operator.md §1, §2.7. */

import { DIALECTS, type Schema } from '@helm-operator/api';
import type { ControlPlane } from './control-plane/control-plane.ts';
import { installCrd, until } from './helm-release.ts';

const APPLY = 'application/apply-patch+yaml';
/** Fields of the original's status, of both kinds. */
const ORIGINAL_FIELDS: ReadonlySet<string> = new Set([
  ...['observedGeneration', 'phase', 'releaseName', 'releaseStatus', 'revision', 'conditions'],
  ...['lastAttemptedRevision', 'rollbackCount', 'valuesChecksum'],
]);

interface StatusSchema {
  readonly properties: Record<string, Schema>;
}

/** The definition of the original: its fields and its conditions, no more. */
export function originalCrd(apiVersion: string): Schema {
  const dialect = DIALECTS.find((one) => one.apiVersion === apiVersion);
  if (dialect === undefined) throw new Error(`no dialect ${apiVersion}`);
  const crd = structuredClone(dialect.crd) as unknown as {
    spec: {
      versions: { schema: { openAPIV3Schema: { properties: { status: StatusSchema } } } }[];
    };
  };
  for (const { schema } of crd.spec.versions) {
    const { properties } = schema.openAPIV3Schema.properties.status;
    for (const field of Object.keys(properties))
      if (!ORIGINAL_FIELDS.has(field)) delete properties[field];
    const conditions = properties['conditions'] as unknown as {
      items: { properties: { type: { enum: readonly string[] } } };
    };
    conditions.items.properties.type.enum = dialect.originalConditions;
  }
  return crd as unknown as Schema;
}

/** Puts the original's definition in place of ours while `work` runs. */
export async function withOriginalCrd(
  plane: ControlPlane,
  apiVersion: string,
  work: () => Promise<void>,
): Promise<void> {
  await applyCrd(plane, originalCrd(apiVersion));
  await until(
    'the definition is served',
    async () => (await plane.call('GET', `/apis/${apiVersion}/helmreleases`)).status === 200,
  );
  try {
    await work();
  } finally {
    await installCrd(plane);
  }
}

/** Installs or replaces a definition. */
export async function applyCrd(plane: ControlPlane, crd: Schema): Promise<void> {
  const { name } = crd['metadata'] as { name: string };
  const { status, body } = await plane.call(
    'PATCH',
    `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${name}?fieldManager=kit&force=true`,
    crd,
    APPLY,
  );
  if (status >= 300) throw new Error(`applying definition ${name}: ${JSON.stringify(body)}`);
}

/** What the original writes for a release that succeeded. */
export function originalStatus(
  release: { readonly name: string; readonly namespace: string },
  revision: string,
): object {
  const at = '2022-10-01T10:00:00Z';
  const of = `Helm release '${release.name}' in '${release.namespace}'.`;
  const condition = (type: string, reason: string, text: string) => ({
    ...{ type, status: 'True', reason, message: `${text} ${of}` },
    ...{ lastUpdateTime: at, lastTransitionTime: at },
  });
  return {
    observedGeneration: 1,
    phase: 'Succeeded',
    releaseName: release.name,
    releaseStatus: 'deployed',
    revision,
    lastAttemptedRevision: revision,
    conditions: [
      condition('ChartFetched', 'ChartFetched', 'Chart fetch was successful for'),
      condition('Deployed', 'Deployed', 'Installation or upgrade succeeded for'),
      condition('Released', 'Succeeded', 'Release was successful for'),
    ],
  };
}
