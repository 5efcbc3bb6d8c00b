// SPDX-License-Identifier: Apache-2.0

/** `helm template`: renders a chart here, without a cluster. Source: helm v3.22.0 cmd/helm/template.go. */

import { resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import {
  type Capabilities,
  type Chart,
  ChartError,
  DEFAULT_CAPABILITIES,
  parseKubeVersion,
  processDependencies,
  type RenderInput,
  type RenderOutput,
  renderChart,
} from '@helm-operator/chart';
import { compileGlob, quote } from '@helm-operator/gocompat';
import {
  loadChartPath,
  nodeFunctionPorts,
  releaseNameProblem,
  SourceError,
} from '@helm-operator/helm';
import type { Command } from 'commander';
import { type CliContext, UsageError } from '../context.ts';
import { addValueFlags, readValueFlags } from '../value-flags.ts';
import type { CommandRegistration } from './registration.ts';

interface TemplateFlags {
  readonly namespace?: string;
  readonly kubeVersion?: string;
  readonly apiVersions?: readonly string[];
  readonly includeCrds?: boolean;
  readonly hooks: boolean;
  readonly skipTests?: boolean;
  readonly showOnly?: readonly string[];
  readonly isUpgrade?: boolean;
  readonly skipSchemaValidation?: boolean;
  readonly renderSubchartNotes?: boolean;
  readonly repo?: string;
  readonly version?: string;
}

const collect = (value: string, before: readonly string[] = []): string[] => [
  ...before,
  ...value.split(','),
];
const collectWhole = (value: string, before: readonly string[] = []): string[] => [
  ...before,
  value,
];

export const helmTemplate: CommandRegistration = {
  register: (helm, context) => {
    const command = helm
      .command('template')
      .argument('<NAME_OR_CHART>')
      .argument('[CHART]')
      .description('locally render templates')
      .option('-n, --namespace <string>', 'namespace scope for this request')
      .option('--kube-version <string>', 'Kubernetes version used for Capabilities.KubeVersion')
      .option(
        '-a, --api-versions <strings>',
        'Kubernetes api versions used for Capabilities.APIVersions',
        collect,
      )
      .option('--include-crds', 'include CRDs in the templated output')
      .option('--no-hooks', 'prevent hooks from running during install')
      .option('--skip-tests', 'skip tests from templated output')
      .option(
        '-s, --show-only <string>',
        'only show manifests rendered from the given templates',
        collectWhole,
      )
      .option('--is-upgrade', 'set .Release.IsUpgrade instead of .Release.IsInstall')
      .option('--skip-schema-validation', 'if set, disables JSON schema validation')
      .option('--render-subchart-notes', 'if set, render subchart notes along with the parent')
      .option('--repo <string>', 'not supported yet: download the chart first')
      .option('--version <string>', 'not supported yet: download the chart first');
    addValueFlags(command).action((first: string, second: string | undefined) =>
      run(
        second === undefined
          ? { name: 'release-name', chart: first }
          : { name: first, chart: second },
        command,
        context,
      ),
    );
  },
};

interface Target {
  readonly name: string;
  readonly chart: string;
}

async function run(
  { name, chart: path }: Target,
  command: Command,
  context: CliContext,
): Promise<void> {
  const flags = command.opts<TemplateFlags>();
  for (const [flag, value] of [
    ['--repo', flags.repo],
    ['--version', flags.version],
  ] as const) {
    if (value !== undefined)
      throw new UsageError(
        `${flag} is not supported yet: download the chart and name its folder or archive`,
      );
  }
  if (/^[a-z]+:\/\//.test(path))
    throw new UsageError(
      `${path}: charts from URLs are not supported yet: download the chart and name its folder or archive`,
    );
  const problem = releaseNameProblem(name);
  if (problem !== undefined) throw new UsageError(`release name ${quote(name)}: ${problem}`);
  const values = await readValueFlags(command.opts(), context);
  const warn = (text: string) => context.stderr(`${text}\n`);
  const chart = processDependencies(await load(path, context), values, { warn });
  const output = render({
    chart,
    values,
    profile: 'helm3',
    release: {
      name,
      namespace: flags.namespace ?? context.env.get('HELM_NAMESPACE') ?? 'default',
      revision: 1,
      isInstall: flags.isUpgrade !== true,
      isUpgrade: flags.isUpgrade === true,
    },
    capabilities: capabilitiesOf(flags),
    ports: {
      functions: nodeFunctionPorts({ localZone: context.env.get('TZ') ?? 'UTC' }),
      nowMs: () => performance.now(),
    },
    mustIncludeCrds: flags.includeCrds,
    mustSkipSchemaValidation: flags.skipSchemaValidation,
    mustRenderSubchartNotes: flags.renderSubchartNotes,
    warn,
  });
  context.stdout(printed(output, flags));
}

/** A path that is not there could be meant for a repository: Helm's texts. Source: pkg/action/install.go (LocateChart). */
async function load(path: string, context: CliContext): Promise<Chart> {
  try {
    return await loadChartPath(resolve(context.folder, path));
  } catch (error) {
    if (!(error instanceof SourceError) || error.code !== 'source/not-found') throw error;
    if (path.startsWith('/') || path.startsWith('.'))
      throw new UsageError(`path ${quote(path)} not found`);
    throw new UsageError(
      path.includes('/')
        ? `repo ${path.split('/')[0]} not found`
        : `non-absolute URLs should be in form of repo_name/path_to_chart, got: ${path}`,
    );
  }
}

function render(input: RenderInput): RenderOutput {
  try {
    return renderChart(input);
  } catch (error) {
    if (!(error instanceof ChartError)) throw error;
    throw new UsageError(`${error.message}\n\nUse --debug flag to render out invalid YAML`);
  }
}

function capabilitiesOf({ kubeVersion, apiVersions = [] }: TemplateFlags): Capabilities {
  const base = DEFAULT_CAPABILITIES.helm3;
  return {
    ...base,
    kubeVersion: kubeVersion === undefined ? base.kubeVersion : parseVersion(kubeVersion),
    apiVersions: [...base.apiVersions, ...apiVersions],
  };
}

function parseVersion(text: string): Capabilities['kubeVersion'] {
  try {
    return parseKubeVersion(text, 'helm3');
  } catch (error) {
    throw new UsageError(
      `invalid kube version '${text}': ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

function printed(output: RenderOutput, flags: TemplateFlags): string {
  let text = `${output.manifest.trim()}\n`;
  if (flags.hooks) {
    for (const { events, path, manifest } of output.hooks) {
      if (flags.skipTests === true && events.includes('test')) continue;
      text += `---\n# Source: ${path}\n${manifest}\n`;
    }
  }
  return flags.showOnly === undefined ? text : onlyShown(text, flags.showOnly);
}

const SOURCE = /^# Source: [^/]+\/(.+)$/m;

/** The documents of the templates that were asked for, as Helm prints them. @throws {UsageError} one is not there */
function onlyShown(text: string, wanted: readonly string[]): string {
  const documents = text.split(/(?:^|\n)---\n/).filter((document) => document.trim() !== '');
  let out = '';
  for (const pattern of wanted) {
    const matches = compileGlob(pattern) ?? (() => false);
    const found = documents.filter((document) => {
      const path = SOURCE.exec(document)?.[1];
      return path !== undefined && (path === pattern || matches(path));
    });
    if (found.length === 0) throw new UsageError(`could not find template ${pattern} in chart`);
    for (const document of found) out += `---\n${document.replace(/\n+$/, '')}\n`;
  }
  return out;
}
