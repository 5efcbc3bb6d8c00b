// SPDX-License-Identifier: Apache-2.0

/** What is wrong in `crds/`; Helm 4 alone looks. Source: helm v4.2.1 pkg/chart/v2/lint/rules/crds.go. */

import { decodeUtf8 } from '@helm-operator/gocompat';
import { type Chart, crdsOf } from '../chart/chart.ts';
import { messageOf } from '../errors.ts';
import type { Finding } from './finding.ts';
import type { LintFolder } from './folder.ts';
import { readObjects } from './object-stream.ts';

const FOLDER = 'crds/';

export function lintCrds(folder: LintFolder): readonly Finding[] {
  if (folder.crds === 'absent') return [];
  if (folder.crds === 'file') return [problem(FOLDER, 'not a directory')];
  let chart: Chart;
  try {
    chart = folder.load();
  } catch (error) {
    return [problem(FOLDER, messageOf(error))];
  }
  const findings: Finding[] = [];
  for (const { file } of crdsOf(chart)) {
    const { name } = file;
    try {
      for (const head of readObjects(decodeUtf8(file.data), 'helm4')) {
        if (head === undefined) continue;
        if (!head.apiVersion.startsWith('apiextensions.k8s.io'))
          findings.push(problem(name, "apiVersion is not in 'apiextensions.k8s.io'"));
        if (head.kind !== 'CustomResourceDefinition')
          findings.push(problem(name, "object kind is not 'CustomResourceDefinition'"));
      }
    } catch (error) {
      // Helm looks at none of the others then.
      return [...findings, problem(name, `unable to parse YAML: ${messageOf(error)}`)];
    }
  }
  return findings;
}

function problem(path: string, message: string): Finding {
  return { severity: 'error', path, message };
}
