// SPDX-License-Identifier: Apache-2.0

/** A release as commands print it. Source: helm v3.22.0 cmd/helm/status.go (statusPrinter). */

import { decodeJson, encodeYaml, type ValueMap } from '@helm-operator/gocompat';
import {
  type Profile,
  type ReleaseRecord,
  type ReleaseResources,
  recordToJson,
} from '@helm-operator/helm';
import type { CliContext } from '../context.ts';
import type { Format } from './format.ts';
import { printAnsic } from './go-time.ts';

export interface StatusOptions {
  /** Values, hooks and manifest, too. */
  readonly debug?: { readonly computed: ValueMap } | undefined;
  readonly hasDescription?: boolean | undefined;
  readonly hasMetadata?: boolean | undefined;
  readonly areNotesHidden?: boolean | undefined;
  /** Lines about the objects. */
  readonly resources?: string | undefined;
  /** The objects, for JSON and YAML. */
  readonly objects?: ReleaseResources<ValueMap> | undefined;
}

export function printRelease(
  record: ReleaseRecord,
  {
    format,
    context,
    profile,
    ...options
  }: StatusOptions & {
    format: Format;
    context: CliContext;
    profile: Profile;
  },
): void {
  switch (format) {
    case 'table':
      context.stdout(statusText(record, options));
      return;
    case 'json':
      context.stdout(`${recordToJson(record, profile, options.objects)}\n`);
      return;
    case 'yaml':
      context.stdout(encodeYaml(decodeJson(recordToJson(record, profile, options.objects))));
  }
}

export function statusText(record: ReleaseRecord, options: StatusOptions): string {
  const { info } = record;
  const lines = [
    `NAME: ${record.name}`,
    ...(info.lastDeployed === '' ? [] : [`LAST DEPLOYED: ${printAnsic(info.lastDeployed)}`]),
    `NAMESPACE: ${record.namespace}`,
    `STATUS: ${info.status}`,
    `REVISION: ${record.revision}`,
    ...(options.hasMetadata === true ? chartLines(record) : []),
    ...(options.hasDescription === true ? [`DESCRIPTION: ${info.description}`] : []),
    ...(options.resources === undefined || options.resources === ''
      ? []
      : [`RESOURCES:\n${options.resources}`]),
    ...testLines(record),
    ...(options.debug === undefined ? [] : valueLines(record, options.debug.computed)),
  ];
  if (info.description.toLowerCase() === 'dry run complete' || options.debug !== undefined) {
    lines.push('HOOKS:', ...hookLines(record), 'MANIFEST:', record.manifest);
  }
  const notes = info.notes.trim();
  if (options.areNotesHidden !== true && info.notes !== '') lines.push('NOTES:', notes);
  return lines.map((line) => `${line}\n`).join('');
}

function chartLines({ chart }: ReleaseRecord): readonly string[] {
  const { name, version, appVersion } = chart?.facts ?? { name: '', version: '', appVersion: '' };
  return [`CHART: ${name}`, `VERSION: ${version}`, `APP_VERSION: ${appVersion}`];
}

function testLines({ hooks }: ReleaseRecord): readonly string[] {
  const tests = hooks.filter(({ events }) => events.includes('test'));
  if (tests.length === 0) return ['TEST SUITE: None'];
  return tests
    .filter(({ lastRun }) => lastRun.startedAt !== '')
    .flatMap(({ name, lastRun }) => [
      `TEST SUITE:     ${name}`,
      `Last Started:   ${printAnsic(lastRun.startedAt)}`,
      `Last Completed: ${printAnsic(lastRun.completedAt)}`,
      `Phase:          ${lastRun.phase}`,
    ]);
}

function valueLines({ config }: ReleaseRecord, computed: ValueMap): readonly string[] {
  return [
    'USER-SUPPLIED VALUES:',
    encodeYaml(config ?? null),
    'COMPUTED VALUES:',
    encodeYaml(computed),
  ];
}

/** The hooks as `helm get hooks` prints them. */
export function hookLines({ hooks }: ReleaseRecord): readonly string[] {
  return hooks.map(({ path, manifest }) => `---\n# Source: ${path}\n${manifest}`);
}
