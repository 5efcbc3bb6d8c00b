// SPDX-License-Identifier: Apache-2.0

export type { Command, CommandGroup } from './command.ts';
export { PROGRAM } from './commands/index.ts';
export { type CliContext, UsageError } from './context.ts';
export { EXIT_CODES } from './exit-codes.ts';
export { printReference } from './help.ts';
export { OPERATOR_FLAGS, type OperatorFlag } from './operator-flag-table.ts';
export { runProgram } from './program.ts';
