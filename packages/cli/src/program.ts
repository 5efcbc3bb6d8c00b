// SPDX-License-Identifier: Apache-2.0

/** Finds the command that a line means, reads its flags and runs it. Source: spf13/cobra v1.10 command.go (Find, legacyArgs). */

import { quote } from '@helm-operator/gocompat';
import type { Command, CommandGroup } from './command.ts';
import { PROGRAM } from './commands/index.ts';
import { type CliContext, UsageError } from './context.ts';
import { EXIT } from './exit-codes.ts';
import { commandPlace, parseFlags } from './flags/parse.ts';
import { flagHint } from './flags/unknown.ts';
import { printHelp, usageLine } from './help.ts';
import { nearNames } from './near-names.ts';
import { printFailure } from './output/failure.ts';

/** A command or group, and the words that led to it. */
interface Found {
  readonly node: Command | CommandGroup;
  /** All words: `helm-operator helm list`. */
  readonly path: string;
  /** As error texts say it: `helm list`. */
  readonly shortPath: string;
  /** What is left of the line. */
  readonly words: readonly string[];
}

/**
 * Runs what a line means and prints what went wrong.
 *
 * @returns the exit code: 0, 1 for a failure, 2 for wrong flags of the operator itself, or what the command says
 */
export async function runProgram(words: readonly string[], context: CliContext): Promise<number> {
  try {
    return await runLine(words, context);
  } catch (error) {
    context.stderr(printFailure(error));
    if (!(error instanceof UsageError) || !isOperator(words)) return EXIT.failed;
    context.stderr(flagHint(error.message, Object.values(PROGRAM.own?.flags ?? PROGRAM.flags)));
    return EXIT.wrongFlags;
  }
}

/** A line of flags alone, without any command. */
function isOperator(line: readonly string[]): boolean {
  const { node, words } = findCommand(PROGRAM, line);
  if (node !== PROGRAM) return false;
  return commandPlace(words, PROGRAM.own?.flags ?? PROGRAM.flags) < 0;
}

async function runLine(words: readonly string[], context: CliContext): Promise<number> {
  const found = findCommand(PROGRAM, words);
  const { node } = found;
  if (asksForHelp(found)) return await runLine([...withoutHelpWord(words), '--help'], context);
  if (node.kind === 'command') return await runCommand(node, found, context);
  const place = commandPlace(found.words, node.flags);
  if (place >= 0 && (node === PROGRAM || node.isProgram === true))
    throw unknownCommand(found, place);
  const mustHelp = found.words.some((word) => word === '--help' || word === '-h');
  if (node.own !== undefined && !mustHelp) return await runCommand(node.own, found, context);
  parseFlags(node.flags, found.words, context.env);
  context.stdout(printHelp(node, found.path));
  return 0;
}

/** `helm-operator help get`, `helm-operator helm help template`. */
function asksForHelp({ node, words }: Found): boolean {
  return (
    node.kind === 'group' && (node === PROGRAM || node.isProgram === true) && words[0] === 'help'
  );
}

function withoutHelpWord(words: readonly string[]): readonly string[] {
  return words.toSpliced(words.indexOf('help'), 1);
}

function findCommand(root: CommandGroup, line: readonly string[]): Found {
  let found: Found = { node: root, path: root.name, shortPath: root.name, words: line };
  for (;;) {
    const { node, path, shortPath, words } = found;
    if (node.kind === 'command') return found;
    const place = commandPlace(words, node.own?.flags ?? node.flags);
    const word = words[place];
    const child = node.children.find(
      ({ name, aliases = [] }) => word !== undefined && (name === word || aliases.includes(word)),
    );
    if (child === undefined) return found;
    const isProgram = child.kind === 'group' && child.isProgram === true;
    found = {
      node: child,
      path: `${path} ${child.name}`,
      shortPath: isProgram ? child.name : `${shortPath} ${child.name}`,
      words: words.toSpliced(place, 1),
    };
  }
}

async function runCommand(command: Command, found: Found, context: CliContext): Promise<number> {
  const parsed = parseFlags(command.flags, found.words, context.env);
  if (parsed.mustHelp) {
    context.stdout(printHelp(found.node, found.path));
    return 0;
  }
  for (const warning of parsed.warnings) context.stderr(`${warning}\n`);
  checkArgs(command, parsed.args, found.shortPath);
  const code = await command.run(
    { flags: parsed.values, args: parsed.args, isGiven: (key) => parsed.given.has(key) },
    context,
  );
  return code ?? EXIT.good;
}

/** Source: helm v3.22.0 cmd/helm/require/args.go. */
function checkArgs(command: Command, args: readonly string[], path: string): void {
  const { min, max } = command.args;
  const wrong = (rule: string) =>
    new UsageError(`${quote(path)} ${rule}\n\nUsage:  ${usageLine(command, path)}`);
  const counted = (count: number) => `${count} ${count === 1 ? 'argument' : 'arguments'}`;
  if (max === 0 && args.length > 0) throw wrong('accepts no arguments');
  if (min === max && args.length !== min) throw wrong(`requires ${counted(min)}`);
  if (args.length < min) throw wrong(`requires at least ${counted(min)}`);
  if (max !== undefined && args.length > max) throw wrong(`accepts at most ${counted(max)}`);
}

function unknownCommand({ node, shortPath, words }: Found, place: number): UsageError {
  const word = words[place] ?? '';
  const children = node.kind === 'group' ? node.children : [];
  const near = nearNames(
    word,
    children.map(({ name }) => name),
  );
  const hint =
    near.length === 0
      ? ''
      : `\n\nDid you mean this?\n${near.map((name) => `\t${name}\n`).join('')}`;
  return new UsageError(
    `unknown command ${quote(word)} for ${quote(shortPath)}${hint}\nRun '${shortPath} --help' for usage.`,
  );
}
