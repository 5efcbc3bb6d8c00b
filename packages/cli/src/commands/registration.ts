// SPDX-License-Identifier: Apache-2.0

import type { Command } from 'commander';
import type { CliContext } from '../context.ts';

/** One command: adds itself to its group. */
export interface CommandRegistration {
  register(group: Command, context: CliContext): void;
}
