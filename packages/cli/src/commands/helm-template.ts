// SPDX-License-Identifier: Apache-2.0

/** `helm template`: renders a chart here, without a cluster. Source: helm v3.22.0 cmd/helm/template.go. */

import { performance } from 'node:perf_hooks';
import {
  type Capabilities,
  type Chart,
  ChartError,
  DEFAULT_CAPABILITIES,
  type KubeVersion,
  OutputTrace,
  type Profile,
  processDependencies,
  type RenderInput,
  type RenderOutput,
  renderChart,
  type Warn,
} from '@helm-operator/chart';
import type { ValueMap } from '@helm-operator/gocompat';
import {
  blockingResolver,
  nodeFunctionPorts,
  releaseNameProblem,
  SYSTEM_LABELS,
  textsFor,
} from '@helm-operator/helm';
import { type Command, defineCommand } from '../command.ts';
import { type CliContext, UsageError } from '../context.ts';
import { CHART_SOURCE_FLAGS } from '../flags/chart-source.ts';
import {
  type FlagValues,
  listFlag,
  numberFlag,
  switchFlag,
  textFlag,
  textsFlag,
} from '../flags/flag.ts';
import { NAME_FLAGS, POST_RENDERER_FLAGS, RELEASE_FLAGS } from '../flags/install.ts';
import { readKubeVersion } from '../flags/kube-version.ts';
import { budgetOf } from '../flags/limits.ts';
import { namespaceOf, SETTINGS_FLAGS } from '../flags/settings.ts';
import { composeLayers, readValueLayers, VALUE_FLAGS } from '../flags/values.ts';
import { loadInstallable } from '../installable-chart.ts';
import { locateChart } from '../locate-chart.ts';
import { explainPath, printExplained } from '../output/explained.ts';
import { explainField, explainLine, isObjectPath, type Printed } from '../output/explained-line.ts';
import type { PrintedRelease } from '../output/printed-release.ts';
import { onlyShown } from '../output/show-only.ts';
import { templateFailure } from '../output/template-failure.ts';
import { type OutputPart, writeParts } from '../output/write-parts.ts';
import { postRendererOf, type RunPostRenderer } from '../post-renderer.ts';
import { nameAndChart } from '../release-name.ts';
import { canLookup, isValidated, renderOnCluster } from '../template-on-cluster.ts';

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
    'print where the value at this path came from and what it overrode, or which template lines printed a field (`Deployment/web:spec.replicas`) (beyond Helm)',
  ),
  explainLine: numberFlag(
    'explain-line',
    'print which template lines printed this line, and with which values (beyond Helm)',
    { initial: 0 },
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
    const isAsked = canLookup(flags) || isValidated(flags);
    checkName(name, flags.profile);
    const input = { chart, values, layers, profile: flags.profile };
    const isLineAsked = isGiven('explainLine') || isObjectPath(flags.explain);
    if (isGiven('explain') && !isLineAsked) {
      context.stdout(printExplained(explainPath(flags.explain, input)));
      return 0;
    }
    const capabilities = capabilitiesOf(kubeVersion, flags);
    const target = { name, path, chart, values, capabilities, runPostRenderer };
    if (isLineAsked) {
      const printed = await traced(target, flags, context);
      const explained = isGiven('explainLine')
        ? explainLine(printed, flags.explainLine, input)
        : explainField(printed, flags.explain, input);
      context.stdout(explained);
      return 0;
    }
    const seen: { files?: ReadonlyMap<string, string> } = {};
    try {
      const output = isAsked
        ? await renderOnCluster(target, flags, context)
        : await renderHere(target, { flags, context, onRendered: (files) => (seen.files = files) });
      await print(output, { flags, name, context });
      return 0;
    } catch (error) {
      throw templateFailure(error, seen.files, { isDebug: flags.isDebug, context });
    }
  },
});

/** What is to be rendered. */
interface Target {
  readonly name: string;
  readonly chart: Chart;
  readonly values: ValueMap;
  readonly capabilities: Capabilities;
  readonly runPostRenderer: RunPostRenderer | undefined;
}

function capabilitiesOf(
  kubeVersion: KubeVersion | undefined,
  { apiVersions, profile }: TemplateFlags,
): Capabilities {
  const base = DEFAULT_CAPABILITIES[profile];
  return {
    ...base,
    kubeVersion: kubeVersion ?? base.kubeVersion,
    apiVersions: [...base.apiVersions, ...apiVersions],
  };
}

