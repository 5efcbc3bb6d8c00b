// SPDX-License-Identifier: Apache-2.0

import { getReleases } from './get-releases.ts';
import { helmHistory } from './helm-history.ts';
import { helmList } from './helm-list.ts';
import { helmTemplate } from './helm-template.ts';
import type { CommandRegistration } from './registration.ts';

/** A word before commands, with what the help says of it. */
export interface CommandGroup {
  readonly name: string;
  readonly summary: string;
  readonly commands: readonly CommandRegistration[];
}

/** Every command, in the order of the help. */
export const COMMAND_GROUPS: readonly CommandGroup[] = [
  { name: 'get', summary: 'show HelmReleases', commands: [getReleases] },
  {
    name: 'helm',
    summary: "Helm's commands, without Helm",
    commands: [helmTemplate, helmList, helmHistory],
  },
];
