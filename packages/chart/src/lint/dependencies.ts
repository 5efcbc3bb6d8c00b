// SPDX-License-Identifier: Apache-2.0

/** What is wrong between Chart.yaml and `charts/`. Source: helm v3.22.0 pkg/lint/rules/dependencies.go. */

import type { Chart } from '../chart/chart.ts';
import { messageOf } from '../errors.ts';
import type { Finding, Severity } from './finding.ts';
import type { LintFolder } from './folder.ts';

export function lintDependencies(folder: LintFolder): readonly Finding[] {
  let chart: Chart;
  try {
    chart = folder.load();
  } catch (error) {
    const message = `unable to load chart\n\t${messageOf(error)}`;
    return [{ severity: 'error', path: '', message }];
  }
  const wanted = chart.metadata.dependencies ?? [];
  const wantedNames = new Set(wanted.map(({ name }) => name));
  const there = chart.dependencies.map(({ metadata }) => metadata.name);
  const found = (severity: Severity, what: string, names: readonly string[]): Finding[] =>
    names.length === 0
      ? []
      : [{ severity, path: folder.path, message: `${what}: ${names.join(',')}` }];
  return [
    ...found(
      'error',
      'chart metadata is missing these dependencies',
      there.filter((name) => !wantedNames.has(name)),
    ),
    ...found(
      'error',
      'multiple dependencies with name or alias',
      repeated(wanted.map(({ name, alias }) => (alias === '' ? name : alias))),
    ),
    ...found(
      'warning',
      'chart directory is missing these dependencies',
      wanted.map(({ name }) => name).filter((name) => !there.includes(name)),
    ),
  ];
}

function repeated(names: readonly string[]): readonly string[] {
  return names.filter((name, i) => names.indexOf(name) < i);
}
