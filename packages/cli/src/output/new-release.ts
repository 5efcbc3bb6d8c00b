// SPDX-License-Identifier: Apache-2.0

import { type Profile, type ReleaseRecord, releaseValues } from '@helm-operator/helm';
import type { CliContext } from '../context.ts';
import type { ReleaseSession } from '../release-session.ts';
import type { Format } from './format.ts';
import { printRelease } from './release-status.ts';

interface NewReleaseFlags {
  readonly output: Format;
  readonly isDebug: boolean;
  readonly areNotesHidden: boolean;
  readonly profile: Profile;
}

/** What an action made. */
export async function printNewRelease(
  record: ReleaseRecord,
  { output, isDebug, areNotesHidden, profile }: NewReleaseFlags,
  { session, context }: { readonly session: ReleaseSession; readonly context: CliContext },
): Promise<void> {
  const { render, signal } = session.actions;
  const debug = isDebug
    ? { computed: await releaseValues(record, true, render, signal) }
    : undefined;
  const hasDescription = profile === 'helm4';
  printRelease(record, { format: output, context, profile, debug, hasDescription, areNotesHidden });
}
