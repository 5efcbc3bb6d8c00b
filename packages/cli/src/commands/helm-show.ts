// SPDX-License-Identifier: Apache-2.0

/** `helm show`: what a chart holds. Source: helm v3.22.0 cmd/helm/show.go, pkg/action/show.go. */

import {
  type Chart,
  type ChartFile,
  crdsOf,
  metadataJson,
  type Profile,
} from '@helm-operator/chart';
import {
  decodeJson,
  decodeUtf8,
  encodeYaml,
  formatJsonPath,
  type JsonPath,
  JsonPathError,
  parseJsonPath,
} from '@helm-operator/gocompat';
import { loadChartPath } from '@helm-operator/helm';
import { type Command, type CommandGroup, defineCommand } from '../command.ts';
import { type CliContext, UsageError } from '../context.ts';
import { CHART_SOURCE_FLAGS, type ChartSourceFlags } from '../flags/chart-source.ts';
import { type FlagValues, textFlag } from '../flags/flag.ts';
import { SETTINGS_FLAGS } from '../flags/settings.ts';
import { locateChart } from '../locate-chart.ts';

type Part = 'chart' | 'values' | 'readme' | 'crds';

const FLAGS = { ...SETTINGS_FLAGS, ...CHART_SOURCE_FLAGS };

type ShowFlags = ChartSourceFlags & FlagValues<typeof SETTINGS_FLAGS>;

function showCommand(name: string, summary: string, parts: readonly Part[]): Command {
  return defineCommand({
    name,
    usage: '[CHART]',
    summary,
    args: { min: 1, max: 1 },
    flags: FLAGS,
    run: ({ flags, args }, context) => show(args[0] ?? '', parts, { flags, context }),
  });
}

const showValues: Command = defineCommand({
  name: 'values',
  usage: '[CHART]',
  summary: "show the chart's default values",
  args: { min: 1, max: 1 },
  flags: {
    ...FLAGS,
    jsonPath: textFlag('jsonpath', 'print what this template of kubectl finds in the values'),
  },
  run: ({ flags, args }, context) =>
    flags.jsonPath === ''
      ? show(args[0] ?? '', ['values'], { flags, context })
      : showFound(args[0] ?? '', flags.jsonPath, { flags, context }),
});

export const helmShow: CommandGroup = {
  kind: 'group',
  name: 'show',
  aliases: ['inspect'],
  summary: 'show what a chart holds',
  flags: SETTINGS_FLAGS,
  children: [
    showCommand('all', 'show everything of the chart', ['chart', 'values', 'readme', 'crds']),
    showCommand('chart', "show the chart's Chart.yaml", ['chart']),
    showCommand('crds', "show the chart's CustomResourceDefinitions", ['crds']),
    showCommand('readme', "show the chart's README", ['readme']),
    showValues,
  ],
};

async function show(
  name: string,
  parts: readonly Part[],
  { flags, context }: { readonly flags: ShowFlags; readonly context: CliContext },
): Promise<undefined> {
  const path = await locateChart(name, flags, context);
  const chart = await loadChartPath(path, flags.profile);
  const style = { isOneOfMany: parts.length > 1, profile: flags.profile };
  context.stdout(parts.map((part) => printPart(chart, part, style)).join(''));
}

/** What a template finds in the default values; nothing, as with Helm, where it does not fit them. */
async function showFound(
  name: string,
  template: string,
  { flags, context }: { readonly flags: ShowFlags; readonly context: CliContext },
): Promise<undefined> {
  const path = await locateChart(name, flags, context);
  const { values } = await loadChartPath(path, flags.profile);
  if (values === undefined) return;
  try {
    context.stdout(formatJsonPath(parsePath(template), values));
  } catch (error) {
    if (!(error instanceof JsonPathError)) throw error;
  }
}

function parsePath(template: string): JsonPath {
  try {
    return parseJsonPath(template);
  } catch (error) {
    if (!(error instanceof JsonPathError)) throw error;
    throw new UsageError(`error parsing jsonpath ${template}: ${error.message}`, { cause: error });
  }
}

interface PartStyle {
  /** Parts but the first then start with a separator. */
  readonly isOneOfMany: boolean;
  readonly profile: Profile;
}

function printPart(chart: Chart, part: Part, { isOneOfMany, profile }: PartStyle): string {
  const separator = isOneOfMany ? '---\n' : '';
  switch (part) {
    case 'chart':
      return `${encodeYaml(decodeJson(metadataJson(chart.metadata)))}\n`;
    case 'values':
      return chart.values === undefined ? '' : separator + chart.raw.map(printDefaults).join('');
    case 'readme': {
      const readme = chart.files.find(({ name }) =>
        ['readme.md', 'readme.txt', 'readme'].includes(name.toLowerCase()),
      );
      return readme === undefined ? '' : `${separator}${decodeUtf8(readme.data)}\n`;
    }
    case 'crds': {
      const texts = crdsOf(chart).map(({ file }) => decodeUtf8(file.data));
      if (profile === 'helm4') {
        return texts
          .map((text) => (text.startsWith('---') ? `${text}\n` : `---\n${text}\n`))
          .join('');
      }
      const head = texts[0]?.startsWith('---') === false ? separator : '';
      return head + texts.map((text) => `${text}\n`).join('');
    }
  }
}

function printDefaults({ name, data }: ChartFile): string {
  return name === 'values.yaml' ? `${decodeUtf8(data)}\n` : '';
}
