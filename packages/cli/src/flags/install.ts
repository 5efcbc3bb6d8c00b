// SPDX-License-Identifier: Apache-2.0

/** The flags that `helm install`, `helm upgrade` and `helm template` have in common. Source: helm v3.22.0 cmd/helm/install.go, flags.go. */

import { quote } from '@helm-operator/gocompat';
import type { Profile } from '@helm-operator/helm';
import { UsageError } from '../context.ts';
import {
  durationFlag,
  type Flag,
  type FlagValues,
  mapFlag,
  switchFlag,
  textFlag,
  textsFlag,
} from './flag.ts';
import { LIMIT_FLAGS } from './limits.ts';
import { HELM4_FLAGS, ROLLBACK_FLAG, type WaitChoice, waitFlag } from './profile.ts';

/** Beyond Helm: ours gives up where waiting cannot help. */
export function patientFlag(): Flag<boolean> {
  return switchFlag(
    'wait-patiently',
    'wait as long as --timeout even when waiting cannot help, as Helm does (beyond Helm)',
  );
}

/** How a release is made, whether for the first time or again. */
export const RELEASE_FLAGS: {
  readonly mustCreateNamespace: Flag<boolean>;
  readonly dryRun: Flag<string>;
  readonly mustForce: Flag<boolean>;
  readonly hasNoHooks: Flag<boolean>;
  readonly timeoutMs: Flag<number>;
  readonly wait: Flag<WaitChoice>;
  readonly mustWaitForJobs: Flag<boolean>;
  readonly isPatient: Flag<boolean>;
  readonly description: Flag<string>;
  readonly mustUpdateDependencies: Flag<boolean>;
  readonly isUnvalidated: Flag<boolean>;
  readonly isAtomic: Flag<boolean>;
  readonly mustSkipCrds: Flag<boolean>;
  readonly mustRenderSubchartNotes: Flag<boolean>;
  readonly mustSkipSchemaValidation: Flag<boolean>;
  readonly labels: Flag<ReadonlyMap<string, string>>;
  readonly canResolveDns: Flag<boolean>;
  readonly areNotesHidden: Flag<boolean>;
  readonly mustTakeOwnership: Flag<boolean>;
} & typeof HELM4_FLAGS &
  typeof ROLLBACK_FLAG &
  typeof LIMIT_FLAGS = {
  ...HELM4_FLAGS,
  ...ROLLBACK_FLAG,
  ...LIMIT_FLAGS,
  mustCreateNamespace: switchFlag('create-namespace', "create the release's namespace if absent"),
  dryRun: textFlag(
    'dry-run',
    'change nothing: `client` (also without a value) renders without asking the cluster, `server` lets templates look things up',
    { bare: 'client' },
  ),
  mustForce: switchFlag('force', 'replace objects instead of patching them'),
  hasNoHooks: switchFlag('no-hooks', 'run no hooks'),
  timeoutMs: durationFlag('timeout', 'time for each wait, such as for the Job of a hook', {
    initialMs: 300_000,
    shown: '5m0s',
  }),
  wait: waitFlag('wait until the objects are ready, as long as --timeout'),
  mustWaitForJobs: switchFlag('wait-for-jobs', 'with --wait: until Jobs are complete, too'),
  isPatient: patientFlag(),
  description: textFlag('description', "description for the release's record"),
  mustUpdateDependencies: switchFlag('dependency-update', 'fetch missing dependencies first'),
  isUnvalidated: switchFlag(
    'disable-openapi-validation',
    'do not let the API server validate the fields of manifests',
  ),
  isAtomic: switchFlag('atomic', 'undo everything when it fails; implies --wait'),
  mustSkipCrds: switchFlag('skip-crds', "leave the chart's CRDs alone"),
  mustRenderSubchartNotes: switchFlag('render-subchart-notes', 'notes of subcharts, too'),
  mustSkipSchemaValidation: switchFlag(
    'skip-schema-validation',
    'do not check values against schemas',
  ),
  labels: mapFlag('labels', "labels for the release's record", { short: 'l' }),
  canResolveDns: switchFlag('enable-dns', 'templates may look up host names'),
  areNotesHidden: switchFlag('hide-notes', 'do not print the notes'),
  mustTakeOwnership: switchFlag('take-ownership', 'adopt objects of other owners'),
};

/** How the name of a new release is found. */
export const NAME_FLAGS: {
  readonly mustGenerateName: Flag<boolean>;
  readonly nameTemplate: Flag<string>;
  readonly canReplace: Flag<boolean>;
} = {
  mustGenerateName: switchFlag('generate-name', 'make up a name; none is given then', {
    short: 'g',
  }),
  nameTemplate: textFlag('name-template', 'template that gives the name'),
  canReplace: switchFlag('replace', 'use the name of an uninstalled or failed release again'),
};

/** A program or plugin that changes what was rendered. */
export const POST_RENDERER_FLAGS: {
  readonly postRenderer: Flag<string>;
  readonly postRendererArgs: Flag<readonly string[]>;
} = {
  postRenderer: {
    ...textFlag(
      'post-renderer',
      'what gets the manifest and prints a new one: a program (Helm 3), the name of a plugin (Helm 4)',
      { value: 'postRendererString' },
    ),
    parse: (text, before = '') => {
      if (text !== '' && before !== '') {
        throw new Error('cannot specify --post-renderer flag more than once');
      }
      return text === '' ? before : text;
    },
  },
  postRendererArgs: textsFlag('post-renderer-args', 'argument for it; can be repeated', {
    value: 'postRendererArgsSlice',
  }),
};

export type ReleaseFlags = FlagValues<typeof RELEASE_FLAGS>;
export type NameFlags = FlagValues<typeof NAME_FLAGS>;
export type PostRendererFlags = FlagValues<typeof POST_RENDERER_FLAGS>;

export type DryRun = 'none' | 'client' | 'server';

const DRY_RUNS: ReadonlyMap<string, DryRun> = new Map([
  ['', 'none'],
  ['false', 'none'],
  ['none', 'none'],
  ['true', 'client'],
  ['client', 'client'],
  ['server', 'server'],
]);

/** @throws {UsageError} with Helm's text */
export function readDryRun(text: string, profile: Profile = 'helm3'): DryRun {
  const dryRun = DRY_RUNS.get(text);
  if (dryRun === undefined) {
    if (profile === 'helm4') {
      throw new UsageError(
        `invalid dry-run value (${quote(text)}). Must be "none", "server", or "client"`,
      );
    }
    throw new UsageError(
      'Invalid dry-run flag. Flag must one of the following: false, true, none, client, server',
    );
  }
  return dryRun;
}
