// SPDX-License-Identifier: Apache-2.0

/** How `helm template` fails. Source: helm v3.22.0 cmd/helm/template.go. */

import { ChartError } from '@helm-operator/chart';
import { isHelmError } from '@helm-operator/helm';
import { type CliContext, UsageError } from '../context.ts';

/** Where Helm already has a release to show. */
const AFTER_VALUES: readonly string[] = [
  'chart/kube-version',
  'chart/render',
  'chart/manifest',
  'chart/post-render',
];

/** What a failed rendering left. */
interface Failure {
  readonly code: string;
  /** Rendered files that are no objects, by path. */
  readonly files: ReadonlyMap<string, string>;
}

/**
 * The error as Helm tells it. With `--debug`, prints what could not be made into objects.
 *
 * @param files what was rendered here, by path
 */
export function templateFailure(
  error: unknown,
  files: ReadonlyMap<string, string> | undefined,
  { isDebug, context }: { readonly isDebug: boolean; readonly context: CliContext },
): unknown {
  const failure = failureOf(error, files);
  if (failure === undefined || !(error instanceof Error)) return error;
  if (!isDebug) {
    return new UsageError(`${error.message}\n\nUse --debug flag to render out invalid YAML`, {
      cause: error,
    });
  }
  context.stdout(`${printFiles(failure).trim()}\n`);
  return error;
}

/** @returns `undefined` for an error that Helm meets before it renders, or after */
function failureOf(error: unknown, files?: ReadonlyMap<string, string>): Failure | undefined {
  if (error instanceof ChartError) {
    return AFTER_VALUES.includes(error.code)
      ? { code: error.code, files: files ?? new Map() }
      : undefined;
  }
  if (!isHelmError(error, 'helm/render')) return undefined;
  const { code, files: left } = error.cause as HostCause;
  if (code === undefined) return { code: 'chart/post-render', files: new Map() };
  return AFTER_VALUES.includes(code) ? { code, files: new Map(left) } : undefined;
}

/** What the render host tells of its failure. */
interface HostCause {
  readonly code?: string | undefined;
  readonly files?: readonly (readonly [string, string])[] | undefined;
}

function printFiles({ code, files }: Failure): string {
  if (code !== 'chart/manifest') return '';
  return [...files]
    .filter(([, text]) => text.trim() !== '')
    .map(([path, text]) => `---\n# Source: ${path}\n${text}\n`)
    .join('');
}
