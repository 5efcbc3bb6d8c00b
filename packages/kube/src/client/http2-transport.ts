// SPDX-License-Identifier: Apache-2.0

import { type ClientHttp2Stream, constants, type OutgoingHttpHeaders } from 'node:http2';
import { PassThrough, type Readable } from 'node:stream';
import { SessionPool, type SessionPoolOptions } from './session-pool.ts';
import {
  networkMessage,
  type Transport,
  type TransportAnswer,
  TransportError,
  type TransportRequest,
} from './transport.ts';

/** How much of an answer may wait to be read. */
const TAKEN_BYTES = 4 << 20;

/** Requests over shared HTTP/2 connections, watches and requests on connections of their own. */
export function http2Transport(options: SessionPoolOptions): Transport {
  const pools = { request: new SessionPool(options), watch: new SessionPool(options) };
  return {
    async send(request) {
      const lease = await pools[request.lane].acquire(request.signal);
      try {
        const headers: OutgoingHttpHeaders = { ...request.headers } as OutgoingHttpHeaders;
        const stream = lease.session.request(
          { ...headers, ':method': request.method, ':path': request.path },
          { endStream: request.body === undefined },
        );
        stream.once('close', () => lease.release());
        return await answerOf(stream, request);
      } catch (error) {
        lease.release();
        throw asTransportError(error, request.signal);
      }
    },
    renew() {
      pools.request.renew();
      pools.watch.renew();
    },
    close() {
      pools.request.close();
      pools.watch.close();
    },
    stats() {
      const [request, watch] = [pools.request.stats(), pools.watch.stats()];
      return {
        protocol: 'h2',
        connections: request.connections + watch.connections,
        active: request.active + watch.active,
      };
    },
  };
}

function asTransportError(error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  if (error instanceof TransportError) return error;
  // `session.request` itself threw: the session was closing, or (TypeError) a header cannot be sent.
  const isHeader = error instanceof TypeError;
  const message = isHeader ? 'a header cannot be sent' : networkMessage(error);
  return new TransportError(message, { wasSent: false, mayPass: !isHeader, cause: error });
}

async function answerOf(
  stream: ClientHttp2Stream,
  request: TransportRequest,
): Promise<TransportAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<TransportAnswer>();
  const abort = () => {
    reject(request.signal.reason);
    stream.close(constants.NGHTTP2_CANCEL);
    stream.destroy();
  };
  request.signal.addEventListener('abort', abort, { once: true });
  let failure: unknown;
  let isAnswered = false;
  stream.on('error', (error) => {
    failure = error;
  });
  stream.once('close', () => {
    request.signal.removeEventListener('abort', abort);
    // An error is dear: it writes down where it was made.
    if (!isAnswered) reject(streamError(stream, failure));
  });
  stream.once('response', (headers) => {
    isAnswered = true;
    resolve({ status: Number(headers[':status'] ?? 0), headers, body: taken(stream) });
  });
  if (request.signal.aborted) abort();
  if (request.body !== undefined) stream.end(request.body);
  return promise;
}

/**
 * Takes what comes at once: a server that sent GOAWAY may close the connection behind an answer that is complete, and Node then drops what
 * nobody has read yet (seen with kube-apiserver --goaway-chance). Node also ends a stream whose connection was cut as if it were
 * complete; here that is an error.
 */
function taken(stream: ClientHttp2Stream): Readable {
  const body = new PassThrough({ highWaterMark: TAKEN_BYTES });
  stream.on('data', (chunk: Buffer) => {
    if (body.write(chunk)) return;
    stream.pause();
    body.once('drain', () => stream.resume());
  });
  const end = () => {
    if (body.writableEnded || body.destroyed) return;
    if (stream.readableEnded && !stream.aborted && !stream.rstCode) body.end();
    else body.destroy(new Error('the connection was lost within the answer'));
  };
  stream.once('end', end).once('close', end);
  body.once('close', () => {
    if (!stream.destroyed) stream.close(constants.NGHTTP2_CANCEL);
  });
  // Who reads the body sees its errors; who has left does not care.
  body.on('error', () => undefined);
  return body;
}

function streamError(stream: ClientHttp2Stream, failure: unknown): TransportError {
  const code = failure instanceof Error && 'code' in failure ? failure.code : undefined;
  const wasRefused =
    stream.rstCode === constants.NGHTTP2_REFUSED_STREAM || code === 'ERR_HTTP2_GOAWAY_SESSION';
  const message =
    failure === undefined
      ? 'the server closed the stream without an answer'
      : networkMessage(failure);
  return new TransportError(message, { wasSent: !wasRefused, cause: failure });
}
