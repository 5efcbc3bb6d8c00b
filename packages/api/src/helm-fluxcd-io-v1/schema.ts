// SPDX-License-Identifier: Apache-2.0

/** The CustomResourceDefinition of `helm.fluxcd.io/v1`: a table. Source: Helm Operator 1.4.4; spec: helm-operator.md §1.1 to §1.5. */

import {
  flag,
  helmReleaseDefinition,
  integer,
  list,
  object,
  type Schema,
  text,
} from '../schema.ts';
import { automationSchema } from './automation.ts';
import { driftSchema } from './drift.ts';
import { failureSchema } from './failure.ts';
import { healthSchema } from './health.ts';

const keyRef = (what: string): Schema =>
  object(
    {
      name: text(`Name of the ${what}.`),
      namespace: text("Namespace of it. Default: the HelmRelease's."),
      key: text('Key that holds a YAML map of values. Default: values.yaml.'),
      optional: flag(`The ${what}, or its key, may be absent. Default: false.`),
    },
    ['name'],
    `A ${what}.`,
  );

export const CHART_SCHEMA: Schema = object(
  {
    git: text('URL of a Git repository: https://, ssh:// or USER@HOST:PATH.'),
    ref: text('Branch, tag or commit. Default: --git-default-ref.'),
    path: text('Folder of the chart in the repository.'),
    secretRef: object(
      {
        name: text('Name of the Secret.'),
        namespace: text("Namespace of it. Default: the HelmRelease's."),
      },
      ['name'],
      'Credentials for Git. HTTPS: username and password, or bearerToken; ca.crt, tls.crt and tls.key. SSH: identity, password, known_hosts.',
    ),
    skipDepUpdate: flag('Take the dependencies that are in charts/, bring none. Default: false.'),
    repository: text('URL of a Helm repository; oci:// names a registry.'),
    name: text('Name of the chart in the repository.'),
    version: text('Version of the chart, or a range of versions.'),
    chartPullSecret: object(
      { name: text('Name of the Secret.') },
      ['name'],
      'Credentials of the repository: username and password, bearerToken, .dockerconfigjson, ca.crt, tls.crt and tls.key.',
    ),
  },
  [],
  'Where the chart comes from: repository, name and version; or git and path. Git wins where both are complete.',
);

