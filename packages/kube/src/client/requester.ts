// SPDX-License-Identifier: Apache-2.0

/**
 * Calls to one API server: credentials, time limits, retries, errors.
 *
 * Source:  kubernetes@v1.36.3 client-go/rest/request.go, with_retry.go
 * Differs: a refused or never opened connection is tried again for every verb; 429 without `Retry-After` too.
 */

import type { Clock } from '../clock.ts';
import type { Identity } from '../cluster.ts';
import type { Credential, CredentialSource } from '../config/credentials.ts';
import { errorOfAnswer, KubeError } from '../errors.ts';
import { type Deadline, startDeadline } from './deadline.ts';
import { impersonationHeaders } from './impersonation.ts';
import { readBody } from './read-body.ts';
import {
  type HeaderValue,
  type Lane,
  type Transport,
  type TransportAnswer,
  TransportError,
} from './transport.ts';

export interface Call {
  /** For messages: `get Deployment default/web`. */
  readonly doing: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below the server URL, with its query. */
  readonly path: string;
  readonly identity: Identity | undefined;
  readonly accept?: string | undefined;
  readonly contentType?: string | undefined;
  readonly body?: string | undefined;
  readonly lane?: Lane | undefined;
  /** Sending it twice does what sending it once does. */
  readonly isIdempotent?: boolean | undefined;
  readonly mayCompress?: boolean | undefined;
  readonly limitBytes?: number | undefined;
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: Buffer;
}

export interface RequesterContext {
  readonly server: string;
  readonly transport: Transport;
  readonly credentials: CredentialSource;
  /** The client certificate is a file, which may have been renewed since the connections were opened. */
  readonly hasCertificateFile: boolean;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly userAgent: string;
  readonly isCompressionDisabled: boolean;
  /** What the API server warns of (deprecated versions, unknown fields). */
  readonly onWarning?: ((warning: string, doing: string) => void) | undefined;
}

const TIMEOUT_MS = 30_000;
const LIMIT_BYTES = 64 << 20;
const ERROR_LIMIT_BYTES = 1 << 20;
/** Tries when no answer came, and when the server asked to come again. */
const UNREACHABLE_TRIES = 5;
const BUSY_TRIES = 10;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

interface Attempts {
  tries: number;
  hasRenewed: boolean;
}

export class Requester {
  readonly context: RequesterContext;
  #certificate: Credential['certificate'];

  constructor(context: RequesterContext) {
    this.context = context;
  }

  /**
   * Sends a call and reads its whole answer.
   *
   * @throws {KubeError}
   * @throws the signal's reason when it was aborted
   */
  async call(call: Call): Promise<Answer> {
    const deadline = startDeadline(call.timeoutMs ?? TIMEOUT_MS, call.signal);
    try {
      const attempts: Attempts = { tries: 0, hasRenewed: false };
      for (;;) {
        const answer = await this.#answer(call, deadline, attempts);
        const body = await this.#body(call, answer, deadline, attempts);
        if (body === 'again') continue;
        return { status: answer.status, contentType: header(answer, 'content-type'), body };
      }
    } catch (error) {
      throw this.#errorOf(call, deadline, error);
    } finally {
      deadline.end();
    }
  }

  /**
   * Sends a call and hands over its answer as a stream, which ends with `call.signal`.
   * `timeoutMs` covers the time until the answer begins.
   *
   * @throws {KubeError}
   */
  async open(call: Call & { readonly signal: AbortSignal }): Promise<TransportAnswer> {
    const deadline = startDeadline(call.timeoutMs ?? TIMEOUT_MS, call.signal);
    try {
      const answer = await this.#answer(call, deadline, { tries: 0, hasRenewed: false });
      deadline.lift();
      answer.body.once('close', () => deadline.end());
      return answer;
    } catch (error) {
      deadline.end();
      throw this.#errorOf(call, deadline, error);
    }
  }