function checkName(name: string, profile: Profile): void {
  const problem = releaseNameProblem(name);
  if (problem !== undefined) throw new UsageError(textsFor(profile).wrongName(name, problem));
}

/** What would be printed, with how it came about. */
async function traced(target: Target, flags: TemplateFlags, context: CliContext): Promise<Printed> {
  if (isValidated(flags) || canLookup(flags) || flags.outputDir !== '') {
    throw new UsageError(
      'lines are explained without --validate, --dry-run=server and --output-dir',
    );
  }
  const trace = new OutputTrace();
  try {
    const output = await renderHere(target, { flags, context, observer: trace });
    return { text: printedText(output, flags), trace };
  } catch (error) {
    throw templateFailure(error, undefined, { isDebug: false, context });
  }
}

interface RenderFacts extends Pick<RenderInput, 'onRendered' | 'observer'> {
  readonly flags: TemplateFlags;
  readonly context: CliContext;
}

async function renderHere(target: Target, facts: RenderFacts): Promise<RenderOutput> {
  const namespace = await namespaceOf(facts.flags, facts.context);
  return render(renderInput(target, namespace, facts), facts.flags.labels);
}

function renderInput(
  target: Target,
  namespace: string,
  { flags, context, onRendered, observer }: RenderFacts,
): RenderInput {
  const { name, values, capabilities, runPostRenderer } = target;
  const warn = (text: string) => context.stderr(`${text}\n`);
  const { isUpgrade } = flags;
  return {
    chart: enabledChart(target, flags.profile, warn),
    values,
    profile: flags.profile,
    release: { name, namespace, revision: 1, isInstall: !isUpgrade, isUpgrade },
    capabilities,
    ports: {
      functions: nodeFunctionPorts({
        localZone: context.env.get('TZ') ?? 'UTC',
        resolveHost: flags.canResolveDns ? blockingResolver(context.nodePath) : undefined,
      }),
      nowMs: () => performance.now(),
    },
    limits: budgetOf(flags.limits),
    mustIncludeCrds: flags.mustIncludeCrds,
    mustSkipSchemaValidation: flags.mustSkipSchemaValidation,
    mustRenderSubchartNotes: flags.mustRenderSubchartNotes,
    postRender:
      runPostRenderer === undefined
        ? undefined
        : // With Helm 3 the files are already written then.
          (text) =>
            runPostRenderer(flags.outputDir === '' || flags.profile === 'helm4' ? text : ''),
    warn,
    onRendered,
    observer,
  };
}

function enabledChart({ chart, values }: Target, profile: Profile, warn: Warn): Chart {
  try {
    return processDependencies(chart, values, { warn, profile });
  } catch (error) {
    if (!(error instanceof ChartError)) throw error;
    throw new UsageError(textsFor(profile).dependencies(error.message), { cause: error });
  }
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

function hooksOf({ hooks }: PrintedRelease, flags: TemplateFlags): PrintedRelease['hooks'] {
  return hooks.filter(
    ({ events }) => !flags.hasNoHooks && !(flags.mustSkipTests && events.includes('test')),
  );
}

function printedText(output: PrintedRelease, flags: TemplateFlags): string {
  const hooks = hooksOf(output, flags).map(
    ({ path, manifest }) => `---\n# Source: ${path}\n${manifest}\n`,
  );
  const text = `${output.manifest.trim()}\n${hooks.join('')}`;
  return flags.showOnly.length === 0 ? text : onlyShown(text, flags.showOnly, flags.profile);
}

async function print(output: PrintedRelease, { flags, name, context }: PrintFacts): Promise<void> {
  if (flags.outputDir === '') {
    context.stdout(printedText(output, flags));
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
    ...hooksOf(output, flags).map(({ path, manifest }) => ({
      folder: releaseFolder,
      path,
      text: manifest,
    })),
  ];
  await writeParts(parts, context);
  const left = flags.postRenderer === '' || flags.profile === 'helm4' ? '' : output.manifest.trim();
  context.stdout(
    flags.showOnly.length === 0 ? `${left}\n` : onlyShown(left, flags.showOnly, flags.profile),
  );
}

function decodeText(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