export const SPEC_SCHEMA: Schema = object(
  {
    helmVersion: {
      type: 'string',
      enum: ['v2', 'v3'],
      description: 'Version of Helm; v2 is refused. Default: v3.',
    },
    chart: CHART_SCHEMA,
    releaseName: text(
      'Name of the release. Default: NAMESPACE-NAME, or NAMESPACE-TARGETNAMESPACE-NAME; over 53 characters it ends in a digest.',
    ),
    maxHistory: {
      type: 'integer',
      description: 'Revisions that are kept; 0 keeps all. Default: 10.',
    },
    valueFileSecrets: list(
      object({ name: text('Name of the Secret.') }, ['name']),
      'Deprecated: use valuesFrom. Secrets of the namespace of the HelmRelease, key values.yaml; they count before valuesFrom.',
    ),
    valuesFrom: list(
      object({
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
      'Values from elsewhere, merged over each other; a later entry wins. Of an entry with several references the first counts.',
    ),
    values: {
      'x-kubernetes-preserve-unknown-fields': true,
      description: 'Values inline; they win over valuesFrom. What is no map counts as none.',
    },
    targetNamespace: text(
      "Namespace of the release and its records; it must exist. Default: the HelmRelease's.",
    ),
    timeout: integer('Time for an install, upgrade or uninstall, in seconds. Default: 300.'),
    resetValues: flag(
      'false keeps the values of the last revision under the new ones. Default: true.',
    ),
    skipCRDs: flag("Do not create the CRDs of the chart's crds/ folder. Default: false."),
    wait: flag(
      'Installs and upgrades wait until everything is ready. Default: true when rollback or test is enabled, else false.',
    ),
    forceUpgrade: flag('Upgrades replace objects instead of patching them. Default: false.'),
    disableOpenAPIValidation: flag(
      'Do not check what is rendered against the kinds of the cluster. Default: false.',
    ),
    rollback: object(
      {
        enable: flag('Roll back a failed upgrade. Default: false.'),
        retry: flag('Try the upgrade again after a rollback. Default: false.'),
        maxRetries: integer('Retries; 0 is without end. Default: 5.'),
        force: flag('Replace objects instead of patching them. Default: false.'),
        recreate: flag('Restart the pods. Default: false.'),
        disableHooks: flag('Leave the hooks out. Default: false.'),
        timeout: integer('Time for the rollback, in seconds. Default: 300.'),
        wait: flag('Wait until everything is ready after the rollback. Default: false.'),
      },
      [],
      'What becomes of a failed upgrade.',
    ),
    test: object(
      {
        enable: flag('Run the tests of the chart after each install and upgrade. Default: false.'),
        ignoreFailures: flag('A failed test is told, and nothing else. Default: false.'),
        timeout: integer('Time for the tests, in seconds. Default: 300.'),
        cleanup: flag('Accepted for Helm 2, without effect; use helm.sh/hook-delete-policy.'),
      },
      [],
      'The tests of the chart (hooks of kind test).',
    ),
  },
  ['chart'],
);

const PHASES = [
  'ChartFetched',
  'ChartFetchFailed',
  'Installing',
  'Upgrading',
  'Deployed',
  'DeployFailed',
  'Testing',
  'TestFailed',
  'Tested',
  'Succeeded',
  'RollingBack',
  'RolledBack',
  'RollbackFailed',
  'Failed',
];

/** What we remember of the last attempt; the originals have no such field. */
export const ATTEMPT_SCHEMA: Schema = object(
  {
    release: text('The release it was about, as NAMESPACE/NAME.'),
    action: { type: 'string', enum: ['install', 'upgrade'], description: 'What was tried last.' },
    inputs: text('Digest over chart, generation and the versions of what values come from.'),
    chartDigest: text('Digest of the chart that is deployed.'),
    releasedRevision: text('Revision that was released last, and when it was begun.'),
    generation: integer('Generation that was released last.'),
    begunRevision: integer('Revision that an attempt stores whose end is not known yet.'),
    begunChartDigest: text('Digest of the chart that it releases.'),
    begunGeneration: integer('Generation that it releases.'),
    installFailures: integer('Failed installs with these inputs.'),
    upgradeFailures: integer('Failed upgrades with these inputs.'),
    failedRevision: text('Revision that the last of them left, and when it was begun.'),
    testedRevision: integer('Revision of the release that was tested last.'),
    testPassed: flag('Whether its tests passed.'),
    reconcileAt: text('Request to reconcile that was dealt with.'),
    forceAt: text('Request to force an upgrade that was dealt with.'),
    resetAt: text('Request to forget failures that was dealt with.'),
  },
  [],
  'What the operator remembers of the last attempt.',
);

/** What every condition says beside its type. */
export const CONDITION_FIELDS: Readonly<Record<string, Schema>> = {
  status: {
    type: 'string',
    enum: ['True', 'False', 'Unknown'],
    description: 'Does it hold?',
  },
  lastUpdateTime: {
    type: 'string',
    format: 'date-time',
    description: 'When it was last written.',
  },
  lastTransitionTime: {
    type: 'string',
    format: 'date-time',
    description: 'When its status last changed.',
  },
  reason: text('The phase that wrote it.'),
  message: text('What happened, and why.'),
};

const status = object({
  observedGeneration: integer('Generation that was last worked on.'),
  phase: { type: 'string', enum: PHASES, description: 'Where the release stands.' },
  releaseName: text('Name of the release.'),
  releaseStatus: text("Helm's status of the newest revision."),
  revision: text('Chart version, or Git commit, that is deployed.'),
  lastAttemptedRevision: text('Chart version, or Git commit, that was last tried.'),
  attempt: ATTEMPT_SCHEMA,
  rollbackCount: integer('Rollbacks since the last success.'),
  failure: failureSchema,
  drift: driftSchema,
  automation: automationSchema,
  health: healthSchema,
  conditions: list(
    object(
      {
        type: {
          type: 'string',
          enum: ['ChartFetched', 'Deployed', 'Released', 'RolledBack', 'Tested'],
          description: 'What it is about.',
        },
        ...CONDITION_FIELDS,
      },
      ['type', 'status'],
    ),
    'What is known of the release.',
  ),
});

const released = '.status.conditions[?(@.type=="Released")].message';

/** The CRD as an object; `scripts/generate-crds.ts` writes it as YAML. */
export const helmReleaseCrd: Schema = helmReleaseDefinition({
  group: 'helm.fluxcd.io',
  version: 'v1',
  shortNames: ['hr', 'hrs'],
  columns: [
    {
      name: 'Release',
      type: 'string',
      jsonPath: '.status.releaseName',
      description: 'Name of the release.',
    },
    {
      name: 'Phase',
      type: 'string',
      jsonPath: '.status.phase',
      description: 'Where the release stands.',
    },
    {
      name: 'ReleaseStatus',
      type: 'string',
      jsonPath: '.status.releaseStatus',
      description: "Helm's status of the newest revision.",
    },
    {
      name: 'Message',
      type: 'string',
      jsonPath: released,
      description: 'What the condition Released says.',
    },
    {
      name: 'Age',
      type: 'date',
      jsonPath: '.metadata.creationTimestamp',
      description: 'How long the HelmRelease exists.',
    },
  ],
  spec: SPEC_SCHEMA,
  status,
});
