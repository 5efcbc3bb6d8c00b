// SPDX-License-Identifier: Apache-2.0

/**
 * HTTP/2 sessions to one server, never loaded beyond what the server announced.
 *
 * The API server announces 100 concurrent streams per connection and lets the 101st wait for ever (measured), so a stream is only
 * opened where a place is free. A session that got GOAWAY, or that does not answer pings, takes no new streams.
 */

import { type ClientHttp2Session, connect } from 'node:http2';
import type { OpenedSocket } from './open-socket.ts';
import { networkMessage, TransportError } from './transport.ts';

export interface SessionPoolOptions {
  /** Opens a connection that speaks h2. */
  readonly open: () => Promise<OpenedSocket>;
  /** The server URL, for `:authority`. */
  readonly authority: string;
  /** Most streams on one session; default 90. */
  readonly streamLimit?: number | undefined;
  /** Most sessions; default unlimited (each request finds a place sooner or later). */
  readonly sessionLimit?: number | undefined;
  /** Time between two pings of a session in use, in milliseconds; default 30,000. */
  readonly pingIntervalMs?: number | undefined;
  /** Time for the answer to a ping, in milliseconds; default 15,000. */
  readonly pingLimitMs?: number | undefined;
}

/** A place for one stream. */
export interface SessionLease {
  readonly session: ClientHttp2Session;
  /** Gives the place back; once. */
  release(): void;
}

const STREAM_LIMIT = 90;
const PING_INTERVAL_MS = 30_000;
const PING_LIMIT_MS = 15_000;
const SETTINGS_LIMIT_MS = 10_000;
/** Node's 64 KiB would hold a 10 MB list down to one window per round trip. */
const STREAM_WINDOW_BYTES = 4 << 20;
const SESSION_WINDOW_BYTES = 32 << 20;
const SESSION_MEMORY_MB = 128;
/** Sessions nobody used for that long are closed, in pings. */
const IDLE_PINGS = 3;

class PooledSession {
  readonly ready: Promise<ClientHttp2Session>;
  active = 0;
  limit: number;
  isDraining = false;
  session: ClientHttp2Session | undefined;
  idlePings = 0;

  constructor(ready: Promise<ClientHttp2Session>, limit: number) {
    this.ready = ready;
    this.limit = limit;
  }
}

/** Sessions of one lane. */
export class SessionPool {
  readonly #options: SessionPoolOptions;
  #sessions: PooledSession[] = [];
  #waiting: (() => void)[] = [];
  #isClosed = false;

  constructor(options: SessionPoolOptions) {
    this.#options = options;
  }

