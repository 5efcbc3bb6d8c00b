// SPDX-License-Identifier: Apache-2.0

/** What to do about a flag that the operator does not know. */

import { nearNames } from '../near-names.ts';

/** Flags that Helm Operator itself dropped before 1.0 → what took their place. Source: spec helm-operator.md §7.1. */
const DROPPED: ReadonlyMap<string, string> = new Map([
  ['git-url', 'each HelmRelease names its repository: chart.git'],
  ['git-charts-path', 'each HelmRelease names the path of its chart: chart.path'],
  ['git-branch', 'each HelmRelease names it: chart.ref; the default is --git-default-ref'],
  ['queue-worker-count', 'it is --workers now'],
  ['chart-sync-timeout', 'it is --git-timeout now'],
]);

/** Lines to print below an error; empty: it is not about an unknown flag. */
export function flagHint(message: string, flags: readonly { readonly name: string }[]): string {
  const [, name] = /^unknown flag: --(\S+)$/.exec(message) ?? [];
  if (name === undefined) return '';
  const dropped = DROPPED.get(name);
  if (dropped !== undefined) return `Helm Operator dropped it before 1.0: ${dropped}\n`;
  const near = nearNames(
    name,
    flags.map((flag) => flag.name),
  ).map((flag) => `--${flag}`);
  const meant = near.length === 0 ? '' : `Did you mean ${near.join(' or ')}?\n`;
  return `${meant}Run 'helm-operator --help' for all flags.\n`;
}
