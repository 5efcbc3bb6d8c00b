// SPDX-License-Identifier: Apache-2.0

/** A moment as records hold it: RFC 3339 in UTC, the fraction without trailing zeros, as Go prints it. */
export function recordTime(epochMs: number): string {
  const text = new Date(epochMs).toISOString();
  const fraction = text.slice(20, 23).replace(/0+$/, '');
  return `${text.slice(0, 19)}${fraction === '' ? '' : `.${fraction}`}Z`;
}

/** @returns milliseconds since 1970; `undefined` for Go's zero time */
export function parseRecordTime(text: string): number | undefined {
  const ms = Date.parse(text);
  return text === '' || Number.isNaN(ms) || text.startsWith('0001-') ? undefined : ms;
}
