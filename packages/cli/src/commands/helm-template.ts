// SPDX-License-Identifier: Apache-2.0

/** `helm template`: renders a chart here, without a cluster. Source: helm v3.22.0 cmd/helm/template.go. */

import { performance } from 'node:perf_hooks';
import {
  type Chart,
  ChartError,
  DEFAULT_CAPABILITIES,
  type KubeVersion,
  processDependencies,
  type RenderInput,
  type RenderOutput,
  renderChart,
} from '@helm-operator/chart';
import { quote, type ValueMap } from '@helm-operator/gocompat';
import { nodeFunctionPorts, releaseNameProblem, SYSTEM_LABELS } from '@helm-operator/helm';
import { type Command, defineCommand } from '../command.ts';
import { type CliContext, UsageError } from '../context.ts';
import { CHART_SOURCE_FLAGS } from '../flags/chart-source.ts';
import { type FlagValues, listFlag, switchFlag, textFlag, textsFlag } from '../flags/flag.ts';
import { NAME_FLAGS, POST_RENDERER_FLAGS, RELEASE_FLAGS, readDryRun } from '../flags/install.ts';
import { readKubeVersion } from '../flags/kube-version.ts';
import { namespaceOf, SETTINGS_FLAGS } from '../flags/settings.ts';
import { composeLayers, readValueLayers, VALUE_FLAGS } from '../flags/values.ts';
import { loadInstallable } from '../installable-chart.ts';
import { locateChart } from '../locate-chart.ts';
import { explainPath, printExplained } from '../output/explained.ts';
import type { PrintedRelease } from '../output/printed-release.ts';
import { onlyShown } from '../output/show-only.ts';
import { type OutputPart, writeParts } from '../output/write-parts.ts';
import { postRendererOf } from '../post-renderer.ts';
import { nameAndChart } from '../release-name.ts';
import { renderOnCluster } from '../template-on-cluster.ts';

const FLAGS = {
  ...SETTINGS_FLAGS,
  ...RELEASE_FLAGS,
  ...NAME_FLAGS,
  ...VALUE_FLAGS,
  ...CHART_SOURCE_FLAGS,
  ...POST_RENDERER_FLAGS,
  showOnly: textsFlag('show-only', 'print what these templates gave, nothing else', { short: 's' }),
  outputDir: textFlag('output-dir', 'write files below this folder instead of printing'),
  mustValidate: switchFlag('validate', 'check against the cluster, as an install does'),
  mustIncludeCrds: switchFlag('include-crds', 'the CRDs of crds/, too'),
  mustSkipTests: switchFlag('skip-tests', 'leave tests out'),
  isUpgrade: switchFlag('is-upgrade', 'render as for an upgrade'),
  kubeVersion: textFlag('kube-version', 'version of Kubernetes that templates see'),
  apiVersions: listFlag('api-versions', 'further API versions that templates see', { short: 'a' }),
  explain: textFlag(
    'explain',
    'print where the value at this path came from and what it overrode (beyond Helm)',
  ),
  mustUseReleaseName: switchFlag('release-name', 'with --output-dir: a folder for the release'),
};

type TemplateFlags = FlagValues<typeof FLAGS>;

export const helmTemplate: Command = defineCommand({
  name: 'template',
  usage: '[NAME] [CHART]',
  summary: 'render a chart and print its manifests',
  args: { min: 1 },
  flags: FLAGS,
  run: async ({ flags, args, isGiven }, context) => {
    const kubeVersion = readKubeVersion(flags.kubeVersion);
    const runPostRenderer = postRendererOf(flags, context);
    const { name, chart: given } = nameAndChart(args, flags, { context, fallback: 'release-name' });
    const path = await locateChart(given, flags, context);
    const layers = await readValueLayers(flags, context);
    const values = composeLayers(layers);
    const chart = await loadInstallable(
      path,
      {
        updateWith: flags.mustUpdateDependencies ? flags : undefined,
        mustBeApplication: true,
        profile: flags.profile,
      },
      context,
    );
    checkOptions(flags);
    checkName(name);
    if (isGiven('explain')) {
      context.stdout(printExplained(explainPath(flags.explain, { chart, values, layers })));
      return 0;
    }
    const target = { name, path, chart, values, kubeVersion, runPostRenderer };
    if (flags.mustValidate || readDryRun(flags.dryRun) === 'server') {
      await print(await renderOnCluster(target, flags, context), { flags, name, context });
      return 0;
    }
    return await run(target, flags, context);
  },
});

/** What is to be rendered. */
interface Target {
  readonly name: string;
  readonly chart: Chart;
  readonly values: ValueMap;
  readonly kubeVersion: KubeVersion | undefined;
  readonly runPostRenderer: ((manifest: string) => string) | undefined;
}

function checkOptions({ dryRun, mustValidate, canResolveDns }: TemplateFlags): void {
  const isOnCluster = mustValidate || readDryRun(dryRun) === 'server';
  if (canResolveDns && !isOnCluster)
    throw new UsageError('--enable-dns needs --dry-run=server or --validate');
}

