// SPDX-License-Identifier: Apache-2.0

/** The CustomResourceDefinition of `flux.weave.works/v1beta1`: a table. Source: spec helm-operator.md §1.6. */

import { failureSchema } from '../helm-fluxcd-io-v1/failure.ts';
import { healthSchema } from '../helm-fluxcd-io-v1/health.ts';
import {
  ATTEMPT_SCHEMA,
  CHART_SCHEMA,
  CONDITION_FIELDS,
  SPEC_SCHEMA,
} from '../helm-fluxcd-io-v1/schema.ts';
import {
  flag,
  helmReleaseDefinition,
  integer,
  list,
  object,
  pick,
  type Schema,
  text,
} from '../schema.ts';

const DNS_LABEL = '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$';

const label = (description: string): Schema => ({ ...text(description), pattern: DNS_LABEL });

const keyRef = (what: string): Schema =>
  object(
    {
      name: text(`Name of the ${what}, in the namespace of the HelmRelease.`),
      key: text('Key that holds a YAML map of values. Default: values.yaml.'),
      optional: flag(`The ${what}, or its key, may be absent. Default: false.`),
    },
    ['name'],
    `A ${what}.`,
  );

const oneOf = (...alternatives: readonly (readonly string[])[]): Schema => ({
  oneOf: alternatives.map((required) => ({ required })),
});

const chart: Schema = {
  ...object(
    pick(CHART_SCHEMA, [
      ...['git', 'ref', 'path', 'skipDepUpdate'],
      ...['repository', 'name', 'version', 'chartPullSecret'],
    ]),
    [],
    'Where the chart comes from: repository, name and version; or git and path.',
  ),
  ...oneOf(['git', 'path'], ['repository', 'name', 'version']),
};

const NEWER = pick(SPEC_SCHEMA, ['valuesFrom', 'rollback']);
const NEWER_REFERENCES = (NEWER['valuesFrom']?.['items'] ?? {}) as Schema;
const NEWER_ROLLBACK: Schema = NEWER['rollback'] ?? {};

const spec = object(
  {
    chart,
    releaseName: label('Name of the release. Default: NAMESPACE-NAME.'),
    ...pick(SPEC_SCHEMA, ['valueFileSecrets', 'timeout', 'forceUpgrade']),
    valuesFrom: list(
      {
        ...object({
          configMapKeyRef: keyRef('ConfigMap'),
          secretKeyRef: keyRef('Secret'),
          ...pick(NEWER_REFERENCES, ['externalSourceRef', 'chartFileRef']),
        }),
        ...oneOf(['configMapKeyRef'], ['secretKeyRef'], ['externalSourceRef'], ['chartFileRef']),
      },
      'Values from elsewhere; a later entry wins.',
    ),
    values: {
      type: 'object',
      'x-kubernetes-preserve-unknown-fields': true,
      description: 'Values inline; they win over valuesFrom.',
    },
    targetNamespace: label("Namespace of the release. Default: the HelmRelease's."),
    resetValues: flag(
      "true: the chart's values and these alone count; false: as Helm without a flag. Default: false.",
    ),
    rollback: object(
      {
        enable: flag(
          'Roll back a failed upgrade; upgrades wait until everything is ready. Default: false.',
        ),
        ...pick(NEWER_ROLLBACK, ['force', 'recreate', 'disableHooks', 'timeout', 'wait']),
      },
      [],
      'What becomes of a failed upgrade.',
    ),
  },
  ['chart'],
);

const status = object({
  releaseName: text('Name of the release.'),
  releaseStatus: text("Helm's status of the newest revision."),
  observedGeneration: integer('Generation that was last worked on.'),
  valuesChecksum: text('Changes when what goes into the release does; no value can be guessed.'),
  revision: text('Chart version, or Git commit, that is deployed.'),
  attempt: ATTEMPT_SCHEMA,
  failure: failureSchema,
  health: healthSchema,
  conditions: list(
    object(
      {
        type: {
          type: 'string',
          enum: ['ChartFetched', 'Released', 'RolledBack'],
          description: 'What it is about.',
        },
        ...CONDITION_FIELDS,
      },
      ['type', 'status'],
    ),
    'What is known of the release.',
  ),
});

/** The CRD as an object; `scripts/generate-crds.ts` writes it as YAML. */
export const legacyHelmReleaseCrd: Schema = helmReleaseDefinition({
  group: 'flux.weave.works',
  version: 'v1beta1',
  shortNames: ['hr'],
  columns: [],
  spec,
  status,
});
