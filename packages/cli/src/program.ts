// SPDX-License-Identifier: Apache-2.0

/** The command tree. No subcommand runs the operator. */

import { Command, CommanderError, Option } from 'commander';
import { COMMAND_GROUPS } from './commands/index.ts';
import type { CliContext } from './context.ts';
import { OPERATOR_FLAGS } from './operator-flags.ts';
import { runOperatorCommand } from './run-operator-command.ts';

const SUMMARY = `Runs Helm releases as declared by HelmRelease objects.

Without a command it is the operator: it watches HelmReleases of helm.fluxcd.io/v1 and keeps their releases.`;

/** @returns the exit code */
export async function runProgram(args: readonly string[], context: CliContext): Promise<number> {
  let exitCode = 0;
  const program = new Command('helm-operator')
    .description(SUMMARY)
    .version(context.version, '--version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({ writeOut: context.stdout, writeErr: context.stderr });
  for (const { name, short, value, help, default: fallback } of OPERATOR_FLAGS) {
    const flags = `${short === undefined ? '' : `-${short}, `}--${name}${value === undefined ? '' : ` <${value}>`}`;
    const text = fallback === '' || value === undefined ? help : `${help} (default ${fallback})`;
    program.addOption(new Option(flags, text));
  }
  program.action(async () => {
    exitCode = await runOperatorCommand(givenFlags(program), context);
  });
  for (const { name, summary, commands } of COMMAND_GROUPS) {
    const group = program.command(name).description(summary);
    for (const command of commands) command.register(group, context);
  }
  for (const command of program.commands.flatMap((group) => [group, ...group.commands])) {
    command.exitOverride().configureOutput({ writeOut: context.stdout, writeErr: context.stderr });
  }
  try {
    await program.parseAsync([...args], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Help and version end like this, too.
    return error.exitCode === 0 ? 0 : 2;
  }
  return exitCode;
}

/** Flags of the command line, none of the defaults. */
function givenFlags(program: Command): Map<string, string> {
  const given = new Map<string, string>();
  for (const option of program.options) {
    const key = option.attributeName();
    if (program.getOptionValueSource(key) === 'cli')
      given.set(option.name(), String(program.getOptionValue(key)));
  }
  return given;
}
