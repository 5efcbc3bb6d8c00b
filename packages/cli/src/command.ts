// SPDX-License-Identifier: Apache-2.0

/** Commands as data: what they are called, take and do. */

import type { CliContext } from './context.ts';
import type { FlagTable, FlagValues } from './flags/flag.ts';

/** How many arguments a command takes. */
export interface ArgsRule {
  readonly min: number;
  /** Absent: any number. */
  readonly max?: number;
}

export interface CommandCall<F extends FlagTable> {
  readonly flags: FlagValues<F>;
  readonly args: readonly string[];
  /** Whether a flag stood on the command line. */
  readonly isGiven: (key: keyof F & string) => boolean;
}

export interface CommandSpec<F extends FlagTable> {
  readonly name: string;
  readonly aliases?: readonly string[];
  /** What stands behind the name: `RELEASE_NAME`. */
  readonly usage: string;
  readonly summary: string;
  /** More lines for the help. */
  readonly details?: string;
  readonly args: ArgsRule;
  readonly flags: F;
  /** @returns the exit code; nothing is 0 */
  run(call: CommandCall<F>, context: CliContext): Promise<number | undefined>;
}

/** A command whose flags are nobody else's business. */
export interface Command extends CommandSpec<FlagTable> {
  readonly kind: 'command';
}

/** A word before commands. */
export interface CommandGroup {
  readonly kind: 'group';
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly summary: string;
  readonly details?: string;
  readonly children: readonly (Command | CommandGroup)[];
  /** Flags that may stand before the command's name. */
  readonly flags: FlagTable;
  /** What runs without a command; absent: the help is printed. */
  readonly own?: Command;
  /** Error texts name its commands without what stands before: `helm install`, as users of Helm know them. */
  readonly isProgram?: boolean;
}

export function defineCommand<F extends FlagTable>(spec: CommandSpec<F>): Command {
  return { ...spec, kind: 'command' };
}
