// SPDX-License-Identifier: Apache-2.0

/** Pieces of the pages that are made from tables in the code. */

/** First lines of a page that nobody should edit. */
export function pageHead(title: string): string {
  return `# ${title}\n\n<!-- Made by \`node scripts/generate-references.ts\`; a test compares it with the code. -->\n`;
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}

export function code(text: string): string {
  return text === '' ? '' : `\`${text}\``;
}
