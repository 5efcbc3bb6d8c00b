// SPDX-License-Identifier: Apache-2.0

/** What is wrong with templates and what they render. Source: helm v3.22.0 pkg/lint/rules/template.go, deprecations.go; helm4: v4.2.1 pkg/chart/v2/lint/rules. */

import {
  byteLength,
  decodeUtf8,
  int,
  quote,
  type Value,
  type ValueMap,
} from '@helm-operator/gocompat';
import { Budget, type FunctionTable } from '@helm-operator/gotemplate';
import type { Chart, ChartFile } from '../chart/chart.ts';
import { decodeGoYaml, fieldOf, listOf, mapOf, textMapOf } from '../chart/go-struct.ts';
import { messageOf } from '../errors.ts';
import { createFunctions } from '../functions/index.ts';
import type { Profile } from '../profile.ts';
import {
  type Capabilities,
  capabilitiesObject,
  DEFAULT_CAPABILITIES,
  type KubeVersion,
} from '../render/capabilities.ts';
import { renderTemplates } from '../render/engine.ts';
import { DEFAULT_BUDGET, type RenderPorts } from '../render/render.ts';
import { trimSpace } from '../render/split.ts';
import { coalesceValues, type Warn } from '../values/coalesce.ts';
import { processDependencies } from '../values/dependencies.ts';
import { checkSchemas } from '../values/schema.ts';
import { DEPRECATED_APIS, type DeprecatedApi } from './deprecated-apis.ts';
import type { Finding, Severity } from './finding.ts';
import type { LintFolder } from './folder.ts';
import { nameProblem } from './object-names.ts';
import { type ObjectHead, readObjects } from './object-stream.ts';

export interface TemplateLintOptions {
  /** Which Helm examines. */
  readonly profile: Profile;
  /** The user's values. */
  readonly values: ValueMap;
  readonly namespace: string;
  /** Absent: the profile's own. */
  readonly kubeVersion?: KubeVersion | undefined;
  readonly mustSkipSchemaValidation?: boolean | undefined;
  readonly ports: RenderPorts;
  readonly warn?: Warn | undefined;
}

const FOLDER = 'templates/';

export function lintTemplates(
  folder: LintFolder,
  options: TemplateLintOptions,
): readonly Finding[] {
  const { profile } = options;
  const missing = folderProblem(folder, profile);
  if (missing !== undefined) return [missing];
  let chart: Chart;
  let rendered: ReadonlyMap<string, string> | undefined;
  try {
    chart = folder.load();
    rendered = renderForLint(chart, options);
  } catch (error) {
    return [{ severity: 'error', path: FOLDER, message: messageOf(error) }];
  }
  if (rendered === undefined) return [];
  const findings: Finding[] = [];
  const kubeVersion = options.kubeVersion ?? DEFAULT_CAPABILITIES[profile].kubeVersion;
  for (const template of chart.templates) {
    findings.push(...lintSource(template, profile));
    if (!isExamined(template.name, profile)) continue;
    const text = rendered.get(`${chart.metadata.name}/${template.name}`) ?? '';
    const isReadable = lintRendered(text, { kubeVersion, profile }, (severity, message) => {
      if (message !== undefined) findings.push({ severity, path: template.name, message });
    });
    if (!isReadable) break;
  }
  return findings;
}

/**
 * Renders as `helm lint` does.
 *
 * @param functions absent: those of the ports
 * @returns `undefined` when the values cannot be composed: Helm then says nothing
 */
export function renderForLint(
  chart: Chart,
  options: TemplateLintOptions,
  functions: FunctionTable = createFunctions(options.profile, options.ports.functions),
): ReadonlyMap<string, string> | undefined {
  const { values, namespace, kubeVersion, ports, warn, profile } = options;
  const coalescing = { warn, profile };
  let enabled: Chart;
  let coalesced: ValueMap;
  try {
    enabled = processDependencies(chart, values, { warn, profile });
    coalesced = coalesceValues(enabled, values, coalescing);
  } catch {
    return undefined;
  }
  // Twice, as Helm: a default that a null took away is there again.
  const all = coalesceValues(enabled, coalesced, coalescing);
  if (options.mustSkipSchemaValidation !== true) checkSchemas(enabled, all);
  const base = DEFAULT_CAPABILITIES[profile];
  const capabilities: Capabilities = { ...base, kubeVersion: kubeVersion ?? base.kubeVersion };
  const release = new Map<string, Value>([
    ['Name', 'test-release'],
    ['Namespace', namespace],
    ['IsUpgrade', false],
    ['IsInstall', false],
    ['Revision', int(0)],
    ['Service', 'Helm'],
  ]);
  return renderTemplates(
    enabled,
    { release, capabilities: capabilitiesObject(capabilities, profile), values: all },
    {
      profile,
      functions,
      budget: new Budget(DEFAULT_BUDGET, ports.nowMs),
      isLint: true,
    },
  );
}

const EXTENSIONS: readonly string[] = ['.yaml', '.yml', '.tpl', '.txt'];
const CRD_HOOK = /"?helm\.sh\/hook"?:[\t\n\f\r ]+crd-install/;

/** Helm 4 wants the folder to be there. */
function folderProblem({ templates }: LintFolder, profile: Profile): Finding | undefined {
  if (templates === 'file') {
    const severity = profile === 'helm4' ? 'error' : 'warning';
    return { severity, path: FOLDER, message: 'not a directory' };
  }
  return templates === 'absent' && profile === 'helm4'
    ? { severity: 'warning', path: FOLDER, message: 'directory does not exist' }
    : undefined;
}