  /**
   * Waits for a place.
   *
   * @throws {TransportError} no session could be opened
   */
  async acquire(signal: AbortSignal): Promise<SessionLease> {
    for (;;) {
      signal.throwIfAborted();
      if (this.#isClosed)
        throw new TransportError('the client is closed', { wasSent: false, mayPass: false });
      const pooled = this.#findPlace() ?? this.#openAnother();
      if (pooled === undefined) {
        await this.#waitForPlace(signal);
        continue;
      }
      pooled.active += 1;
      const rank = pooled.active;
      const session = await abortable(pooled.ready, signal).catch((error: unknown) => {
        this.#release(pooled);
        throw error;
      });
      // Only now is the server's own limit known.
      if (rank > pooled.limit || pooled.isDraining || session.closed || session.destroyed) {
        this.#release(pooled);
        continue;
      }
      session.ref();
      let isReleased = false;
      return {
        session,
        release: () => {
          if (!isReleased) this.#release(pooled);
          isReleased = true;
        },
      };
    }
  }

  renew(): void {
    for (const pooled of this.#sessions) this.#drain(pooled);
  }

  close(): void {
    this.#isClosed = true;
    for (const pooled of this.#sessions) {
      pooled.isDraining = true;
      pooled.session?.destroy();
    }
    this.#wake();
  }

  stats(): { readonly connections: number; readonly active: number } {
    return {
      connections: this.#sessions.length,
      active: this.#sessions.reduce((sum, { active }) => sum + active, 0),
    };
  }

  #findPlace(): PooledSession | undefined {
    return this.#sessions.find(({ isDraining, active, limit }) => !isDraining && active < limit);
  }

  #openAnother(): PooledSession | undefined {
    const usable = this.#sessions.filter(({ isDraining }) => !isDraining);
    if (usable.length >= (this.#options.sessionLimit ?? Number.POSITIVE_INFINITY)) return undefined;
    const limit = this.#options.streamLimit ?? STREAM_LIMIT;
    const pooled: PooledSession = new PooledSession(
      this.#connect(() => pooled),
      limit,
    );
    pooled.ready.catch(() => this.#forget(pooled));
    this.#sessions.push(pooled);
    return pooled;
  }

  async #connect(self: () => PooledSession): Promise<ClientHttp2Session> {
    const { socket, protocol } = await this.#options.open();
    if (protocol !== 'h2') {
      socket.destroy();
      throw new NoHttp2Error();
    }
    const session = connect(this.#options.authority, {
      createConnection: () => socket,
      settings: { enablePush: false, initialWindowSize: STREAM_WINDOW_BYTES },
      maxSessionMemory: SESSION_MEMORY_MB,
    });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    session.on('error', (error) => reject(lostSession(error)));
    session.once('close', () => {
      this.#forget(self());
      reject(lostSession(undefined));
    });
    session.once('goaway', () => this.#drain(self()));
    session.once('remoteSettings', () => resolve());
    const timer = setTimeout(
      () => session.destroy(new Error('the server sent no HTTP/2 settings')),
      SETTINGS_LIMIT_MS,
    );
    await promise.finally(() => clearTimeout(timer));
    const pooled = self();
    pooled.session = session;
    pooled.limit = Math.min(
      pooled.limit,
      session.remoteSettings.maxConcurrentStreams ?? pooled.limit,
    );
    if (this.#isClosed) session.destroy();
    session.setLocalWindowSize(SESSION_WINDOW_BYTES);
    this.#keepAlive(pooled, session);
    return session;
  }

  #keepAlive(pooled: PooledSession, session: ClientHttp2Session): void {
    const interval = setInterval(() => {
      pooled.idlePings = pooled.active === 0 ? pooled.idlePings + 1 : 0;
      if (pooled.idlePings >= IDLE_PINGS) return this.#drain(pooled);
      if (pooled.active > 0) this.#ping(session);
    }, this.#options.pingIntervalMs ?? PING_INTERVAL_MS);
    interval.unref();
    session.once('close', () => clearInterval(interval));
  }

  #ping(session: ClientHttp2Session): void {
    if (session.destroyed) return;
    const limitMs = this.#options.pingLimitMs ?? PING_LIMIT_MS;
    const timer = setTimeout(() => {
      session.destroy(new Error(`the API server did not answer a ping within ${limitMs} ms`));
    }, limitMs);
    timer.unref();
    session.ping(() => clearTimeout(timer));
  }

  #release(pooled: PooledSession): void {
    pooled.active -= 1;
    if (pooled.active === 0 && pooled.session?.destroyed === false) {
      if (pooled.isDraining) pooled.session.close();
      else pooled.session.unref();
    }
    this.#wake();
  }

  #drain(pooled: PooledSession): void {
    pooled.isDraining = true;
    if (pooled.active === 0 && pooled.session?.destroyed === false) pooled.session.close();
    this.#wake();
  }

  #forget(pooled: PooledSession): void {
    pooled.isDraining = true;
    this.#sessions = this.#sessions.filter((other) => other !== pooled);
    this.#wake();
  }

  #waitForPlace(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push(resolve);
    return abortable(promise, signal);
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }
}

/** The server chose HTTP/1.1 in the TLS handshake. */
export class NoHttp2Error extends TransportError {
  override readonly name: string = 'NoHttp2Error';
  constructor() {
    super('the server does not speak HTTP/2', { wasSent: false });
  }
}

function lostSession(cause: unknown): TransportError {
  const message = cause === undefined ? 'the server closed the connection' : networkMessage(cause);
  return new TransportError(message, { wasSent: false, cause });
}

/** Waits for `promise` or for the signal, and leaves no listener behind. */
async function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
