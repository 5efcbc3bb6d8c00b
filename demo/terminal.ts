// SPDX-License-Identifier: Apache-2.0

/** What the demo shows: headings, indented lines, and a line that appears only when it has changed. */

import { styleText } from 'node:util';

export function heading(text: string): void {
  process.stdout.write(`\n${styleText('bold', text)}\n`);
}

export function line(text: string): void {
  process.stdout.write(`  ${text.replaceAll('\n', '\n  ')}\n`);
}

export function good(text: string): void {
  line(`${styleText('green', '✓')} ${text}`);
}

export function bad(text: string): void {
  line(`${styleText('red', '✗')} ${text}`);
}

/** Prints a text with the time since the start, once, until it changes. */
export class LiveLine {
  readonly #startedMs = Date.now();
  #last = '';

  show(text: string): void {
    if (text === this.#last || text === '') return;
    this.#last = text;
    const seconds = ((Date.now() - this.#startedMs) / 1000).toFixed(1).padStart(5);
    line(`${styleText('dim', `${seconds} s`)}  ${text}`);
  }
}
