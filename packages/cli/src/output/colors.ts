// SPDX-License-Identifier: Apache-2.0

import type { PlanLine } from '@helm-operator/helm';
import type { CliContext } from '../context.ts';

export type Tone = PlanLine['tone'];

/** Parameters of SGR sequences. */
const CODES: Readonly<Record<Tone, string>> = {
  title: '1',
  plain: '',
  added: '32',
  removed: '31',
  changed: '33',
  problem: '1;31',
  quiet: '2',
};

/** Lines in colours where a person looks at them; plain for files, pipes and NO_COLOR. */
export function paint(
  lines: readonly { readonly tone: Tone; readonly text: string }[],
  { terminal, env }: CliContext,
): string {
  const isPlain = !terminal.isOutput || (env.get('NO_COLOR') ?? '') !== '';
  return lines
    .map(({ tone, text }) => {
      const code = CODES[tone];
      return isPlain || code === '' ? `${text}\n` : `\u001b[${code}m${text}\u001b[0m\n`;
    })
    .join('');
}
