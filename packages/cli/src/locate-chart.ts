// SPDX-License-Identifier: Apache-2.0

/** The chart that a command line names. Source: helm v3.22.0 pkg/action/install.go (LocateChart). */

import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { quote } from '@helm-operator/gocompat';
import { verifyChartFile } from '@helm-operator/helm';
import { downloadIntoCache, type SourceFlags } from './chart-download.ts';
import { type CliContext, UsageError } from './context.ts';
import { keyringPath } from './flags/keyring.ts';

/**
 * Where the chart of a command line lies; one that is not on disk is downloaded into Helm's cache.
 *
 * @returns an absolute path
 * @throws {UsageError} with Helm's text @throws {FetchError} @throws {SourceError} it cannot be had
 */
export async function locateChart(
  given: string,
  flags: SourceFlags,
  context: CliContext,
): Promise<string> {
  const name = given.trim();
  const path = resolve(context.folder, name);
  if ((await stat(path).catch(() => undefined)) !== undefined) {
    if (flags.mustVerify)
      await verifyChartFile(path, keyringPath(flags.keyring, context), Date.now());
    return path;
  }
  if (name.startsWith('/') || name.startsWith('.'))
    throw new UsageError(`path ${quote(name)} not found`);
  return await downloadIntoCache(name, flags, context);
}