function isExamined(name: string, profile: Profile): boolean {
  return profile === 'helm4' ? /\.ya?ml$/i.test(name) : name.endsWith('.yaml');
}

/** The template as it is written. */
function lintSource({ name, data }: ChartFile, profile: Profile): readonly Finding[] {
  const findings: Finding[] = [];
  const report = (severity: Severity, message: string) =>
    findings.push({ severity, path: name, message });
  const extension = /\.[^./]*$/.exec(name)?.[0] ?? '';
  if (!EXTENSIONS.includes(extension)) {
    report(
      'error',
      `file extension '${extension}' not valid. Valid extensions are .yaml, .yml, .tpl, or .txt`,
    );
  }
  if (profile === 'helm4') return findings;
  const text = decodeUtf8(data);
  if (CRD_HOOK.test(text)) {
    report(
      'warning',
      'manifest is a crd-install hook. This hook is no longer supported in v3 and all CRDs should also exist the crds/ directory at the top level of the chart',
    );
  }
  if (text.includes('.Release.Time')) {
    report(
      'error',
      '.Release.Time has been removed in v3, please replace with the `now` function in your templates',
    );
  }
  return findings;
}

type Report = (severity: Severity, message: string | undefined) => void;

/** @returns whether all of it could be read */
function lintRendered(
  text: string,
  { kubeVersion, profile }: { readonly kubeVersion: KubeVersion; readonly profile: Profile },
  report: Report,
): boolean {
  if (trimSpace(text) === '') return true;
  report('warning', indentProblem(text));
  try {
    for (const head of readObjects(text, profile)) {
      if (head === undefined) continue;
      report('warning', nameProblem(head.kind, head.name));
      report('warning', deprecationProblem(head, kubeVersion));
      report('error', selectorProblem(head, text));
      report('error', listProblem(head, text, profile));
    }
    return true;
  } catch (error) {
    report('error', `unable to parse YAML: ${messageOf(error)}`);
    return false;
  }
}

/** Go's scanner gives up on a longer line. */
const MAX_LINE_BYTES = 64 * 1024;

function indentProblem(text: string): string | undefined {
  const line = text
    .split('\n')
    .find((candidate) => trimSpace(candidate) !== '' || byteLength(candidate) >= MAX_LINE_BYTES);
  if (line === undefined) return undefined;
  if (byteLength(line) >= MAX_LINE_BYTES) return 'bufio.Scanner: token too long';
  if (!line.startsWith(' ') && !line.startsWith('\t')) return undefined;
  const shown = line.endsWith('\r') ? line.slice(0, -1) : line;
  return `document starts with an illegal indent: ${quote(shown)}, which may cause parsing problems`;
}

function deprecationProblem(head: ObjectHead, kubeVersion: KubeVersion): string | undefined {
  const api = DEPRECATED_APIS.get(`${head.apiVersion} ${head.kind}`);
  if (api === undefined) return undefined;
  const [major = 0, minor = 0] = api.since.split('.').map(Number);
  const now = { major: Number(kubeVersion.major), minor: Number(kubeVersion.minor) };
  const isDeprecated = now.major > major || (now.major === major && now.minor >= minor);
  return isDeprecated ? deprecationText(api) : undefined;
}

function deprecationText({ apiVersion, kind, since, removed, replacement }: DeprecatedApi): string {
  const gone = removed === undefined ? '' : `, unavailable in v${removed}+`;
  const instead = replacement === undefined ? '' : `; use ${replacement}`;
  return `${apiVersion} ${kind} is deprecated in v${since}+${gone}${instead}`;
}

const SELECTING: readonly string[] = ['Deployment', 'ReplicaSet', 'DaemonSet', 'StatefulSet'];

function selectorProblem({ kind, name }: ObjectHead, text: string): string | undefined {
  if (!SELECTING.includes(kind)) return undefined;
  if (text.includes('matchLabels') || text.includes('matchExpressions')) return undefined;
  return `a ${kind} must contain matchLabels or matchExpressions, and ${quote(name)} does not`;
}

function listProblem({ kind }: ObjectHead, text: string, profile: Profile): string | undefined {
  if (kind !== 'List') return undefined;
  try {
    return annotationsOfItems(text).some((annotations) =>
      annotations.has('helm.sh/resource-policy'),
    )
      ? `${profile === 'helm4' ? 'annotation' : 'Annotation'} 'helm.sh/resource-policy' within List objects are ignored`
      : undefined;
  } catch (error) {
    return `unable to parse YAML: ${messageOf(error)}`;
  }
}

function annotationsOfItems(text: string): readonly ReadonlyMap<string, string>[] {
  const at = (path: string) => ({ struct: '', path });
  const list = mapOf(decodeGoYaml(text), 'struct', undefined) ?? new Map<string, Value>();
  const items =
    listOf(fieldOf(list, 'Items'), 'struct', at('Items'), (item) =>
      mapOf(item, 'struct', at('Items')),
    ) ?? [];
  return items.map((item) => {
    const metadata =
      item === undefined
        ? undefined
        : mapOf(fieldOf(item, 'Metadata'), 'struct', at('Items.Metadata'));
    if (metadata === undefined) return new Map();
    return textMapOf(fieldOf(metadata, 'Annotations'), at('Items.Metadata.Annotations'));
  });
}
