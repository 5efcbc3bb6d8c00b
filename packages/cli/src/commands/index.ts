// SPDX-License-Identifier: Apache-2.0

import type { Command as Commander } from 'commander';
import type { CliContext } from '../context.ts';

/** One command: adds itself to the tree. */
export interface CommandRegistration {
  register(program: Commander, context: CliContext, exit: (code: number) => void): void;
}

/** Every command, in the order of the help. */
export const COMMANDS: readonly CommandRegistration[] = [];
