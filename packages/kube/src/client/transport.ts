// SPDX-License-Identifier: Apache-2.0

import type { Readable } from 'node:stream';

/** Long-lived answers (watches) and short ones never share a connection: the API server caps streams per connection. */
export type Lane = 'request' | 'watch';

export type HeaderValue = string | readonly string[];

export interface TransportRequest {
  readonly method: string;
  /** Path and query below the server URL. */
  readonly path: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, HeaderValue>>;
  readonly body: Uint8Array | undefined;
  readonly lane: Lane;
  /** Ends the request and its answer. */
  readonly signal: AbortSignal;
}

export interface TransportAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Must be read to its end or destroyed. */
  readonly body: Readable;
}

/** Carries requests to one server. */
export interface Transport {
  /** @throws {TransportError} no answer came; the signal's reason when it was aborted */
  send(request: TransportRequest): Promise<TransportAnswer>;
  /** New requests open new connections, e.g. because the client certificate changed; running ones end in peace. */
  renew(): void;
  /** Ends every connection and what runs on them. */
  close(): void;
  /** Open connections and the requests on them. */
  stats(): TransportStats;
}

export interface TransportStats {
  readonly protocol: 'unknown' | 'http/1.1' | 'h2';
  readonly connections: number;
  readonly active: number;
}

/** No answer came. */
export class TransportError extends Error {
  override readonly name: string = 'TransportError';
  /** `false`: the server cannot have seen the request, so it can be sent again whatever it does. */
  readonly wasSent: boolean;
  /** `false`: the same would happen again at once (a certificate that does not fit). */
  readonly mayPass: boolean;

  constructor(message: string, how: { wasSent: boolean; mayPass?: boolean; cause?: unknown }) {
    super(message, { cause: how.cause });
    this.wasSent = how.wasSent;
    this.mayPass = how.mayPass ?? true;
  }
}

/** The message of an error of the network, inner ones of an `AggregateError` included. */
export function networkMessage(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') {
    return error.errors.map(networkMessage).join('; ');
  }
  return error instanceof Error ? error.message : String(error);
}
