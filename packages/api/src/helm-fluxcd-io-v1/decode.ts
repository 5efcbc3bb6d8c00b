// SPDX-License-Identifier: Apache-2.0

/** `helm.fluxcd.io/v1` HelmRelease → ReleaseIntent. Source: Helm Operator 1.4.4, pkg/apis/helm.fluxcd.io/v1/types_helmrelease.go. */

import { createHash } from 'node:crypto';
import type { ValueMap } from '@helm-operator/gocompat';
import type { ApplyPolicy, WaitPolicy } from '@helm-operator/helm';
import { decodeAutomation } from '../automation.ts';
import { Fields } from '../fields.ts';
import { ownerMark } from '../owner-mark.ts';
import type {
  ChartReference,
  IntentSource,
  Refusal,
  ReleaseIntent,
  SecretReference,
  TestPolicy,
  ValuesSource,
} from '../release-intent.ts';
import {
  decodeDependencies,
  decodeKeepingFailedInstall,
  decodeOrphaning,
  decodeRequests,
  decodeServiceAccount,
  decodeSuspension,
  decodeTargetChange,
} from '../requests.ts';

const DEFAULT_TIMEOUT_SECONDS = 300;
const DEFAULT_MAX_HISTORY = 10;
const DEFAULT_MAX_RETRIES = 5;
/** Helm takes no longer name of a release. */
const LONGEST_NAME = 53;
const DIGEST_LENGTH = 8;
const VALUES_KEY = 'values.yaml';

/**
 * @throws {DecodeError} `api/decode`: a field is of the wrong type
 */
export function decodeHelmRelease(object: ValueMap): ReleaseIntent {
  const metadata = new Fields(object, 'HelmRelease').fields('metadata');
  const namespace = metadata.text('namespace') ?? 'default';
  const name = metadata.text('name') ?? '';
  const fields = new Fields(object, `HelmRelease ${namespace}/${name}`);
  const spec = fields.fields('spec');
  const target = spec.text('targetNamespace') || namespace;
  const rollback = spec.fields('rollback');
  const test = spec.fields('test');
  const mustWait =
    spec.bool('wait') ?? (rollback.bool('enable') === true || test.bool('enable') === true);
  const timeoutMs = seconds(spec, 'timeout');
  const source = {
    apiVersion: fields.text('apiVersion') ?? 'helm.fluxcd.io/v1',
    kind: 'HelmRelease',
    namespace,
    name,
    uid: metadata.text('uid') ?? '',
    generation: metadata.integer('generation') ?? 0,
  };
  const chart = chartOf(spec, namespace);
  return {
    source,
    isDeleting: metadata.has('deletionTimestamp'),
    finalizers: metadata.texts('finalizers'),
    serviceAccount: decodeServiceAccount(fields.fields('metadata')),
    isOrphaned: decodeOrphaning(fields.fields('metadata')),
    isSuspended: decodeSuspension(fields.fields('metadata')),
    requests: decodeRequests(fields.fields('metadata')),
    dependencies: decodeDependencies(fields.fields('metadata')),
    profile: 'helm3',
    automation: decodeAutomation(fields.fields('metadata'), spec.raw('values')),
    release: {
      name: spec.text('releaseName') || defaultName(namespace, target, name),
      namespace: target,
    },
    onTargetChange: decodeTargetChange(fields.fields('metadata')),
    storageNamespace: target,
    chart: chart ?? NO_CHART,
    refusal: refusalOf(spec, chart),
    values: valuesOf(spec, namespace),
    timeoutMs,
    history: { maxRevisions: spec.integer('maxHistory') ?? DEFAULT_MAX_HISTORY },
    ...releasePolicies(spec, { source, timeoutMs, wait: waitPolicy(mustWait) }),
    onForeignLock: 'wait',
    healthChecks: [],
    onFailure: failurePolicies(rollback, decodeKeepingFailedInstall(fields.fields('metadata'))),
    mustUpgradeOnEdit: true,
    test: testPolicy(test),
    drift: { mode: 'as-told', ignore: [] },
  };
}

