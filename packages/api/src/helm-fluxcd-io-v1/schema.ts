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
      namespace: text("Namespace of it; default: the HelmRelease's."),
      key: text('Key that holds a values document; default: values.yaml.'),
      optional: flag('It may be absent.'),
    },
    ['name'],
  );

const chart = object(
  {
    git: text('URL of a Git repository.'),
    ref: text('Branch, tag or commit.'),
    path: text('Folder of the chart in the repository.'),
    secretRef: object(
      { name: text('Name of the Secret.'), namespace: text('Namespace of it.') },
      ['name'],
      'Credentials for Git over HTTPS.',
    ),
    skipDepUpdate: flag('Leave the dependencies of the chart alone.'),
    repository: text('URL of a Helm repository.'),
    name: text('Name of the chart in the repository.'),
    version: text('Version of the chart, or a range of versions.'),
    chartPullSecret: object(
      { name: text('Name of the Secret.') },
      ['name'],
      'Credentials of the repository: username and password, bearerToken, .dockerconfigjson, ca.crt, tls.crt and tls.key.',
    ),
  },
  [],
  'Where the chart comes from: repository, name and version; or git and path.',
);

const spec = object(
  {
    helmVersion: {
      type: 'string',
      enum: ['v2', 'v3'],
      description: 'Version of Helm; v2 is refused.',
    },
    chart,
    releaseName: text('Name of the release; default: NAMESPACE-NAME.'),
    maxHistory: {
      type: 'integer',
      description: 'Revisions that are kept; 0 keeps all. Default: 10.',
    },
    valueFileSecrets: list(
      object({ name: text('Name of the Secret.') }, ['name']),
      'Deprecated: use valuesFrom.',
    ),
    valuesFrom: list(
      object({
        configMapKeyRef: keyRef('ConfigMap'),
        secretKeyRef: keyRef('Secret'),
        externalSourceRef: object(
          { url: text('URL of a values document.'), optional: flag('It may be absent.') },
          ['url'],
        ),
        chartFileRef: object(
          { path: text('Path in the chart.'), optional: flag('It may be absent.') },
          ['path'],
        ),
      }),
      'Values from elsewhere; a later entry wins.',
    ),
    values: {
      'x-kubernetes-preserve-unknown-fields': true,
      description: 'Values inline; they win over valuesFrom.',
    },
    targetNamespace: text("Namespace of the release; default: the HelmRelease's."),
    timeout: integer('Time for an install, upgrade or uninstall, in seconds. Default: 300.'),
    resetValues: flag(
      'false: values of the last revision are kept under the new ones. Default: true.',
    ),
    skipCRDs: flag("Do not create the chart's CRDs."),
    wait: flag('Wait until everything is ready. Default: true when rollback or test is enabled.'),
    forceUpgrade: flag('Replace objects instead of patching them.'),
    disableOpenAPIValidation: flag('Do not validate what is rendered.'),
    rollback: object({
      enable: flag('Roll back a failed upgrade.'),
      retry: flag('Try the upgrade again after a rollback.'),
      maxRetries: integer('Retries; 0 is without end. Default: 5.'),
      force: flag('Replace objects instead of patching them.'),
      recreate: flag('Restart the pods.'),
      disableHooks: flag('Leave the hooks out.'),
      timeout: integer('Time for the rollback, in seconds. Default: 300.'),
      wait: flag('Wait until everything is ready.'),
    }),
    test: object({
      enable: flag('Run the tests of the chart after each install and upgrade.'),
      ignoreFailures: flag('Keep the release when a test fails.'),
      timeout: integer('Time for the tests, in seconds. Default: 300.'),
      cleanup: flag('Accepted for Helm 2; use hook-delete-policy.'),
    }),
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
    generation: integer('Generation that was released last.'),
    installFailures: integer('Failed installs with these inputs.'),
    upgradeFailures: integer('Failed upgrades with these inputs.'),
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
    { name: 'Message', type: 'string', jsonPath: released },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
  spec,
  status,
});
