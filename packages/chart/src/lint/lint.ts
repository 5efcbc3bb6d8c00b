// SPDX-License-Identifier: Apache-2.0

import { lintChartFile } from './chart-file.ts';
import { lintCrds } from './crds.ts';
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
 * Source: helm v3.22.0 pkg/lint/lint.go (AllWithKubeVersionAndSchemaValidation); helm4: v4.2.1 pkg/chart/v2/lint/lint.go (RunAll)
 */
export function lintChart(folder: LintFolder, options: LintOptions): readonly Finding[] {
  return [
    ...lintChartFile(folder, options.profile),
    ...lintValuesFile(folder, options),
    ...lintTemplates(folder, options),
    ...lintDependencies(folder),
    ...(options.profile === 'helm4' ? lintCrds(folder) : []),
    ...(options.mustBeDeterministic === true ? lintDeterminism(folder, options) : []),
  ];
}
