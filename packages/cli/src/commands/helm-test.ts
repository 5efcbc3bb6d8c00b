// SPDX-License-Identifier: Apache-2.0

/** `helm test`. Source: helm v3.22.0 cmd/helm/release_testing.go. */

import {
  ActionError,
  type ReleaseRecord,
  readTestLogs,
  runTests,
  type TestOptions,
} from '@helm-operator/helm';
import { type Command, defineCommand } from '../command.ts';
import { durationFlag, listFlag, switchFlag } from '../flags/flag.ts';
import { patientFlag } from '../flags/install.ts';
import { waitPolicy } from '../flags/release-options.ts';
import { SETTINGS_FLAGS } from '../flags/settings.ts';
import { printNewRelease } from '../output/new-release.ts';
import { withReleases } from '../release-session.ts';

export const helmTest: Command = defineCommand({
  name: 'test',
  usage: '[RELEASE]',
  summary: "run a release's tests",
  args: { min: 1, max: 1 },
  flags: {
    ...SETTINGS_FLAGS,
    timeoutMs: durationFlag('timeout', 'time for each test', {
      initialMs: 300_000,
      shown: '5m0s',
    }),
    hasLogs: switchFlag('logs', 'print the logs of the test pods'),
    filters: listFlag('filter', 'run only name=NAME, or leave out !name=NAME'),
    isPatient: patientFlag(),
    areNotesHidden: switchFlag('hide-notes', 'do not print the notes'),
  },
  run: ({ flags, args: [name = ''] }, context) =>
    withReleases(flags, context, async (session) => {
      const { actions, identity } = session;
      const options: TestOptions = {
        profile: flags.profile,
        release: identity(name),
        timeoutMs: flags.timeoutMs,
        wait: waitPolicy(flags),
        hooks: {},
        ...readFilters(flags.filters),
        logs: flags.hasLogs ? new Map() : undefined,
      };
      const { record, failure } = await outcomeOf(() => runTests(options, actions));
      // Helm 4 never prints them here.
      const areNotesHidden = flags.areNotesHidden || flags.profile === 'helm4';
      const shown = { ...flags, areNotesHidden, output: 'table' } as const;
      await printNewRelease(record, shown, { session, context });
      if (flags.hasLogs) {
        context.stdout('\n');
        try {
          await readTestLogs(record, options, actions, (log) =>
            context.stdout(`POD LOGS: ${log.name}\n${log.text}\n`),
          );
        } catch (error) {
          // Helm 3 forgets that the tests failed.
          if (failure === undefined || flags.profile === 'helm3') throw error;
          const reason = error instanceof Error ? error.message : String(error);
          throw new AggregateError([failure, error], `${failure.message}\n${reason}`);
        }
      }
      if (failure !== undefined) throw failure;
      return 0;
    }),
});

interface Outcome {
  readonly record: ReleaseRecord;
  readonly failure?: ActionError;
}

/** A test that fails leaves a record to show. */
async function outcomeOf(run: () => Promise<ReleaseRecord>): Promise<Outcome> {
  try {
    return { record: await run() };
  } catch (error) {
    if (!(error instanceof ActionError)) throw error;
    return { record: error.record, failure: error };
  }
}

const EXCLUDED = /^![\t\n\f\r ]?name=/;

function readFilters(
  filters: readonly string[],
): Pick<TestOptions, 'includeNames' | 'excludeNames'> {
  const included = filters.filter((filter) => filter.startsWith('name='));
  const excluded = filters.filter((filter) => EXCLUDED.test(filter));
  return {
    includeNames: included.map((filter) => filter.slice('name='.length)),
    excludeNames: excluded.map((filter) => filter.replace(EXCLUDED, '')),
  };
}
