// SPDX-License-Identifier: Apache-2.0

/** Counts what was asked of an API server, from its audit log. */

import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createInterface } from 'node:readline';

const LONGEST_LINE_BYTES = 64 * 1024;

/** One request, as the audit log has it. */
export interface AuditEvent {
  readonly userAgent: string;
  readonly user: string;
  readonly verb: string;
  readonly path: string;
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
  readonly status: number;
  readonly stage: string;
  readonly atMs: number;
}

interface RawEvent {
  readonly userAgent?: string;
  readonly user?: { readonly username?: string };
  readonly verb?: string;
  readonly requestURI?: string;
  readonly stage?: string;
  readonly objectRef?: {
    resource?: string;
    subresource?: string;
    namespace?: string;
    name?: string;
  };
  readonly responseStatus?: { readonly code?: number };
  readonly requestReceivedTimestamp?: string;
}

/** A place in the log, at the end of a line: what comes after it is what happened since. */
export async function markAudit(auditLog: string): Promise<number> {
  const { size } = await stat(auditLog);
  const from = Math.max(0, size - LONGEST_LINE_BYTES);
  let tail = Buffer.alloc(0);
  for await (const part of createReadStream(auditLog, { start: from, end: Math.max(0, size - 1) }))
    tail = Buffer.concat([tail, part as Buffer]);
  return from + tail.lastIndexOf('\n') + 1;
}

/**
 * The finished requests (and the watches that were opened) since a mark.
 *
 * @param agent prefix of the user agent; empty takes all
 * @param end another, later mark; default: the end of the log
 */
export async function auditSince(
  auditLog: string,
  mark: number,
  agent: string,
  end: number = Infinity,
): Promise<readonly AuditEvent[]> {
  if (end <= mark) return [];
  const events: AuditEvent[] = [];
  const lines = createInterface({
    input: createReadStream(auditLog, { start: mark, end: end - 1 }),
  });
  for await (const line of lines) {
    const event = parseEvent(line);
    if (event === undefined || !event.userAgent.startsWith(agent)) continue;
    // A watch is counted once, when it is opened; anything else once, when it is answered.
    const isCounted =
      event.verb === 'watch'
        ? event.stage === 'ResponseStarted'
        : event.stage === 'ResponseComplete';
    if (isCounted) events.push(event);
  }
  return events;
}

/** Requests by `VERB resource`, sorted, for a readable assertion. */
export function tally(events: readonly AuditEvent[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const event of events) {
    const key = `${event.verb} ${event.resource === '' ? event.path : event.resource}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function parseEvent(line: string): AuditEvent | undefined {
  let raw: RawEvent;
  try {
    raw = JSON.parse(line) as RawEvent;
  } catch {
    return undefined; // the line being written right now
  }
  const ref = raw.objectRef ?? {};
  return {
    userAgent: raw.userAgent ?? '',
    user: raw.user?.username ?? '',
    verb: raw.verb ?? '',
    path: (raw.requestURI ?? '').split('?')[0] ?? '',
    resource:
      ref.subresource === undefined ? (ref.resource ?? '') : `${ref.resource}/${ref.subresource}`,
    namespace: ref.namespace ?? '',
    name: ref.name ?? '',
    status: raw.responseStatus?.code ?? 0,
    stage: raw.stage ?? '',
    atMs: Date.parse(raw.requestReceivedTimestamp ?? ''),
  };
}