interface Shared {
  readonly source: IntentSource;
  readonly timeoutMs: number;
  readonly wait: WaitPolicy;
}

/** Source: spec helm-operator.md §2.10 */
function releasePolicies(
  spec: Fields,
  { source, timeoutMs, wait }: Shared,
): Pick<ReleaseIntent, 'install' | 'upgrade' | 'rollback' | 'uninstall'> {
  const rollback = spec.fields('rollback');
  const apply: ApplyPolicy = {
    method: 'client',
    fieldManager: 'helm-operator',
    mustReplace: spec.bool('forceUpgrade') ?? false,
    isValidated: spec.bool('disableOpenAPIValidation') !== true,
    annotations: ownerMark(source),
  };
  const common = { timeoutMs, wait, hooks: {}, apply, render: {} };
  return {
    install: {
      ...common,
      crds: { mode: spec.bool('skipCRDs') === true ? 'skip' : 'create' },
      mustCreateNamespace: false,
      canReplace: true,
    },
    upgrade: {
      ...common,
      crds: { mode: 'skip' },
      values: spec.bool('resetValues') === false ? 'reuse' : 'reset',
      mustCleanupOnFail: false,
      onOtherChart: 'upgrade',
    },
    rollback: {
      timeoutMs: seconds(rollback, 'timeout'),
      wait: waitPolicy(rollback.bool('wait') ?? false),
      hooks: { isDisabled: rollback.bool('disableHooks') ?? false },
      apply: { ...apply, mustReplace: rollback.bool('force') ?? false },
      mustRecreatePods: rollback.bool('recreate') ?? false,
      mustCleanupOnFail: false,
    },
    uninstall: {
      ...{ timeoutMs, wait, hooks: {} },
      mustKeepHistory: false,
      mustWaitForDeletion: false,
      propagation: 'Background',
    },
  };
}

/**
 * A failed install is purged and tried again; a failed upgrade is rolled back if the object says so, and tried again after that only
 * if it says so, too. Source: spec helm-operator.md §2.6, §3.1.
 */
function failurePolicies(
  rollback: Fields,
  mustKeepFailedInstall: boolean,
): ReleaseIntent['onFailure'] {
  const pace = { kind: 'back-off' } as const;
  const own = { pace, forgets: 'when-done' } as const;
  const keep = { ...own, remedy: 'none', retries: Infinity, mustRemedyLast: false } as const;
  const purge = { ...own, remedy: 'uninstall', retries: Infinity, mustRemedyLast: true } as const;
  const install = mustKeepFailedInstall ? keep : purge;
  if (rollback.bool('enable') !== true) return { install, upgrade: keep };
  const maxRetries = rollback.integer('maxRetries') ?? DEFAULT_MAX_RETRIES;
  const retries =
    rollback.bool('retry') !== true ? 0 : maxRetries === 0 ? Infinity : Math.max(0, maxRetries);
  return { install, upgrade: { ...own, remedy: 'rollback', retries, mustRemedyLast: true } };
}

function waitPolicy(mustWait: boolean): WaitPolicy {
  return { strategy: mustWait ? 'helm3' : 'none' };
}

function testPolicy(test: Fields): TestPolicy {
  return {
    isEnabled: test.bool('enable') ?? false,
    canFail: test.bool('ignoreFailures') ?? false,
    timeoutMs: seconds(test, 'timeout'),
  };
}

/** A duration in seconds as milliseconds. */
function seconds(fields: Fields, name: string): number {
  const value = fields.integer(name) ?? DEFAULT_TIMEOUT_SECONDS;
  if (value < 0) throw fields.wrong(name, 'must not be negative (seconds)');
  return value * 1000;
}

/** Names that would be too long for Helm end in a digest of the whole. Differs: the original's fail. */
function defaultName(namespace: string, target: string, name: string): string {
  const whole = namespace === target ? `${target}-${name}` : `${namespace}-${target}-${name}`;
  if (whole.length <= LONGEST_NAME) return whole;
  const digest = createHash('sha256').update(whole).digest('hex').slice(0, DIGEST_LENGTH);
  const start = whole.slice(0, LONGEST_NAME - DIGEST_LENGTH - 1).replace(/[-.]+$/, '');
  return `${start}-${digest}`;
}

