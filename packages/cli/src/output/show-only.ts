// SPDX-License-Identifier: Apache-2.0

import { type Profile, splitManifests } from '@helm-operator/chart';
import { matchPath } from '@helm-operator/gocompat';
import { UsageError } from '../context.ts';

const SOURCE = /# Source: [^/\n]+\/(.+)/;

/**
 * The documents of the templates that were asked for.
 *
 * Source: helm v3.22.0 cmd/helm/template.go
 * @param patterns paths inside the chart; `*` and `?` stand for parts of a name
 * @throws {UsageError} with Helm's text: a pattern finds nothing
 */
export function onlyShown(text: string, patterns: readonly string[], profile: Profile): string {
  const documents = splitManifests(text, profile);
  const shown = patterns.flatMap((pattern) => {
    const found = documents.filter((document) => isFrom(document, pattern));
    if (found.length === 0) throw new UsageError(`could not find template ${pattern} in chart`);
    return found;
  });
  return shown.map((document) => `---\n${document}\n`).join('');
}

function isFrom(document: string, pattern: string): boolean {
  const path = SOURCE.exec(document)?.[1];
  try {
    return path !== undefined && matchPath(pattern, path);
  } catch {
    return false;
  }
}
