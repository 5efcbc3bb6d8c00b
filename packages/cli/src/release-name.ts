// SPDX-License-Identifier: Apache-2.0

/** Which name and chart a command line means. Source: helm v3.22.0 pkg/action/install.go (NameAndChart). */

import { basename } from 'node:path';
import { renderNameTemplate } from '@helm-operator/chart';
import { nodeFunctionPorts } from '@helm-operator/helm';
import { type CliContext, UsageError } from './context.ts';
import type { NameFlags } from './flags/install.ts';

export interface NameAndChart {
  readonly name: string;
  readonly chart: string;
}

/**
 * @param fallback the name where none is given; absent: one must be given or made up
 * @throws {UsageError} with Helm's text
 */
export function nameAndChart(
  args: readonly string[],
  flags: NameFlags,
  { context, fallback }: { readonly context: CliContext; readonly fallback?: string },
): NameAndChart {
  const [first = '', second] = args;
  if (args.length > 2) {
    const rest = args.slice(2).join(', ');
    throw new UsageError(`expected at most two arguments, unexpected arguments: ${rest}`);
  }
  if (second !== undefined) {
    if (flags.mustGenerateName)
      throw new UsageError('cannot set --generate-name and also specify a name');
    if (flags.nameTemplate !== '')
      throw new UsageError('cannot set --name-template and also specify a name');
    return { name: first, chart: second };
  }
  if (flags.nameTemplate !== '') {
    const name = renderNameTemplate(flags.nameTemplate, {
      functions: nodeFunctionPorts({ localZone: context.env.get('TZ') ?? 'UTC' }),
      nowMs: () => performance.now(),
    });
    return { name, chart: first };
  }
  if (fallback !== undefined) return { name: fallback, chart: first };
  if (!flags.mustGenerateName)
    throw new UsageError('must either provide a name or specify --generate-name');
  return { name: generatedName(first), chart: first };
}

function generatedName(chart: string): string {
  const base = basename(chart) === '.' ? 'chart' : basename(chart);
  const stem = base.includes('.') ? base.slice(0, base.indexOf('.')) : base;
  return `${stem}-${Math.floor(Date.now() / 1000)}`;
}
