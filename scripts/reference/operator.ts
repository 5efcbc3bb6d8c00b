// SPDX-License-Identifier: Apache-2.0

/** docs/reference/operator.md: what the operator takes, serves and tells, from the tables in the code. */

import { EXIT_CODES, OPERATOR_FLAGS, type OperatorFlag } from '@helm-operator/cli';
import { BUCKETS, EVENTS, METRICS, Metrics, ROUTES } from '@helm-operator/operator';
import { ENVIRONMENT } from './environment.ts';
import { code, pageHead, table } from './markdown.ts';

export function printOperatorReference(): string {
  return `${[
    pageHead('Operator reference'),
    'Flags, environment, metrics, events, HTTP, exit codes. Fields of HelmReleases: [HelmRelease](helm-release.md). Commands: [command line](cli.md).\n',
    flags(),
    environment(),
    metrics(),
    events(),
    http(),
    exitCodes(),
  ].join('\n')}`;
}

function flags(): string {
  const [active, ignored] = [false, true].map((isIgnored) =>
    OPERATOR_FLAGS.filter((flag) => (flag.isIgnored ?? false) === isIgnored),
  );
  return `## Flags

\`helm-operator [flags]\`, without a command. \`--flag=value\` and \`--flag value\` are the same. Each flag that has an effect can be set by its variable, too; the command line wins.
Those of Helm Operator 1.4 keep their names and meanings; the others are ours (last column).

${table(['flag', 'variable', 'default', 'meaning', ''], [...rowsOf(active ?? []), VERSION_ROW, HELP_ROW])}

Without effect, accepted for old deployments; the log says so at the start:

${table(
  ['flag', 'why'],
  (ignored ?? []).map((flag) => [code(nameOf(flag)), flag.help]),
)}
`;
}

/** Flags of Helm Operator 1.4.4. Source: spec helm-operator.md §7.1. */
const ORIGINAL: ReadonlySet<string> = new Set([
  ...['kubeconfig', 'master', 'allow-namespace', 'workers', 'listen', 'log-format'],
  ...['charts-sync-interval', 'status-update-interval', 'log-release-diffs', 'update-chart-deps'],
  ...['git-timeout', 'git-poll-interval', 'git-default-ref', 'helm-repository-import'],
  'enabled-helm-versions',
]);
const VERSION_ROW = ['`--version`', '', '', 'print the version and end', ''];
const HELP_ROW = ['`-h, --help`', '', '', 'print the help and end', ''];

function rowsOf(rows: readonly OperatorFlag[]): readonly (readonly string[])[] {
  return rows.map((flag) => [
    code(nameOf(flag)),
    code(`HELM_OPERATOR_${flag.name.toUpperCase().replaceAll('-', '_')}`),
    code(flag.default),
    flag.help,
    ORIGINAL.has(flag.name) ? '' : 'ours',
  ]);
}

function nameOf({ name, short, value }: OperatorFlag): string {
  const head = short === undefined ? '' : `-${short}, `;
  return `${head}--${name}${value === undefined ? '' : ` ${value}`}`;
}

function environment(): string {
  const rows = ENVIRONMENT.map(({ names, help }) => [names.map(code).join(', '), help]);
  return `## Environment

Beside \`HELM_OPERATOR_<FLAG>\`:

${table(['variable', 'meaning'], rows)}
`;
}

function metrics(): string {
  const { types } = new Metrics();
  const rows = Object.values(METRICS).map((row) => {
    const labels: readonly string[] = 'labelNames' in row ? row.labelNames : [];
    return [code(row.name), types.get(row.name) ?? '', labels.map(code).join(', '), row.help];
  });
  return `## Metrics

At \`/metrics\`. Names and labels of Helm Operator 1.4 stay. Histograms count up to ${BUCKETS.join(', ')} seconds. \`success\` is \`true\` or \`false\`;
\`action\` is \`sync\` (a whole turn), \`install\`, \`upgrade\`, \`rollback\`, \`uninstall\`, \`test\`, \`resume\`, \`unlock\`, \`drift\` or \`drift-correction\`. Beside these the usual \`process_*\` and \`nodejs_*\` are there.

${table(['metric', 'type', 'labels', 'meaning'], rows)}

Worth an alert:

\`\`\`
flux_helm_operator_release_condition_info{condition="Released"} == -1        for 10m   a release failed
flux_helm_operator_release_condition_info{condition="RolledBack"} == 1                 one was rolled back
flux_helm_operator_release_queue_length_count > 0                            for 30m   too few --workers
\`\`\`
`;
}

function events(): string {
  const rows = Object.entries(EVENTS).map(([reason, { type, when, message }]) => [
    code(reason),
    type,
    when,
    code(message),
  ]);
  return `## Events

On the HelmRelease; the source is \`helm-operator\`. A turn that finds nothing to do tells nothing.

${table(['reason', 'type', 'when', 'message'], rows)}
`;
}

function http(): string {
  const rows = Object.entries(ROUTES).map(([path, { methods, about }]) => [
    code(path),
    methods,
    about,
  ]);
  return `## HTTP

On \`--listen\`. Everything else is 404; there are no profiles.

${table(['path', 'method', 'answer'], rows)}
`;
}

function exitCodes(): string {
  return `## Exit codes

${table(
  ['code', 'meaning'],
  Object.entries(EXIT_CODES).map(([number, meaning]) => [number, meaning]),
)}
`;
}
