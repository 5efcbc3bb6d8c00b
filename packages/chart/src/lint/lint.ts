// SPDX-License-Identifier: Apache-2.0

import { lintChartFile } from './chart-file.ts';
import { lintDependencies } from './dependencies.ts';
import type { Finding } from './finding.ts';
import type { LintFolder } from './folder.ts';
import { lintTemplates, type TemplateLintOptions } from './templates.ts';
import { lintValuesFile } from './values-file.ts';

/**
 * Examines a chart for mistakes and for what is not recommended.
 *
 * Source: helm v3.22.0 pkg/lint/lint.go (AllWithKubeVersionAndSchemaValidation)
 */
export function lintChart(folder: LintFolder, options: TemplateLintOptions): readonly Finding[] {
  return [
    ...lintChartFile(folder),
    ...lintValuesFile(folder, options.values),
    ...lintTemplates(folder, options),
    ...lintDependencies(folder),
  ];
}
