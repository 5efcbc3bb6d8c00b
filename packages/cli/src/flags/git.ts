// SPDX-License-Identifier: Apache-2.0

/** The flags that say which chart of a Git repository is meant, and who asks for it. */

import { type Flag, type FlagValues, textFlag } from './flag.ts';

export const GIT_FLAGS: {
  readonly path: Flag<string>;
  readonly ref: Flag<string>;
  readonly identityFile: Flag<string>;
  readonly knownHosts: Flag<string>;
} = {
  path: textFlag('path', 'folder of the chart in a Git repository; makes the URL one of Git'),
  ref: textFlag('ref', 'branch, tag or commit of a Git repository; absent: the default branch'),
  identityFile: textFlag('identity-file', 'private key for Git over SSH; absent: the agent'),
  knownHosts: textFlag(
    'known-hosts',
    'keys of hosts for Git over SSH; absent: .ssh/known_hosts in the home folder',
  ),
};

export type GitFlags = FlagValues<typeof GIT_FLAGS>;
