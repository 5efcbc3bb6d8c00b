// SPDX-License-Identifier: Apache-2.0

/** What an action waits for: drawn over and over on a terminal, a line now and then elsewhere. */

import { formatDuration } from '@helm-operator/gocompat';
import { printedRef, type WaitListener, type WaitProgress } from '@helm-operator/helm';
import type { CliContext } from '../context.ts';

/** What a listener needs of the world. */
type Output = Pick<CliContext, 'stderr' | 'terminal'>;

export function waitListener(context: Output): WaitListener {
  return context.terminal.isErrors ? liveListener(context) : plainListener(context);
}

/** Scripts that read what Helm prints see nothing of a wait that is over before. In milliseconds. */
const QUIET_MS = 10_000;

/** One line for each news, once a wait takes long. */
function plainListener({ stderr }: Output): WaitListener {
  return {
    progress: (progress) => {
      if (progress.elapsedMs < QUIET_MS) return;
      const [first, ...more] = progress.pending;
      const rest = more.length === 0 ? '' : `, and ${progress.total - progress.done - 1} more`;
      const what = first === undefined ? '' : `: ${printedRef(first.ref)}: ${first.message}${rest}`;
      stderr(`${headOf(progress)}${what}\n`);
    },
  };
}

/** A block of lines in place of the one before. */
function liveListener({ stderr, terminal }: Output): WaitListener {
  let drawn = 0;
  const erase = () => (drawn === 0 ? '' : `\u001b[${drawn}A\u001b[0J`);
  return {
    progress: (progress) => {
      const rows = [
        headOf(progress),
        ...progress.pending.map(({ ref, message }) => `  ${printedRef(ref)}: ${message}`),
      ].map((row) => cut(row, terminal.columns));
      stderr(`${erase()}${rows.join('\n')}\n`);
      drawn = rows.length;
    },
    ended: () => {
      stderr(erase());
      drawn = 0;
    },
  };
}

/** A row that is wrapped could not be drawn over. */
function cut(row: string, columns: number): string {
  const line = row.replaceAll('\n', ' ');
  return line.length < columns ? line : `${line.slice(0, Math.max(0, columns - 2))}…`;
}

const PURPOSES: Readonly<Record<WaitProgress['purpose'], string>> = {
  ready: 'to be ready',
  hook: 'to end',
  deletion: 'to be gone',
};

function headOf({ purpose, total, done, elapsedMs, timeoutMs }: WaitProgress): string {
  const limit = Number.isFinite(timeoutMs) ? ` of ${printTime(timeoutMs)}` : '';
  const objects = total === 1 ? 'object' : 'objects';
  return `waiting for ${total - done} of ${total} ${objects} ${PURPOSES[purpose]} (${printTime(elapsedMs)}${limit})`;
}

function printTime(ms: number): string {
  return formatDuration(BigInt(Math.round(ms / 1000)) * 1_000_000_000n);
}
