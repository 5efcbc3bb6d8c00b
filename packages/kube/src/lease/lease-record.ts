// SPDX-License-Identifier: Apache-2.0

import type { Json, JsonObject } from '../cluster.ts';

/** What a Lease says. */
export interface LeaseRecord {
  /** Empty when nobody holds it. */
  readonly holder: string;
  readonly durationSeconds: number;
  readonly acquireMs: number;
  readonly renewMs: number;
  readonly transitions: number;
}

/** Reads `spec` of a Lease; absent fields are zero. */
export function decodeLease(lease: JsonObject): LeaseRecord {
  const spec = specOf(lease);
  return {
    holder: typeof spec['holderIdentity'] === 'string' ? spec['holderIdentity'] : '',
    durationSeconds: numberOf(spec['leaseDurationSeconds']),
    acquireMs: timeOf(spec['acquireTime']),
    renewMs: timeOf(spec['renewTime']),
    transitions: numberOf(spec['leaseTransitions']),
  };
}

/** `spec` of a Lease; fields of `before` that are not ours stay. */
export function encodeLease(record: LeaseRecord, before: JsonObject | undefined): JsonObject {
  return {
    ...(before === undefined ? {} : specOf(before)),
    holderIdentity: record.holder,
    leaseDurationSeconds: record.durationSeconds,
    acquireTime: microTime(record.acquireMs),
    renewTime: microTime(record.renewMs),
    leaseTransitions: record.transitions,
  };
}

function specOf(lease: JsonObject): JsonObject {
  const spec = lease['spec'];
  return typeof spec === 'object' && spec !== null && !Array.isArray(spec) ? spec : {};
}

function numberOf(value: Json | undefined): number {
  return typeof value === 'number' ? value : 0;
}

function timeOf(value: Json | undefined): number {
  const ms = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(ms) ? 0 : ms;
}

/** A Kubernetes `MicroTime`: six digits after the point. */
function microTime(ms: number): string {
  return new Date(ms).toISOString().replace(/Z$/, '000Z');
}
