// SPDX-License-Identifier: Apache-2.0

import { type ChartFile, ignoreRules } from '@helm-operator/chart';

/** The files of a chart's folder that its `.helmignore` does not leave out: what Helm loads of a folder. */
export function keptFiles(files: readonly ChartFile[]): ChartFile[] {
  const rules = files.find(({ name }) => name === '.helmignore');
  const isIgnored = ignoreRules(rules === undefined ? '' : Buffer.from(rules.data).toString());
  return files.filter(({ name }) => {
    const folders = name.split('/').slice(0, -1);
    const isInside = folders.some((_, depth) =>
      isIgnored(folders.slice(0, depth + 1).join('/'), true),
    );
    return !isInside && !isIgnored(name, false);
  });
}
