// SPDX-License-Identifier: Apache-2.0

/** How much rendering may use up: `--limit NAME=VALUE`. Beyond Helm, which has no such limits. */

import { DEFAULT_BUDGET } from '@helm-operator/chart';
import { DEFAULT_HOST_LIMITS, type RenderHostLimits } from '@helm-operator/helm';
import type { Flag } from './flag.ts';

/** What each limit counts; the names stand in the errors. */
export const LIMITS = {
  steps: 'statements and calls of templates',
  elements: 'elements of lists and maps made by functions',
  outputBytes: 'bytes of text made by templates and functions',
  depth: 'templates inside one another',
  timeMs: 'milliseconds of one rendering',
  memoryMiB:
    'MiB of memory of the process that renders (not for `template`, which renders in its own)',
} as const;

type LimitName = keyof typeof LIMITS;

/** Those that are set. */
export type RenderLimits = Readonly<Partial<Record<LimitName, number>>>;

const NAMES = Object.keys(LIMITS) as readonly LimitName[];

/** @throws {Error} no such limit, or no number */
export function parseLimit(text: string, before: RenderLimits = {}): RenderLimits {
  const [given = '', number = '', ...rest] = text.split('=');
  const name = NAMES.find((known) => known === given);
  if (name === undefined || rest.length > 0) {
    throw new Error(`must be NAME=NUMBER, where NAME is ${NAMES.join(', ')}`);
  }
  const value = Number(number);
  if (!/^\d+$/.test(number) || value < 1 || !Number.isSafeInteger(value)) {
    throw new Error(`the limit ${name} must be a whole number of at least 1`);
  }
  return { ...before, [name]: value };
}

export const LIMIT_FLAGS: { readonly limits: Flag<RenderLimits> } = {
  limits: {
    name: 'limit',
    value: 'NAME=NUMBER',
    help: `what rendering may use up, by the name that stands in the error: ${NAMES.join(', ')}; can be repeated (beyond Helm)`,
    initial: () => ({}),
    parse: parseLimit,
  },
};

/** The limits of a render host. */
export function hostLimits({
  memoryMiB = DEFAULT_HOST_LIMITS.memoryLimitMiB,
  timeMs = DEFAULT_HOST_LIMITS.timeLimitMs,
  ...budget
}: RenderLimits): RenderHostLimits {
  return { memoryLimitMiB: memoryMiB, timeLimitMs: timeMs, budget };
}

/** The limits of a rendering in this process. */
export function budgetOf({ memoryMiB: _, ...budget }: RenderLimits): typeof DEFAULT_BUDGET {
  return { ...DEFAULT_BUDGET, ...budget };
}
