// SPDX-License-Identifier: Apache-2.0

/** Facts about a release and its chart. Source: helm v3.22.0 cmd/helm/get_metadata.go; helm4: v4.2.1 pkg/cmd/get_metadata.go. */

import {
  compareBytes,
  decodeJson,
  encodeJson,
  formatInstant,
  parseInstant,
  RFC3339_NANO,
  type Value,
} from '@helm-operator/gocompat';
import type { Profile, ReleaseRecord } from '@helm-operator/helm';

interface StoredMetadata {
  readonly annotations: ReadonlyMap<string, Value>;
  readonly dependencies: readonly Value[];
}

function storedMetadata({ chart }: ReleaseRecord): StoredMetadata {
  const stored = chart === undefined ? null : decodeJson(chart.json);
  const metadata = stored instanceof Map ? stored.get('metadata') : null;
  const member = (name: string) => (metadata instanceof Map ? metadata.get(name) : undefined);
  const annotations = member('annotations');
  const dependencies = member('dependencies');
  return {
    annotations: annotations instanceof Map ? annotations : new Map(),
    dependencies: Array.isArray(dependencies) ? dependencies : [],
  };
}

function deployedAt({ info }: ReleaseRecord): string {
  const instant = parseInstant(RFC3339_NANO, info.lastDeployed, 'UTC');
  return formatInstant(instant, '2006-01-02T15:04:05Z07:00');
}

const METHODS: Readonly<Record<ReleaseRecord['applyMethod'], string>> = {
  '': 'client-side apply (defaulted)',
  csa: 'client-side apply',
  ssa: 'server-side apply',
};

/** A revision, and who shows it. */
export interface ShownRecord {
  readonly record: ReleaseRecord;
  readonly profile: Profile;
  /** The revision was named: Helm 4 then leaves out the labels of its own. */
  readonly isOneAsked: boolean;
}

/** The labels of the stored object. */
function labelsOf({ record, isOneAsked }: ShownRecord): ReadonlyMap<string, string> {
  if (isOneAsked) return record.labels;
  return new Map([
    ...record.labels,
    ...(record.timeLabel === undefined ? [] : [record.timeLabel]),
    ['name', record.name],
    ['owner', 'helm'],
    ['status', record.info.status],
    ['version', String(record.revision)],
  ]);
}

function printPairs(pairs: ReadonlyMap<string, Value>): string {
  return [...pairs]
    .map(([key, value]) => `${key}=${String(value)}`)
    .sort(compareBytes)
    .join(',');
}

/** What `helm get metadata` prints. */
export function metadataText(shown: ShownRecord): string {
  const { record, profile } = shown;
  const { annotations, dependencies } = storedMetadata(record);
  const names = dependencies.map((entry) =>
    entry instanceof Map ? String(entry.get('name') ?? '') : '',
  );
  const { name = '', version = '', appVersion = '' } = record.chart?.facts ?? {};
  const lines = [
    `NAME: ${record.name}`,
    `CHART: ${name}`,
    `VERSION: ${version}`,
    `APP_VERSION: ${appVersion}`,
    `ANNOTATIONS: ${printPairs(annotations)}`,
    ...(profile === 'helm4' ? [`LABELS: ${printPairs(labelsOf(shown))}`] : []),
    `DEPENDENCIES: ${names.sort().join(',')}`,
    `NAMESPACE: ${record.namespace}`,
    `REVISION: ${record.revision}`,
    `STATUS: ${record.info.status}`,
    `DEPLOYED_AT: ${deployedAt(record)}`,
    ...(profile === 'helm4' ? [`APPLY_METHOD: ${METHODS[record.applyMethod]}`] : []),
  ];
  return `${lines.join('\n')}\n`;
}

/** The same as JSON, fields in Helm's order. */
export function metadataJson(shown: ShownRecord): string {
  const { record, profile } = shown;
  const { annotations, dependencies } = storedMetadata(record);
  const { name = '', version = '', appVersion = '' } = record.chart?.facts ?? {};
  const members: (readonly [string, string])[] = [
    ['name', encodeJson(record.name)],
    ['chart', encodeJson(name)],
    ['version', encodeJson(version)],
    ['appVersion', encodeJson(appVersion)],
  ];
  if (annotations.size > 0) members.push(['annotations', encodeJson(new Map(annotations))]);
  const labels = profile === 'helm4' ? labelsOf(shown) : new Map<string, string>();
  if (labels.size > 0) members.push(['labels', encodeJson(new Map<string, Value>(labels))]);
  if (dependencies.length > 0)
    members.push(['dependencies', `[${dependencies.map(dependencyJson).join(',')}]`]);
  members.push(
    ['namespace', encodeJson(record.namespace)],
    ['revision', String(record.revision)],
    ['status', encodeJson(record.info.status)],
    ['deployedAt', encodeJson(deployedAt(record))],
  );
  if (profile === 'helm4' && record.applyMethod !== '')
    members.push(['applyMethod', encodeJson(record.applyMethod)]);
  return `{${members.map(([key, json]) => `"${key}":${json}`).join(',')}}`;
}

/** Fields in the order of Helm's struct, which is the order they were stored in. */
function dependencyJson(entry: Value): string {
  if (!(entry instanceof Map)) return 'null';
  const members = [...entry].map(([key, value]) => `${encodeJson(key)}:${encodeJson(value)}`);
  return `{${members.join(',')}}`;
}
