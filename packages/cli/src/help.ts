// SPDX-License-Identifier: Apache-2.0

/** What `--help` prints, and the reference of all commands. */

import type { Command, CommandGroup } from './command.ts';
import type { Flag, FlagTable } from './flags/flag.ts';

/** @param path the words that lead to it: `helm-operator helm list` */
export function printHelp(node: Command | CommandGroup, path: string): string {
  const about = node.details === undefined ? node.summary : `${node.summary}\n\n${node.details}`;
  const sections = [about, `Usage:\n  ${usageLine(node, path)}`];
  if (node.aliases !== undefined)
    sections.push(`Aliases:\n  ${[node.name, ...node.aliases].join(', ')}`);
  if (node.kind === 'group') {
    const rows = node.children.map(({ name, summary }) => [name, summary] as const);
    sections.push(`Commands:\n${columns(rows)}`);
  }
  const flags = node.kind === 'group' ? (node.own?.flags ?? node.flags) : node.flags;
  sections.push(`Flags:\n${columns([...flagRows(flags), ['-h, --help', 'print this help']])}`);
  return `${sections.join('\n\n')}\n`;
}

export function usageLine(node: Command | CommandGroup, path: string): string {
  if (node.kind === 'group') return `${path} COMMAND [flags]`;
  return [path, node.usage, '[flags]'].filter((part) => part !== '').join(' ');
}

function flagRows(flags: FlagTable): readonly (readonly [string, string])[] {
  return sorted(flags).map((flag) => [flagName(flag), flagHelp(flag)]);
}

function sorted(flags: FlagTable): readonly Flag<unknown>[] {
  return Object.values(flags).toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function flagName({ name, short, value }: Flag<unknown>): string {
  const head = short === undefined ? '    ' : `-${short}, `;
  return `${head}--${name}${value === undefined ? '' : ` ${value}`}`;
}

function flagHelp({ help, shownDefault, deprecated }: Flag<unknown>): string {
  const suffix = shownDefault === undefined ? '' : ` (default ${shownDefault})`;
  return `${help}${suffix}${deprecated === undefined ? '' : ` (DEPRECATED: ${deprecated})`}`;
}

function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length)) + 3;
  return rows.map(([left, right]) => `  ${left.padEnd(width)}${right}`).join('\n');
}

/** The reference of a tree of commands, in Markdown. */
export function printReference(root: CommandGroup): string {
  const sections: string[] = [];
  const walk = (node: Command | CommandGroup, path: string) => {
    sections.push(section(node, path));
    if (node.kind === 'group')
      for (const child of node.children) walk(child, `${path} ${child.name}`);
  };
  walk(root, root.name);
  return `# Command line\n\n<!-- Made by \`node scripts/generate-cli-reference.ts\`; a test compares it with the commands. -->\n\n${sections.join('\n')}`;
}

function section(node: Command | CommandGroup, path: string): string {
  const lines = [`## \`${path}\``, '', node.summary, ''];
  if (node.details !== undefined) lines.push(node.details, '');
  lines.push('```', usageLine(node, path), '```', '');
  if (node.aliases !== undefined)
    lines.push(`Also: ${node.aliases.map((name) => `\`${name}\``).join(', ')}.`, '');
  const flags = node.kind === 'group' ? (node.own?.flags ?? {}) : node.flags;
  const rows = sorted(flags);
  if (rows.length === 0) return lines.join('\n');
  lines.push('| flag | |', '|---|---|');
  for (const flag of rows)
    lines.push(
      `| \`${flagName(flag).trim().replaceAll('|', '\\|')}\` | ${flagHelp(flag).replaceAll('|', '\\|')} |`,
    );
  lines.push('');
  return lines.join('\n');
}
