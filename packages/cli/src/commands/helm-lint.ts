// SPDX-License-Identifier: Apache-2.0

/** `helm lint`. Source: helm v3.22.0 cmd/helm/lint.go, pkg/action/lint.go. */

import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import {
  type Finding,
  type LintOptions,
  lintChart,
  type Profile,
  printFinding,
  type Severity,
} from '@helm-operator/chart';
import { compareBytes } from '@helm-operator/gocompat';
import { nodeFunctionPorts, openLintFolder, SourceError } from '@helm-operator/helm';
import { type Command, defineCommand } from '../command.ts';
import { type CliContext, UsageError } from '../context.ts';
import { switchFlag, textFlag } from '../flags/flag.ts';
import { readKubeVersion } from '../flags/kube-version.ts';
import { namespaceOf, SETTINGS_FLAGS } from '../flags/settings.ts';
import { readValueFlags, VALUE_FLAGS } from '../flags/values.ts';

export const helmLint: Command = defineCommand({
  name: 'lint',
  usage: 'PATH',
  summary: 'examine charts for mistakes',
  args: { min: 0 },
  flags: {
    ...SETTINGS_FLAGS,
    ...VALUE_FLAGS,
    isStrict: switchFlag('strict', 'fail on warnings, too'),
    hasSubcharts: switchFlag('with-subcharts', 'examine the subcharts, too'),
    isQuiet: switchFlag('quiet', 'print warnings and errors only'),
    mustSkipSchemaValidation: switchFlag(
      'skip-schema-validation',
      'do not check values against schemas',
    ),
    kubeVersion: textFlag('kube-version', 'version of Kubernetes the chart is meant for'),
    mustBeDeterministic: switchFlag(
      'deterministic',
      'tell which functions change what is rendered from one time to the next (beyond Helm)',
    ),
  },
  run: async ({ flags, args }, context) => {
    const kubeVersion = readKubeVersion(flags.kubeVersion);
    const given = args.length === 0 ? folderOf(flags.profile) : args;
    const paths = flags.hasSubcharts ? [...given, ...(await subchartsOf(given, context))] : given;
    const options: LintOptions = {
      profile: flags.profile,
      mustBeDeterministic: flags.mustBeDeterministic,
      values: await readValueFlags(flags, context),
      namespace: await namespaceOf(flags, context),
      kubeVersion,
      mustSkipSchemaValidation: flags.mustSkipSchemaValidation,
      ports: {
        functions: nodeFunctionPorts({ localZone: context.env.get('TZ') ?? 'UTC' }),
        nowMs: () => performance.now(),
      },
    };
    const reports: Report[] = [];
    for (const path of paths) reports.push(await lint(path, options, context));
    return printReports(reports, flags, context);
  },
});

/** The folder one stands in, which Helm 4 wants to be named. @throws {UsageError} with Helm's text */
function folderOf(profile: Profile): readonly string[] {
  if (profile === 'helm3') return ['.'];
  throw new UsageError(
    '"helm lint" requires at least 1 argument\n\nUsage:  helm lint PATH [flags]',
  );
}

/** What was found in one chart, or why it could not be looked at. */
interface Report {
  readonly path: string;
  readonly findings: readonly Finding[];
  readonly problem: string | undefined;
}

async function lint(path: string, options: LintOptions, context: CliContext): Promise<Report> {
  try {
    const folder = await openLintFolder(resolve(context.folder, path), path, options.profile);
    return { path, findings: lintChart(folder, options), problem: undefined };
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    return { path, findings: [], problem: error.message };
  }
}

const RANK: Readonly<Record<Severity, number>> = { info: 1, warning: 2, error: 3 };

/** @throws {UsageError} how many charts failed */
function printReports(
  reports: readonly Report[],
  { isStrict, isQuiet }: { readonly isStrict: boolean; readonly isQuiet: boolean },
  context: CliContext,
): number {
  const isGrave = ({ severity }: Finding) => RANK[severity] >= (isStrict ? 2 : 3);
  const isNotable = ({ findings, problem }: Report) =>
    problem !== undefined || findings.some(({ severity }) => severity !== 'info');
  const shown = isQuiet ? reports.filter(isNotable) : reports;
  context.stdout(shown.map((report) => printReport(report, isQuiet)).join(''));
  const failed = reports.filter(
    ({ findings, problem }) => problem !== undefined || findings.some(isGrave),
  ).length;
  const summary = `${reports.length} chart(s) linted, ${failed} chart(s) failed`;
  if (failed > 0) throw new UsageError(summary);
  if (shown.length > 0) context.stdout(`${summary}\n`);
  return 0;
}

function printReport({ path, findings, problem }: Report, isQuiet: boolean): string {
  const lines = findings
    .filter(({ severity }) => !isQuiet || severity !== 'info')
    .map((finding) => `${printFinding(finding)}\n`);
  const trouble = problem === undefined ? '' : `Error ${problem}\n`;
  return `==> Linting ${path}\n${trouble}${lines.join('')}\n`;
}

/** Charts and archives anywhere below `charts/`, in lexical order. */
async function subchartsOf(
  paths: readonly string[],
  context: CliContext,
): Promise<readonly string[]> {
  const found: string[] = [];
  const walk = async (folder: string): Promise<void> => {
    const entries = await readdir(resolve(context.folder, folder), { withFileTypes: true }).catch(
      () => [],
    );
    for (const entry of entries.sort((a, b) => compareBytes(a.name, b.name))) {
      const path = join(folder, entry.name);
      if (entry.name === 'Chart.yaml') found.push(folder);
      else if (/\.(?:tgz|tar\.gz)$/.test(entry.name)) found.push(path);
      if (entry.isDirectory()) await walk(path);
    }
  };
  for (const path of paths) await walk(join(path, 'charts'));
  return found;
}