/** Stands for the chart of an object that names none; it is refused before anybody asks for it. */
const NO_CHART: ChartReference = { kind: 'helm-repository', url: '', name: '', version: '' };

function refusalOf(spec: Fields, chart: ChartReference | undefined): Refusal | undefined {
  if (spec.text('helmVersion') === 'v2')
    return {
      phase: 'failed',
      reason:
        'spec.helmVersion is v2, and Helm 2 is not run: move the release to Helm 3 (helm 2to3 convert), then set spec.helmVersion to v3 or leave it out',
    };
  if (chart === undefined)
    return {
      phase: 'chart-fetch-failed',
      reason:
        'could not find valid chart source configuration for release: spec.chart needs either repository, name and version, or git and path',
    };
  return undefined;
}

/** Git wins where both are complete. Source: spec helm-operator.md §4.1 */
function chartOf(spec: Fields, namespace: string): ChartReference | undefined {
  const chart = spec.fields('chart');
  const git = chart.text('git') ?? '';
  const path = chart.text('path') ?? '';
  if (git !== '' && path !== '')
    return {
      kind: 'git',
      url: git,
      ref: chart.text('ref') || undefined,
      path,
      secret: secretOf(chart, 'secretRef', namespace),
      mustSkipDependencies: chart.bool('skipDepUpdate') ?? false,
    };
  const url = chart.text('repository') ?? '';
  const name = chart.text('name') ?? '';
  const version = chart.text('version') ?? '';
  if (url !== '' && name !== '' && version !== '')
    return {
      kind: 'helm-repository',
      url,
      name,
      version,
      secret: secretOf(chart, 'chartPullSecret', namespace),
    };
  return undefined;
}

/** A Secret of the HelmRelease's namespace, unless the field may name another and does. */
function secretOf(fields: Fields, field: string, namespace: string): SecretReference | undefined {
  const reference = fields.fields(field);
  const name = reference.text('name') ?? '';
  if (name === '') return undefined;
  const other = field === 'secretRef' ? reference.text('namespace') : undefined;
  return { namespace: other || namespace, name };
}

function valuesOf(spec: Fields, namespace: string): ValuesSource[] {
  const files = spec.list('valueFileSecrets').map(
    (entry): ValuesSource => ({
      kind: 'Secret',
      namespace,
      name: entry.text('name') ?? '',
      key: VALUES_KEY,
      isOptional: false,
    }),
  );
  const from = spec.list('valuesFrom').flatMap((entry) => valuesFrom(entry, namespace));
  const inline = spec.raw('values');
  return [
    ...files,
    ...from,
    ...(inline instanceof Map ? [{ kind: 'inline', values: inline } as const] : []),
  ];
}

/** The first reference of an entry that is set counts. */
function valuesFrom(entry: Fields, namespace: string): ValuesSource[] {
  const optional = (fields: Fields) => fields.bool('optional') ?? false;
  for (const [field, kind] of [
    ['configMapKeyRef', 'ConfigMap'],
    ['secretKeyRef', 'Secret'],
  ] as const) {
    if (!entry.has(field)) continue;
    const ref = entry.fields(field);
    const name = ref.text('name');
    if (name === undefined || name === '') throw ref.wrong('name', 'is required');
    return [
      {
        kind,
        namespace: ref.text('namespace') || namespace,
        name,
        key: ref.text('key') || VALUES_KEY,
        isOptional: optional(ref),
      },
    ];
  }
  for (const [field, kind, at] of [
    ['externalSourceRef', 'url', 'url'],
    ['chartFileRef', 'chart-file', 'path'],
  ] as const) {
    if (!entry.has(field)) continue;
    const ref = entry.fields(field);
    return [{ kind, at: ref.text(at) ?? '', isOptional: optional(ref) }];
  }
  return [];
}
