// SPDX-License-Identifier: Apache-2.0

import type { HookEvent, OperationMark } from './record.ts';

/** The annotation that says who runs an operation. Helm drops it when it writes the record. */
export const MARK_ANNOTATION = 'helm-operator.dev/operation';

export function markToText(mark: OperationMark): string {
  return JSON.stringify(mark);
}

/** @returns `undefined` when there is no mark or it is not ours to read: the record then counts as foreign */
export function markFromText(text: string | undefined): OperationMark | undefined {
  if (text === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const fields = value as Readonly<Record<string, unknown>>;
  const { holder, step, timeoutMs, finishedEvents } = {
    holder: fields['holder'],
    step: fields['step'],
    timeoutMs: fields['timeoutMs'],
    finishedEvents: fields['finishedEvents'],
  };
  if (typeof holder !== 'string' || typeof timeoutMs !== 'number') return undefined;
  return {
    holder,
    step: typeof step === 'string' ? step : '',
    timeoutMs,
    finishedEvents: (Array.isArray(finishedEvents) ? finishedEvents : []) as readonly HookEvent[],
  };
}
