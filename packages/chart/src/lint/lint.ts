// SPDX-License-Identifier: Apache-2.0

import { lintChartFile } from './chart-file.ts';
import { lintDependencies } from './dependencies.ts';
import { lintDeterminism } from './deterministic.ts';
import type { Finding } from './finding.ts';
import type { LintFolder } from './folder.ts';
import { lintTemplates, type TemplateLintOptions } from './templates.ts';
import { lintValuesFile } from './values-file.ts';

export interface LintOptions extends TemplateLintOptions {
  /** Beyond Helm: also tells what gives another result with each render. */
  readonly mustBeDeterministic?: boolean | undefined;
}

/**
 * Examines a chart for mistakes and for what is not recommended.
 *
 * Source: helm v3.22.0 pkg/lint/lint.go (AllWithKubeVersionAndSchemaValidation)
 */
export function lintChart(folder: LintFolder, options: LintOptions): readonly Finding[] {
  return [
    ...lintChartFile(folder),
    ...lintValuesFile(folder, options.values),
    ...lintTemplates(folder, options),
    ...lintDependencies(folder),
    ...(options.mustBeDeterministic === true ? lintDeterminism(folder, options) : []),
  ];
}
