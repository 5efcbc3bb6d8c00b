// SPDX-License-Identifier: Apache-2.0

/** One exchange with a server, as the registry client needs it. */

export interface TransportRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string | undefined;
  readonly signal: AbortSignal;
}

export interface TransportResponse {
  readonly status: number;
  /** @param name in lower case @returns the first value */
  readonly header: (name: string) => string | undefined;
  readonly body: AsyncIterable<Uint8Array>;
  /** Reads the rest away. */
  readonly discard: () => Promise<void>;
}

/**
 * Sends one request. Redirects are not followed: each hop is the caller's decision.
 *
 * @throws {FetchError} the server cannot be reached
 */
export type Transport = (request: TransportRequest) => Promise<TransportResponse>;
