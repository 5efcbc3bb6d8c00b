// SPDX-License-Identifier: Apache-2.0

/** The CustomResourceDefinition of `flux.weave.works/v1beta1`: a table. Source: spec helm-operator.md §1.6. */

import { failureSchema } from '../helm-fluxcd-io-v1/failure.ts';
import { healthSchema } from '../helm-fluxcd-io-v1/health.ts';
import { ATTEMPT_SCHEMA, CONDITION_FIELDS } from '../helm-fluxcd-io-v1/schema.ts';
import {
  flag,
  helmReleaseDefinition,
  integer,
  list,
  object,
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
    {
      git: text('URL of a Git repository.'),
      ref: text('Branch, tag or commit. Default: --git-default-ref.'),
      path: text('Folder of the chart in the repository.'),
      skipDepUpdate: flag('Take the dependencies that are in charts/, bring none. Default: false.'),
      repository: text('URL of a Helm repository.'),
      name: text('Name of the chart in the repository.'),
      version: text('Version of the chart, or a range of versions.'),
      chartPullSecret: object(
        { name: text('Name of the Secret.') },
        ['name'],
        'Credentials of the repository.',
      ),
    },
    [],
    'Where the chart comes from: repository, name and version; or git and path.',
  ),
  ...oneOf(['git', 'path'], ['repository', 'name', 'version']),
};

const spec = object(
  {
    chart,
    releaseName: label('Name of the release. Default: NAMESPACE-NAME.'),
    valueFileSecrets: list(
      object({ name: text('Name of the Secret.') }, ['name']),
      'Deprecated: use valuesFrom. Key values.yaml; they count before valuesFrom.',
    ),
    valuesFrom: list(
      {
        ...object({
          configMapKeyRef: keyRef('ConfigMap'),
          secretKeyRef: keyRef('Secret'),
          externalSourceRef: object(
            {
              url: text('URL of a YAML map of values: http:// or https://.'),
              optional: flag('Whatever goes wrong with it is no failure. Default: false.'),
            },
            ['url'],
            'A document elsewhere.',
          ),
          chartFileRef: object(
            {
              path: text('Path in the chart.'),
              optional: flag('Whatever goes wrong with it is no failure. Default: false.'),
            },
            ['path'],
            'A file of the chart.',
          ),
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
    timeout: integer('Time for an install, upgrade or uninstall, in seconds. Default: 300.'),
    resetValues: flag(
      "true: the chart's values and these alone count; false: as Helm without a flag. Default: false.",
    ),
    forceUpgrade: flag('Upgrades replace objects instead of patching them. Default: false.'),
    rollback: object(
      {
        enable: flag(
          'Roll back a failed upgrade; upgrades wait until everything is ready. Default: false.',
        ),
        force: flag('Replace objects instead of patching them. Default: false.'),
        recreate: flag('Restart the pods. Default: false.'),
        disableHooks: flag('Leave the hooks out. Default: false.'),
        timeout: integer('Time for the rollback, in seconds. Default: 300.'),
        wait: flag('Wait until everything is ready. Default: false.'),
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