function checkName(name: string): void {
  const problem = releaseNameProblem(name);
  if (problem !== undefined) throw new UsageError(`release name ${quote(name)}: ${problem}`);
}

async function run(target: Target, flags: TemplateFlags, context: CliContext): Promise<number> {
  const namespace = await namespaceOf(flags, context);
  const seen: { files?: ReadonlyMap<string, string> } = {};
  try {
    const input = renderInput(target, { flags, namespace, context });
    const output = render({ ...input, onRendered: (files) => (seen.files = files) }, flags.labels);
    await print(output, { flags, name: target.name, context });
    return 0;
  } catch (error) {
    if (!(error instanceof ChartError) || !AFTER_VALUES.includes(error.code)) throw error;
    if (!flags.isDebug) {
      throw new UsageError(`${error.message}\n\nUse --debug flag to render out invalid YAML`, {
        cause: error,
      });
    }
    context.stdout(`${printFiles(error, seen.files).trim()}\n`);
    throw error;
  }
}

/** Where Helm already has a release to show. */
const AFTER_VALUES: readonly string[] = [
  'chart/kube-version',
  'chart/render',
  'chart/manifest',
  'chart/post-render',
];

/** What was rendered, where it cannot be split into objects. */
function printFiles(error: ChartError, files: ReadonlyMap<string, string> = new Map()): string {
  if (error.code !== 'chart/manifest') return '';
  return [...files]
    .filter(([, text]) => text.trim() !== '')
    .map(([path, text]) => `---\n# Source: ${path}\n${text}\n`)
    .join('');
}

interface InputFacts {
  readonly flags: TemplateFlags;
  readonly namespace: string;
  readonly context: CliContext;
}

function renderInput(target: Target, { flags, namespace, context }: InputFacts): RenderInput {
  const { chart, values, runPostRenderer } = target;
  const warn = (text: string) => context.stderr(`${text}\n`);
  const base = DEFAULT_CAPABILITIES[flags.profile];
  return {
    chart: processDependencies(chart, values, { warn }),
    values,
    profile: flags.profile,
    release: {
      name: target.name,
      namespace,
      revision: 1,
      isInstall: !flags.isUpgrade,
      isUpgrade: flags.isUpgrade,
    },
    capabilities: {
      ...base,
      kubeVersion: target.kubeVersion ?? base.kubeVersion,
      apiVersions: [...base.apiVersions, ...flags.apiVersions],
    },
    ports: {
      functions: nodeFunctionPorts({ localZone: context.env.get('TZ') ?? 'UTC' }),
      nowMs: () => performance.now(),
    },
    mustIncludeCrds: flags.mustIncludeCrds,
    mustSkipSchemaValidation: flags.mustSkipSchemaValidation,
    mustRenderSubchartNotes: flags.mustRenderSubchartNotes,
    postRender:
      runPostRenderer === undefined
        ? undefined
        : {
            manifest: (manifest) => runPostRenderer(flags.outputDir === '' ? manifest : ''),
            files: (files) => files,
          },
    warn,
  };
}

function render(input: RenderInput, labels: ReadonlyMap<string, string>): RenderOutput {
  if ([...labels.keys()].some((name) => SYSTEM_LABELS.includes(name))) {
    throw new UsageError(
      `user supplied labels contains system reserved label name. System labels: [${SYSTEM_LABELS.join(' ')}]`,
    );
  }
  return renderChart(input);
}

interface PrintFacts {
  readonly flags: TemplateFlags;
  readonly name: string;
  readonly context: CliContext;
}

async function print(output: PrintedRelease, { flags, name, context }: PrintFacts): Promise<void> {
  const hooks = output.hooks.filter(
    ({ events }) => !flags.hasNoHooks && !(flags.mustSkipTests && events.includes('test')),
  );
  if (flags.outputDir === '') {
    const printed = hooks.map(({ path, manifest }) => `---\n# Source: ${path}\n${manifest}\n`);
    const text = `${output.manifest.trim()}\n${printed.join('')}`;
    context.stdout(flags.showOnly.length === 0 ? text : onlyShown(text, flags.showOnly));
    return;
  }
  const folder = flags.outputDir;
  const releaseFolder = flags.mustUseReleaseName ? `${folder}/${name}` : folder;
  const crds = flags.mustIncludeCrds ? output.crds : [];
  const parts: OutputPart[] = [
    ...crds.map(({ path, file }) => ({ folder, path, text: decodeText(file.data) })),
    ...output.documents.map(({ path, content }) => ({
      folder: releaseFolder,
      path,
      text: content,
    })),
    ...hooks.map(({ path, manifest }) => ({ folder: releaseFolder, path, text: manifest })),
  ];
  await writeParts(parts, context);
  const left = flags.postRenderer === '' ? '' : output.manifest.trim();
  context.stdout(flags.showOnly.length === 0 ? `${left}\n` : onlyShown(left, flags.showOnly));
}

function decodeText(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