  async #body(
    call: Call,
    answer: TransportAnswer,
    deadline: Deadline,
    attempts: Attempts,
  ): Promise<Buffer | 'again'> {
    try {
      return await readBody(answer, call.limitBytes ?? LIMIT_BYTES, call.doing);
    } catch (error) {
      if (error instanceof KubeError || deadline.signal.aborted) throw error;
      const lost = new TransportError('the connection was lost within the answer', {
        wasSent: true,
        cause: error,
      });
      await this.#pauseOrThrow(call, lost, deadline, attempts);
      return 'again';
    }
  }

  /** An answer below 400; everything else has become another try or an error. */
  async #answer(call: Call, deadline: Deadline, attempts: Attempts): Promise<TransportAnswer> {
    for (;;) {
      let answer: TransportAnswer;
      try {
        answer = await this.#send(call, deadline);
      } catch (error) {
        if (!(error instanceof TransportError)) throw error;
        await this.#pauseOrThrow(call, error, deadline, attempts);
        continue;
      }
      this.#warn(call, answer);
      if (answer.status < 400) return answer;
      const text = (await readBody(answer, ERROR_LIMIT_BYTES, call.doing)).toString('utf8');
      const error = errorOfAnswer(call.doing, answer.status, text);
      if (error.status === 401 && !attempts.hasRenewed && (await this.#renewCredentials())) {
        attempts.hasRenewed = true;
        continue;
      }
      await this.#waitAsAsked(call, answer, error, { deadline, attempts });
    }
  }

  /** @returns whether the next try may show something else */
  async #renewCredentials(): Promise<boolean> {
    const { credentials, transport, hasCertificateFile } = this.context;
    if (hasCertificateFile) transport.renew();
    if (credentials.isRenewable) await credentials.read(true);
    return hasCertificateFile || credentials.isRenewable;
  }

  async #send(call: Call, deadline: Deadline): Promise<TransportAnswer> {
    const { transport, credentials } = this.context;
    const credential = await credentials.read(false);
    if (this.#certificate !== credential.certificate) {
      if (this.#certificate !== undefined) transport.renew();
      this.#certificate = credential.certificate;
    }
    return transport.send({
      method: call.method,
      path: call.path,
      headers: this.#headers(call, credential),
      body: call.body === undefined ? undefined : Buffer.from(call.body, 'utf8'),
      lane: call.lane ?? 'request',
      signal: deadline.signal,
    });
  }

  #headers(call: Call, credential: Credential): Record<string, HeaderValue> {
    const headers: Record<string, HeaderValue> = {
      accept: call.accept ?? 'application/json',
      'user-agent': this.context.userAgent,
      ...impersonationHeaders(call.identity),
    };
    if (credential.authorization !== undefined) headers['authorization'] = credential.authorization;
    if (call.mayCompress === true && !this.context.isCompressionDisabled) {
      headers['accept-encoding'] = 'gzip';
    }
    if (call.body !== undefined) {
      headers['content-type'] = call.contentType ?? 'application/json';
      headers['content-length'] = String(Buffer.byteLength(call.body));
    }
    return Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, headerBytes(value, name, call.doing)]),
    );
  }

  async #pauseOrThrow(
    call: Call,
    error: TransportError,
    deadline: Deadline,
    attempts: Attempts,
  ): Promise<void> {
    attempts.tries += 1;
    const isSafe = !error.wasSent || isIdempotent(call);
    if (!isSafe || !error.mayPass || attempts.tries >= UNREACHABLE_TRIES) throw error;
    const pauseMs = this.#backOffMs(attempts.tries);
    if (pauseMs >= deadline.leftMs()) throw error;
    await this.context.clock.sleep(pauseMs, deadline.signal);
  }

  /** Waits when the server asked for it, or when it is safe to ask again; else throws `error`. */
  async #waitAsAsked(
    call: Call,
    answer: TransportAnswer,
    error: KubeError,
    { deadline, attempts }: { deadline: Deadline; attempts: Attempts },
  ): Promise<void> {
    const askedMs = retryAfterMs(answer);
    const isBusy = answer.status === 429 || answer.status >= 500;
    const isGateway = answer.status >= 502 && answer.status <= 504;
    const mayRepeat =
      askedMs !== undefined || answer.status === 429 || (isGateway && isIdempotent(call));
    attempts.tries += 1;
    if (!isBusy || !mayRepeat || attempts.tries >= BUSY_TRIES) throw error;
    const pauseMs = askedMs ?? this.#backOffMs(attempts.tries);
    if (pauseMs >= deadline.leftMs()) throw error;
    await this.context.clock.sleep(pauseMs, deadline.signal);
  }

  #backOffMs(tries: number): number {
    const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (tries - 1));
    return pauseMs * (0.5 + this.context.random() / 2);
  }

  #warn(call: Call, answer: TransportAnswer): void {
    const { onWarning } = this.context;
    if (onWarning === undefined) return;
    for (const [, quoted] of header(answer, 'warning').matchAll(/299 \S+ "((?:[^"\\]|\\.)*)"/g)) {
      onWarning((quoted ?? '').replace(/\\(.)/g, '$1'), call.doing);
    }
  }

  #errorOf(call: Call, deadline: Deadline, error: unknown): unknown {
    if (call.signal?.aborted === true) return call.signal.reason;
    if (deadline.hasExpired) {
      return new KubeError({
        code: 'kube/timeout',
        message: `${call.doing}: no answer from ${this.context.server} within ${(call.timeoutMs ?? TIMEOUT_MS) / 1000} s`,
        cause: error,
      });
    }
    if (!(error instanceof TransportError)) return error;
    return new KubeError({
      code: 'kube/unreachable',
      message: `${call.doing}: cannot reach the API server ${this.context.server}: ${error.message}`,
      serverMessage: error.message,
      cause: error,
    });
  }
}

/** UTF-8 as the one-byte characters in which Node sends headers. */
function headerBytes(value: HeaderValue, name: string, doing: string): HeaderValue {
  if (typeof value !== 'string') return value.map((one) => String(headerBytes(one, name, doing)));
  for (const character of value) {
    if (character >= ' ' && character !== '\x7f') continue;
    const message = `${doing}: the header ${name} would hold a control character; look at the token or the names to act as`;
    throw new KubeError({ code: 'kube/config', message });
  }
  return Buffer.from(value, 'utf8').toString('latin1');
}

function isIdempotent(call: Call): boolean {
  return call.isIdempotent ?? call.method === 'GET';
}

function header(answer: TransportAnswer, name: string): string {
  const value = answer.headers[name];
  return Array.isArray(value) ? value.join(', ') : (value ?? '');
}

function retryAfterMs(answer: TransportAnswer): number | undefined {
  const text = header(answer, 'retry-after');
  return /^\d{1,6}$/.test(text) ? Number(text) * 1000 : undefined;
}
